package replay

import "encoding/binary"

// table maps ids to what is known of them. Ids are hashes already, so their first bytes choose the slot, and collisions go
// to the next free one. It costs a third of a Go map here, which hashes again and keeps no order that a cache could use.
type table struct {
	slots []slot // a power of two of them, at most three quarters used
	used  int
}

// slot is one record; draft 0 is an empty slot.
type slot struct {
	id      ID
	content uint64
	draft   uint64
}

const minSlots = 1 << 10

func (t *table) home(id *ID) int {
	return int(binary.LittleEndian.Uint64(id[:8]) & uint64(len(t.slots)-1))
}

// find gives the slot of an id, or nil.
func (t *table) find(id *ID) *slot {
	if t.used == 0 {
		return nil
	}
	for i := t.home(id); ; i = (i + 1) & (len(t.slots) - 1) {
		switch s := &t.slots[i]; {
		case s.draft == 0:
			return nil
		case s.id == *id:
			return s
		}
	}
}

// insert adds an id that is not there.
func (t *table) insert(s slot) {
	if (t.used+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	i := t.home(&s.id)
	for t.slots[i].draft != 0 {
		i = (i + 1) & (len(t.slots) - 1)
	}
	t.slots[i] = s
	t.used++
}

func (t *table) grow() {
	old := t.slots
	t.slots, t.used = make([]slot, max(minSlots, 2*len(old))), 0
	for _, s := range old {
		if s.draft != 0 {
			t.insert(s)
		}
	}
}

// remove takes an id out, where it is there and of that draft. What lies behind it in its run moves up, so that it is found
// still.
func (t *table) remove(id *ID, draft uint64) {
	s := t.find(id)
	if s == nil || s.draft != draft {
		return
	}
	mask := len(t.slots) - 1
	hole := t.home(id)
	for t.slots[hole].id != *id || t.slots[hole].draft == 0 {
		hole = (hole + 1) & mask
	}
	for i := (hole + 1) & mask; t.slots[i].draft != 0; i = (i + 1) & mask {
		// A slot may move into the hole when its home is not behind it.
		if home := t.home(&t.slots[i].id); (i-home)&mask >= (i-hole)&mask {
			t.slots[hole] = t.slots[i]
			hole = i
		}
	}
	t.slots[hole] = slot{}
	t.used--
}

// reset empties the table and keeps its memory.
func (t *table) reset() {
	clear(t.slots)
	t.used = 0
}
