package commit

import (
	"slices"
	"sync"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/ledger"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/replay"
	"github.com/otelaudit/otelaudit/internal/audit"
)

// lane is where callers put records. There are several so that callers encode in parallel.
type lane struct {
	mu   sync.Mutex
	open *draft // nil where nobody has put anything since the last commit
}

// draft is what one lane commits at once.
type draft struct {
	*replay.Draft
	events     *columns.Builder
	users      *columns.UsersBuilder
	quarantine *columns.QuarantineBuilder
	full       []columns.Sealed // blocks of events that had no room for more
	records    []record
	counts     map[audit.CountKey]uint64

	// The count that the last record added to: those of a request mostly have one key.
	lastKey   audit.CountKey
	lastCount uint64
}

// record is a record of a draft, and which of its blocks holds it.
type record struct {
	id      replay.ID
	content uint64
	block   int32 // an index of the blocks of events, or one of those below
}

// Where a record is that is in no block of events.
const (
	inQuarantine = -1
	inUsers      = -2
)

// maxBlockBytes is the size before compression at which a block is closed: a larger one would cost memory, and the
// inserter joins small ones anyway.
const maxBlockBytes = 8 << 20

// add puts an event into the open block, or into quarantine with the reason it gives.
func (d *draft) add(in *incoming, r record) (refused *columns.Refusal) {
	event := in.Event
	if in.change {
		return d.addChange(event, r)
	}
	admission, refusal := d.events.Add(event)
	if admission == columns.Full {
		d.full = append(d.full, d.events.Seal())
		admission, refusal = d.events.Add(event)
	}
	if admission == columns.Refused {
		return d.refuse(refusal, r)
	}
	r.block = int32(len(d.full))
	d.records = append(d.records, r)
	if d.events.Size() >= maxBlockBytes {
		d.full = append(d.full, d.events.Seal())
	}
	return nil
}

// addChange puts something that a directory says anew into the block of users, or into quarantine.
func (d *draft) addChange(event audit.Event, r record) (refused *columns.Refusal) {
	if refusal, ok := d.users.Add(event); !ok {
		return d.refuse(refusal, r)
	}
	r.block = inUsers
	d.records = append(d.records, r)
	return nil
}

// refuse puts an event into quarantine.
func (d *draft) refuse(refusal columns.Refusal, r record) *columns.Refusal {
	d.quarantine.Add(refusal)
	r.block = inQuarantine
	d.records = append(d.records, r)
	return &refusal
}

// count counts events.
func (d *draft) count(key audit.CountKey, n uint64) {
	if key == d.lastKey {
		d.lastCount += n
		return
	}
	d.settle()
	d.lastKey, d.lastCount = key, n
}

// settle adds the last count to the others.
func (d *draft) settle() {
	if d.lastCount > 0 {
		d.counts[d.lastKey] += d.lastCount
	}
	d.lastCount = 0
}

// empty reports whether there is nothing to commit.
func (d *draft) empty() bool { return len(d.records) == 0 && len(d.counts) == 0 && d.lastCount == 0 }

// seal closes the open blocks and gives all of them: those of events, that of users, that of quarantine.
func (d *draft) seal() []columns.Sealed {
	blocks := d.full
	if d.events.Rows() > 0 {
		blocks = append(blocks, d.events.Seal())
	}
	if d.users.Rows() > 0 {
		blocks = append(blocks, d.users.Seal())
	}
	if d.quarantine.Rows() > 0 {
		blocks = append(blocks, d.quarantine.Seal())
	}
	return blocks
}

// appendTo adds the draft to a commit whose next block has the number first.
func (d *draft) appendTo(c *blocklog.Commit, blocks []columns.Sealed, first uint64, at time.Time) {
	base := uint64(len(c.Blocks))
	d.Blocks, d.At = make([]uint64, len(blocks)), at
	for i := range blocks {
		b := &blocks[i]
		d.Blocks[i] = first + uint64(i)
		b.Number(d.Blocks[i])
		c.Blocks = append(c.Blocks, blocklog.Block{Table: uint8(b.Table), Header: b.Append(nil), Data: b.Data})
	}
	c.Records = slices.Grow(c.Records, len(d.records))
	for _, r := range d.records {
		c.Records = append(c.Records, blocklog.Record{ID: r.id, Content: r.content, Block: base + index(r.block, blocks)})
	}
	d.settle()
	hour := at.Truncate(time.Hour).Unix()
	for key, n := range d.counts {
		c.Notes = ledger.AppendDelta(c.Notes, ledger.Delta{Hour: hour, CountKey: key, Events: n})
	}
}

// index resolves the block of a record among all of the draft's.
func index(block int32, blocks []columns.Sealed) uint64 {
	last := len(blocks) - 1
	if block == inUsers && blocks[last].Table != columns.TableUsers {
		last-- // quarantine comes behind
	}
	if block < 0 {
		return uint64(last)
	}
	return uint64(block)
}

// ids yields the ids of the draft's records.
func (d *draft) ids(yield func(replay.ID) bool) {
	for i := range d.records {
		if !yield(d.records[i].id) {
			return
		}
	}
}

// reset makes the draft ready for reuse. Its outcome lives on with those who wait for it.
func (d *draft) reset() {
	d.Draft = nil
	d.full, d.records = d.full[:0], d.records[:0]
	clear(d.counts)
	d.lastKey, d.lastCount = audit.CountKey{}, 0
}
