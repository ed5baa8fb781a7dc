// Package ledger holds what the block log keeps beside the events: how many events met which fate, and which inserts
// ClickHouse acknowledged. Both become durable in the same write as what they are about, as notes, and become rows of the
// tables `ledger` and `blocks` later.
//
//	ledger.go  deltas and inserts, and how they are written as notes
package ledger

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Delta is a count of events that met the same fate.
type Delta struct {
	Hour int64 // Unix seconds, a full hour
	audit.CountKey
	Events uint64
}

// Insert is an insert that ClickHouse acknowledged: what must be there.
type Insert struct {
	Token         string
	Table         string
	Rows          uint64
	Digest        uint64 // wrapping sum of the xxHash64 of each record id
	FirstBlock    uint64 // block_id of its first and last block; no other insert has a block between them
	LastBlock     uint64
	FirstReceived int64 // least and greatest received_at, Unix ns
	LastReceived  int64
}

// Kinds of entries of a note.
const (
	entryDelta  = 1
	entryInsert = 2
)

// AppendDelta appends a delta to a note.
func AppendDelta(note []byte, d Delta) []byte {
	note = append(note, entryDelta)
	note = binary.AppendVarint(note, d.Hour)
	for _, s := range [...]string{d.Tenant, d.Source, string(d.Kind), d.Reason} {
		note = appendString(note, s)
	}
	return binary.AppendUvarint(note, d.Events)
}

// AppendInsert appends an insert to a note.
func AppendInsert(note []byte, i Insert) []byte {
	note = append(note, entryInsert)
	note = appendString(note, i.Token)
	note = appendString(note, i.Table)
	for _, n := range [...]uint64{i.Rows, i.Digest, i.FirstBlock, i.LastBlock} {
		note = binary.AppendUvarint(note, n)
	}
	note = binary.AppendVarint(note, i.FirstReceived)
	return binary.AppendVarint(note, i.LastReceived)
}

// ErrNote is the error of a note that does not have the form of one.
var ErrNote = errors.New("a note of the block log cannot be read")

// Read reads notes. What stands before a damaged entry is given beside the error.
func Read(notes [][]byte) (deltas []Delta, inserts []Insert, err error) {
	for _, note := range notes {
		r := reader{rest: note}
		for len(r.rest) > 0 && !r.bad {
			switch r.byte() {
			case entryDelta:
				d := Delta{Hour: r.varint()}
				d.Tenant, d.Source, d.Kind, d.Reason = r.string(), r.string(), audit.Kind(r.string()), r.string()
				d.Events = r.uvarint()
				if !r.bad {
					deltas = append(deltas, d)
				}
			case entryInsert:
				i := Insert{
					Token: r.string(), Table: r.string(), Rows: r.uvarint(), Digest: r.uvarint(),
					FirstBlock: r.uvarint(), LastBlock: r.uvarint(), FirstReceived: r.varint(), LastReceived: r.varint(),
				}
				if !r.bad {
					inserts = append(inserts, i)
				}
			default:
				r.bad = true
			}
		}
		if r.bad {
			err = ErrNote
		}
	}
	return deltas, inserts, err
}

// Sum adds up the deltas of one key and gives them in an order that depends on nothing else.
func Sum(deltas []Delta) []Delta {
	slices.SortFunc(deltas, func(a, b Delta) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reason, b.Reason))
	})
	out := deltas[:0]
	for _, d := range deltas {
		if last := len(out) - 1; last >= 0 && out[last].Hour == d.Hour && out[last].CountKey == d.CountKey {
			out[last].Events += d.Events
			continue
		}
		out = append(out, d)
	}
	return out
}

func appendString(to []byte, s string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(s))), s...)
}

// reader reads a note; after anything that is not there, it is bad and reads zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) uvarint() uint64 { return number(r, binary.Uvarint) }

func (r *reader) varint() int64 { return number(r, binary.Varint) }

func number[N uint64 | int64](r *reader, read func([]byte) (N, int)) N {
	n, size := read(r.rest)
	if r.bad || size <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) string() string {
	n := r.uvarint()
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}
