package blocklog

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"
)

const (
	defaultSegment = 64 << 20
	leastSegment   = 64 << 10
)

// Options of a log.
type Options struct {
	// MaxBytes bounds what the files take, 0 for no bound. What drains the log may go a little beyond.
	MaxBytes int64
	// SegmentBytes is the length at which a new file is begun: 64 MiB where it is 0, and at most an eighth of MaxBytes,
	// because a file is only deleted as a whole.
	SegmentBytes int64

	// For tests.
	disk    disk
	now     func() time.Time
	reserve int64
}

// Log is an open log. It is safe for concurrent use.
type Log struct {
	dir     string
	options Options
	disk    disk
	now     func() time.Time
	lock    io.Closer
	identity

	// writer is held from before a frame is encoded until it is synced. It guards these:
	writer       sync.Mutex
	active       *segment // nil: the next write begins a new one
	previous     position // the segment before it, and how many of its bytes count
	nextSequence uint64
	nextPlan     uint64
	unsynced     []change // written since the last sync
	forgotten    bool     // unsynced is in no segment that counts
	buf          []byte

	// retiring is held while files are deleted, and where none may be.
	retiring      sync.Mutex
	unsyncedNames bool // a file was deleted, and may be there again after a crash

	// mu guards what is below and the segments. It is never held over I/O.
	mu       sync.Mutex
	closed   bool   // written with writer held too, so that the writer may read it
	next     uint64 // number of the next block; likewise
	segments []*segment
	windows  []*windowFile
	plans    map[uint64]Plan
	notes    []noteRef
	taken    position
	oldest   uint64 // records of blocks before this one need not be kept
	damage   []Damage
	written  int64
	ticks    uint64
	reserved bool // the reserve is there
	full     error
	tried    time.Time     // when it was last tried whether there is room again
	trouble  error         // of deleting files
	stored   chan struct{} // closed and replaced when blocks are done
	changed  chan struct{}
}

// Open opens the log of a directory, or makes one, and says what it found. The errors are [ErrLocked], [*VersionError] or
// [*DiskError]. Damage is no error: it is in the report.
func Open(dir string, options Options) (*Log, Report, error) {
	l := &Log{
		dir: dir, options: options, disk: options.disk, now: options.now, plans: map[uint64]Plan{},
		stored: make(chan struct{}), changed: make(chan struct{}, 1),
	}
	if l.disk == nil {
		l.disk = osDisk{}
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.options.reserve == 0 {
		l.options.reserve = reserveSize
	}
	if l.options.SegmentBytes <= 0 {
		l.options.SegmentBytes = defaultSegment
	}
	if m := l.options.MaxBytes; m > 0 {
		l.options.SegmentBytes = max(min(l.options.SegmentBytes, m/8), leastSegment)
	}
	report, err := l.open()
	if err != nil {
		l.closeFiles()
		if l.lock != nil {
			_ = l.lock.Close()
		}
		return nil, report, err
	}
	return l, report, nil
}

func (l *Log) open() (Report, error) {
	if err := l.disk.mkdir(l.dir); err != nil {
		return Report{}, diskError("make directory", l.dir, err)
	}
	var err error
	if l.lock, err = l.disk.lock(l.path("LOCK")); err != nil {
		return Report{}, fmt.Errorf("block log: %s: %w", l.dir, err)
	}
	return l.recover()
}

func (l *Log) path(name string) string { return filepath.Join(l.dir, name) }

// Name is a random id, made with the log and kept in it: 16 hexadecimal digits.
func (l *Log) Name() string { return fmt.Sprintf("%016x", l.name) }

// Close ends the log. Nothing is lost without it, but a log that was closed is known to end where it ends.
func (l *Log) Close() error {
	l.retiring.Lock()
	defer l.retiring.Unlock()
	l.writer.Lock()
	defer l.writer.Unlock()
	if l.closed {
		return nil
	}
	err := l.end()
	l.mu.Lock()
	l.closed = true
	close(l.stored)
	l.mu.Unlock()
	l.closeFiles()
	if e := l.lock.Close(); err == nil {
		err = diskError("close", "LOCK", e)
	}
	return err
}

// end writes the mark of a clean end, unless nothing was written since the log was opened.
func (l *Log) end() error {
	if l.active == nil && len(l.unsynced) == 0 {
		return nil
	}
	return l.append([]change{{op: opClosed}}, Commit{}, writing{drains: true})
}

func (l *Log) closeFiles() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		if s.file != nil {
			_ = s.file.Close()
			s.file = nil
		}
	}
}

// Numbers of blocks are 32 bits that are random at first and then ascend, and 32 that count. The first half changes when the
// second is used up, and when damage leaves open which numbers were given.

func firstEpoch() uint64 {
	return (randomNumber()>>33 | 1) << 32
}

func nextEpoch(next uint64) uint64 {
	return (next>>32 + 1 + randomNumber()>>48) << 32
}

func randomNumber() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

func (l *Log) setNext(next uint64) {
	l.mu.Lock()
	l.next = next
	l.mu.Unlock()
}
