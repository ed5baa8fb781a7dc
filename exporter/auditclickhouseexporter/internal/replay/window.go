// Package replay recognises records that were taken before. A sender that did not hear the answer sends again; the window
// tells its record (same id, same content: a replay, kept once) from another record of the same id (a conflict).
//
//	window.go  the window: what is known, what is on its way, what is forgotten    table.go  ids in memory
package replay

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
)

// ID identifies a record: the first half of the SHA-256 of tenant and record id. Ids of different tenants never meet, so
// that none can learn another's.
type ID [16]byte

// IDOf gives the ID of a record.
func IDOf(tenant, record string) ID {
	var buf [128]byte // enough for most, so that nothing is allocated
	b := binary.AppendUvarint(buf[:0], uint64(len(tenant)))
	b = append(b, tenant...)
	b = append(b, record...)
	sum := sha256.Sum256(b)
	return ID(sum[:len(ID{})])
}

// ContentOf stands for a record's content, given its keyed hash. The hash is keyed and long, so 64 bits of it tell two
// contents apart, and nobody without the key can make two that they do not.
func ContentOf(recordHash string) uint64 { return xxhash.Sum64String(recordHash) }

// Verdict is what the window says of a record.
type Verdict uint8

// Verdicts.
const (
	New      Verdict = iota // never seen: it is reserved now
	Replay                  // taken before, or on its way
	Conflict                // another record has its id
)

// Draft is records that become durable together, or not at all.
type Draft struct {
	// Done is closed when it is known what became of them.
	Done chan struct{}
	// Err is why they are not durable, nil where they are; valid when Done is closed.
	Err error
	// Blocks are the blocks that hold them; valid when Done is closed.
	Blocks []uint64
	// At is when they became durable.
	At time.Time

	number     uint32 // never 0
	generation uint64 // the latest one it has records in
}

// Window holds which records were taken, and in which draft each was. It forgets the oldest by halves, so that it needs no
// list of what came when. It is safe for concurrent use.
type Window struct {
	max int
	age time.Duration
	now func() time.Time

	mu       sync.Mutex
	drafts   map[uint32]*Draft
	last     uint32 // number of the latest draft; it begins again when those of long ago are forgotten
	turns    uint64 // how often the generation has changed, and 1
	current  generation
	previous generation
}

// generation is records that are forgotten together.
type generation struct {
	records *table
	began   time.Time
	drafts  []*Draft // that have records in it, or had before they were given up
}

// NewWindow makes a window that holds the latest maxRecords/2 records at least, maxRecords and those of one draft at most,
// and none longer than maxAge.
func NewWindow(maxRecords int, maxAge time.Duration) *Window {
	w := &Window{max: maxRecords, age: maxAge, now: time.Now, drafts: map[uint32]*Draft{}, turns: 1}
	w.current.records, w.previous.records = &table{}, &table{}
	w.current.began = w.now()
	return w
}

// NewDraft begins a draft.
func (w *Window) NewDraft() *Draft {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.newDraft()
}

func (w *Window) newDraft() *Draft {
	if w.last++; w.last == 0 {
		w.last++
	}
	return &Draft{Done: make(chan struct{}), number: w.last}
}

// Session looks at many records in one go, so that the lock is taken once a request.
type Session struct {
	w     *Window
	draft *Draft
}

// Begin locks the window until [Session.End]. Records that are new are reserved for the draft.
func (w *Window) Begin(d *Draft) Session {
	w.mu.Lock()
	w.turnWhenDue(w.now())
	w.enter(d)
	return Session{w, d}
}

// enter notes that the draft has records in the current generation.
func (w *Window) enter(d *Draft) {
	if d.generation == w.turns {
		return
	}
	d.generation = w.turns
	w.current.drafts = append(w.current.drafts, d)
	w.drafts[d.number] = d
}

// End unlocks the window.
func (s Session) End() { s.w.mu.Unlock() }

// Reserve says whether a record is known. A new one is known from now on, until its draft is given up. Of a replay it gives
// the draft that holds the record, which may be the session's own.
func (s Session) Reserve(id ID, content uint64) (Verdict, *Draft) {
	known, ok := s.w.current.records.find(&id)
	if !ok {
		known, ok = s.w.previous.records.find(&id)
	}
	switch {
	case !ok:
		s.w.current.records.insert(slot{id, content, s.draft.number})
		return New, s.draft
	case known.content != content:
		return Conflict, nil
	default:
		return Replay, s.w.drafts[known.draft]
	}
}

// Undo forgets a record that this session has reserved.
func (s Session) Undo(id ID) { s.w.current.records.remove(&id, s.draft.number) }

// GiveUp forgets the records of a draft, because they could not be made durable.
func (w *Window) GiveUp(d *Draft, ids func(yield func(ID) bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range ids {
		w.current.records.remove(&id, d.number)
		w.previous.records.remove(&id, d.number)
	}
}

// Load takes a record of the log as known, when the collector starts: oldest first, with the block that holds it and the
// time it was committed at.
func (w *Window) Load(id ID, content, block uint64, committed time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now().Sub(committed) >= w.age || w.knows(&id) {
		return
	}
	d := w.drafts[w.last]
	if d == nil || d.Blocks[0] != block {
		w.turnWhenDue(committed)
		d = w.newDraft()
		d.Blocks, d.At = []uint64{block}, committed
		close(d.Done)
		w.enter(d)
	}
	if w.current.records.used == 0 {
		w.current.began = committed
	}
	w.current.records.insert(slot{id, content, d.number})
}

func (w *Window) knows(id *ID) bool {
	if _, ok := w.current.records.find(id); ok {
		return true
	}
	_, ok := w.previous.records.find(id)
	return ok
}

// Horizon is the first block that may hold a record which is remembered: what came before needs to be kept no longer for
// the window's sake. ok is false where that cannot be told.
func (w *Window) Horizon() (block uint64, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turnWhenDue(w.now())
	for _, g := range []*generation{&w.previous, &w.current} {
		for _, d := range g.drafts {
			select {
			case <-d.Done:
				if len(d.Blocks) > 0 {
					return d.Blocks[0], true
				}
			default:
				return 0, false // on its way
			}
		}
	}
	return 0, false
}

// turnWhenDue begins a new generation where the current one is full or old, and forgets the one before.
func (w *Window) turnWhenDue(now time.Time) {
	if w.current.records.used < (w.max+1)/2 && now.Sub(w.current.began) < w.age/2 {
		return
	}
	forgotten := w.previous
	w.previous = w.current
	for _, d := range forgotten.drafts {
		if d.generation < w.turns { // otherwise it has records in the generation that is previous now
			delete(w.drafts, d.number)
		}
	}
	forgotten.records.reset()
	w.turns++
	w.current = generation{records: forgotten.records, drafts: forgotten.drafts[:0], began: now}
}

// Len is how many records are known.
func (w *Window) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.current.records.used + w.previous.records.used
}

// Close forgets everything and gives the memory back.
func (w *Window) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.current.records.free()
	w.previous.records.free()
}
