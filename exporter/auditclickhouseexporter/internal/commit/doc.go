// Package commit takes requests and answers when they are durable. Callers that come at once share one write: each puts
// its records into the open draft of a lane, and one goroutine commits the drafts of all lanes together, blocks, replay
// records and counts in one synced frame of the block log.
//
//	committer.go  the lanes, and the goroutine that commits    draft.go  what a lane gathers between two commits
//	take.go       a request: what is new in it, waiting for the commit, receipts
package commit
