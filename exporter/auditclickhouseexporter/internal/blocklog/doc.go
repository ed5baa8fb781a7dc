// Package blocklog is a durable log of blocks of bytes: what was committed to it is on the disk, synced, until it is done.
// It knows nothing of what the bytes mean.
//
// Three calls write blocks, on behalf of different goroutines, so the number that a block gets is only known inside the log's
// lock. They take a [Build], which is told the number of its first block and gives the commit:
//
//	Commit(build Build) error
//	Done(id uint64, then Build) error                  // then may be nil
//	TakeNotes(take func(first uint64, notes [][]byte) (Commit, error)) error
//
// A commit is one frame: all of it is there after a crash, or nothing. An error of any of these means that nothing changed,
// and the log can be used on.
//
// Where to find what:
//
//	log.go       Log, Options, Open and Close
//	commit.go    what a commit is, and Commit
//	plans.go     Plan, Plans, Done
//	notes.go     TakeNotes
//	read.go      Blocks, Read: what waits, and its bytes
//	stored.go    IsStored, WaitStored
//	window.go    Records, Forget: replay records and the files that keep them when their segment is gone
//	append.go    the one way a frame gets to the disk; new segments; what follows a failed write or sync
//	retire.go, window_copy.go   deletes segments that are done, once their records are copied
//	reserve.go   a full disk, and the bytes kept back for it
//	recover.go, recover_files.go, recover_segment.go   Open: files to state
//	scan.go      walks a file frame by frame, and finds the next one behind damage
//	segment.go   what is known of a segment, and its index
//	header.go, frame.go, control.go, table.go   the format; docs/blocklog.md describes it
//	disk.go, os_*.go, sync_*.go                 files, locks and syncs of the operating system
//	errors.go, report.go, stats.go              what is told of it all
package blocklog
