// Package follow follows a file of configuration: it is read at start and again whenever it has changed and keeps still. Where
// the new content is missing, too large or not taken, that from before stays, and is no longer fresh until a good one is there.
//
//	file.go  the file: reading it at one moment, start and shutdown
//	poll.go  noticing that it has changed
package follow
