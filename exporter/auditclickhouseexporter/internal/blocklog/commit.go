package blocklog

import (
	"fmt"
	"math"
)

// Block is bytes to keep until they are done. Table and Header are given back with the list of what waits, Data when it is
// read.
type Block struct {
	Table  uint8
	Header []byte
	Data   []byte
}

// Record says that a record was taken, so that its repetition can be told.
type Record struct {
	ID      [16]byte
	Content uint64
	// Block is the block that holds the record: its index in Commit.Blocks where the record is written, its number where
	// it is read.
	Block uint64
}

// Commit is what becomes durable at once, or not at all. The log keeps nothing of it in memory but the headers.
type Commit struct {
	Blocks  []Block
	Records []Record
	Notes   []byte // kept until TakeNotes
}

func (c *Commit) empty() bool { return len(c.Blocks) == 0 && len(c.Records) == 0 && len(c.Notes) == 0 }

// Build makes a commit whose first block will have the number first, the next one first+1 and so on. It runs inside the
// log's lock and must not call the log. Nothing is written when it fails; its error is given back as it is.
type Build func(first uint64) (Commit, error)

// Commit writes what build gives and syncs it. When it returns nil, all of it is there whatever happens to process and
// machine; when it returns an error, nothing is, and the log can be used on. The error is [ErrFull] where there is no room,
// [ErrTooLarge], [ErrClosed], a [*DiskError], or build's.
func (l *Log) Commit(build Build) error {
	if err := l.Full(); err != nil {
		return err
	}
	l.writer.Lock()
	defer l.writer.Unlock()
	first, err := l.ready(false)
	if err != nil {
		return err
	}
	c, err := build(first)
	if err != nil || c.empty() {
		return err
	}
	return l.append(nil, c, writing{})
}

// check refuses what the format cannot hold.
func (c *Commit) check() error {
	if len(c.Blocks) > maxBlocks {
		return fmt.Errorf("%w: %d blocks, at most %d", ErrTooLarge, len(c.Blocks), maxBlocks)
	}
	for i := range c.Records {
		if c.Records[i].Block >= uint64(len(c.Blocks)) {
			return fmt.Errorf("block log: record %d names block %d of a commit of %d", i, c.Records[i].Block, len(c.Blocks))
		}
	}
	for i := range c.Blocks {
		if len(c.Blocks[i].Data) > math.MaxInt32 {
			return fmt.Errorf("%w: block of %d bytes, at most %d", ErrTooLarge, len(c.Blocks[i].Data), math.MaxInt32)
		}
	}
	return nil
}
