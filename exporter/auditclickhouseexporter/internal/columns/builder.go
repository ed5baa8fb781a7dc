package columns

import "github.com/otelaudit/otelaudit/internal/audit"

// Admission is what became of an event given to [Builder.Add].
type Admission uint8

// Admissions.
const (
	// Added: the event is a row of the open block.
	Added Admission = iota
	// Full: the row would take the block over its bound of partitions. Seal, then add it again.
	Full
	// Refused: the event cannot become a row of any block.
	Refused
)

// Builder turns events into blocks of `events`, row by row. It keeps its columns and buffers, so it serves one goroutine at
// a time, and holds on to no event.
type Builder struct {
	assembly
	row           row
	maxPartitions int
	clock         clock
}

// NewBuilder makes a builder whose blocks touch at most maxPartitions partitions of any table and are compressed with
// CompressionLZ4, CompressionZSTD or CompressionNone.
func NewBuilder(maxPartitions int, compression string) *Builder {
	return &Builder{assembly: newAssembly(TableEvents, compression), row: newRow(), maxPartitions: maxPartitions}
}

// Add adds an event as a row to the open block. The refusal is set where the admission is [Refused].
func (b *Builder) Add(event audit.Event) (Admission, Refusal) {
	defer b.row.clear()
	if reason, field := b.row.gather(event); reason != "" {
		return Refused, Refusal{Event: event, Reason: reason, Field: field}
	}
	c := b.row.cells
	if !b.admit(b.clock.partition(c[slotRetention].num, c[slotReceived].num, c[slotTimestamp].num)) {
		return Full, Refusal{}
	}
	b.identify(c[slotRecordID].text, c[slotReceived].num)
	if id := event.Record.TraceID(); !id.IsEmpty() {
		b.size += b.vectors[slotTraceID].putHex(id[:], b.rows)
	}
	if id := event.Record.SpanID(); !id.IsEmpty() {
		b.size += b.vectors[slotSpanID].putHex(id[:], b.rows)
	}
	if len(b.row.rest) > 0 {
		b.size += b.vectors[slotAttributes].putMap(b.row.rest, b.rows)
	}
	for i := range b.row.texts {
		t := &b.row.texts[i]
		b.vectors[t.slot].putText(t.text, b.rows)
		b.size += len(t.text)
	}
	for _, slot := range b.row.set {
		if slot < len(b.vectors) { // beyond are the fallbacks, which stand in another slot by now
			b.size += b.vectors[slot].put(&c[slot], b.rows)
		}
	}
	b.rows++
	return Added, Refusal{}
}

// admit reports whether the block may hold a row of partition p.
func (b *Builder) admit(p partition) bool {
	hash := p.hash()
	for i := len(b.partitions) - 1; i >= 0; i-- {
		if b.partitions[i] == hash {
			return true
		}
	}
	if len(b.partitions) == b.maxPartitions {
		return false
	}
	b.partitions = append(b.partitions, hash)
	return true
}
