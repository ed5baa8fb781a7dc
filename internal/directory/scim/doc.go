// Package scim reads users and groups from a service of SCIM 2.0 (RFC 7643, RFC 7644).
//
//	source.go  all users, what has changed, one user     client.go  requests, pages, errors
//	groups.go  who is in which group                     path.go    names of attributes
package scim
