package replay

import (
	"encoding/binary"

	"github.com/otelaudit/otelaudit/internal/offheap"
)

// table maps ids to what is known of them, in about 35 bytes a record outside of Go's heap: it is by far the largest thing that
// lives long. Ids are hashes already, so their bytes choose part and slot, and collisions go to the next free slot. Parts grow
// one by one and a quarter at a time, so that growing neither doubles the memory nor takes long.
type table struct {
	parts [tableParts]part
	used  int
}

const (
	tableParts = 64
	minSlots   = 128
	slotSize   = 28 // id, content, draft
)

// slot is one record; draft 0 is an empty slot.
type slot struct {
	id      ID
	content uint64
	draft   uint32
}

// part is slots, at most seven of eight used.
type part struct {
	bytes []byte
	slots int
	used  int
}

func (t *table) part(id *ID) *part { return &t.parts[id[0]%tableParts] }

// find gives the slot of an id.
func (t *table) find(id *ID) (slot, bool) {
	p := t.part(id)
	if p.used == 0 {
		return slot{}, false
	}
	i, ok := p.find(id)
	if !ok {
		return slot{}, false
	}
	return p.at(i), true
}

// insert adds an id that is not there.
func (t *table) insert(s slot) {
	p := t.part(&s.id)
	if (p.used+1)*8 > p.slots*7 {
		p.grow()
	}
	p.insert(&s)
	t.used++
}

// remove takes an id out, where it is there and of that draft.
func (t *table) remove(id *ID, draft uint32) {
	p := t.part(id)
	if p.used == 0 {
		return
	}
	if i, ok := p.find(id); ok && p.draft(i) == draft {
		p.remove(i)
		t.used--
	}
}

// reset empties the table and keeps its memory.
func (t *table) reset() {
	for i := range t.parts {
		clear(t.parts[i].bytes)
		t.parts[i].used = 0
	}
	t.used = 0
}

// free gives the memory back. The table is empty then, and can be used again.
func (t *table) free() {
	for i := range t.parts {
		offheap.Free(t.parts[i].bytes)
	}
	*t = table{}
}

func (p *part) raw(i int) []byte { return p.bytes[i*slotSize : (i+1)*slotSize] }

func (p *part) draft(i int) uint32 { return binary.LittleEndian.Uint32(p.raw(i)[24:]) }

func (p *part) at(i int) slot {
	b := p.raw(i)
	return slot{ID(b[:16]), binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint32(b[24:])}
}

func (p *part) put(i int, s *slot) {
	b := p.raw(i)
	copy(b, s.id[:])
	binary.LittleEndian.PutUint64(b[16:], s.content)
	binary.LittleEndian.PutUint32(b[24:], s.draft)
}

// home is the slot that an id would have alone.
func (p *part) home(id []byte) int {
	return int(uint64(binary.LittleEndian.Uint32(id[4:])) * uint64(p.slots) >> 32)
}

func (p *part) next(i int) int {
	if i++; i == p.slots {
		return 0
	}
	return i
}

// find gives where an id is, or the empty slot at which the search ended.
func (p *part) find(id *ID) (at int, ok bool) {
	for i := p.home(id[:]); ; i = p.next(i) {
		b := p.raw(i)
		switch {
		case ID(b[:16]) == *id && p.draft(i) != 0:
			return i, true
		case p.draft(i) == 0:
			return i, false
		}
	}
}

func (p *part) insert(s *slot) {
	i, _ := p.find(&s.id)
	p.put(i, s)
	p.used++
}

func (p *part) grow() {
	old := *p
	p.slots = max(minSlots, old.slots+old.slots/4)
	p.bytes, p.used = offheap.Alloc(p.slots*slotSize), 0
	for i := range old.slots {
		if s := old.at(i); s.draft != 0 {
			p.insert(&s)
		}
	}
	offheap.Free(old.bytes)
}

// remove empties a slot. What lies behind it in its run moves up, so that it is found still.
func (p *part) remove(hole int) {
	for i := p.next(hole); p.draft(i) != 0; i = p.next(i) {
		// A slot may move into the hole when its home is not behind it.
		if p.distance(p.home(p.raw(i)), i) >= p.distance(hole, i) {
			copy(p.raw(hole), p.raw(i))
			hole = i
		}
	}
	clear(p.raw(hole))
	p.used--
}

// distance is how many slots it is from one to another, onward.
func (p *part) distance(from, to int) int {
	if to < from {
		return to - from + p.slots
	}
	return to - from
}
