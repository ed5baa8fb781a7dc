package blocklog

import "fmt"

// Damage is one place where the bytes on the disk are not what was written.
type Damage struct {
	File   string // name within the directory
	Offset int64
	Bytes  int64
	What   string // what cannot be read: an entry, a block table, replay records, notes, a block
	First  uint64 // number of the first block that is lost with it, where that is known
	Blocks int    // how many are
}

func (d Damage) String() string {
	text := fmt.Sprintf("%s: %d bytes at %d are damaged: %s", d.File, d.Bytes, d.Offset, d.What)
	if d.Blocks > 0 {
		text += fmt.Sprintf(" (%d from number %d on)", d.Blocks, d.First)
	}
	return text
}

// Torn is what the last writes before a crash left: entries that nobody was told of. They were cut off.
type Torn struct {
	File   string
	Offset int64
	Bytes  int64
}

func (t Torn) String() string {
	return fmt.Sprintf("%s: %d bytes from %d on were not written to their end when the process or the machine stopped; "+
		"nothing in them had been acknowledged, and they were cut off", t.File, t.Bytes, t.Offset)
}

// Report says what Open found.
type Report struct {
	Name      string   // of the log
	Version   int      // format version that is written
	New       bool     // nothing was there
	Segments  int      // files of blocks
	Bytes     int64    // of all files of the log
	Blocks    int      // neither planned nor done
	Plans     int      // planned and not done
	Records   int      // replay records, of the window and of what waits
	Notes     int      // not yet taken
	Torn      []Torn   // what a crash cut short
	Damage    []Damage // every damaged place; blocks, records and notes are checked when they are read
	KeptAside []string // damaged files that earlier runs left for somebody to look at
}
