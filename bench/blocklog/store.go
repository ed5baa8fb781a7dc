package main

// store is one of the candidates, driven as the exporter drives its log. Numbers count from 1.
type store interface {
	// commit keeps a block and the replay records of what is in it, synced.
	commit(block, records []byte) error
	// plan keeps that blocks from first to last will be inserted together, synced.
	plan(first, last uint64) error
	read(number uint64, buf []byte) ([]byte, error)
	// done ends the plan and its blocks. It need not be durable at once.
	done(first, last uint64) error
	// forget says that records of blocks before a number need not be kept.
	forget(before uint64) error
	// found gives the numbers of the blocks that are there, ascending: after a restart.
	found() ([]uint64, error)
	close() error
}

const recordSize = 28

// opener opens a candidate in a directory.
type opener struct {
	name string
	open func(dir string) (store, error)
}
