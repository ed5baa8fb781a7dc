package columns

import "github.com/otelaudit/otelaudit/internal/audit"

// QuarantineBuilder turns refused events into blocks of `quarantine`. Like a [Builder] it is reused and serves one goroutine.
type QuarantineBuilder struct{ assembly }

// NewQuarantineBuilder makes a builder of blocks of `quarantine`.
func NewQuarantineBuilder(compression string) *QuarantineBuilder {
	return &QuarantineBuilder{newAssembly(TableQuarantine, compression)}
}

// Add adds a refused event to the open block, as far as it is safe to show.
func (b *QuarantineBuilder) Add(r Refusal) {
	timestamp, received := times(r.Event.Record)
	id := identifier(r.Event.Str(audit.AttrRecordID))
	b.identify(id, received)
	b.put([]cell{
		{text: id},
		{num: timestamp},
		{num: received},
		{text: identifier(r.Event.Str(audit.AttrTenantID))},
		{text: identifier(r.Event.Str(audit.AttrServiceName))},
		{text: string(r.Reason)},
		{text: r.Field},
		{value: safePart(r.Event)},
	})
}

// AddRow adds a row of `events` that the database refused to the open block. It passed the processor, so all of it may be
// shown; field is the name of the database's error.
func (b *QuarantineBuilder) AddRow(r *Rows, row int, field string) {
	received := r.Int("received_at", row)
	id := r.Text("record_id", row)
	b.identify(id, received)
	b.put([]cell{
		{text: id},
		{num: r.Int("timestamp", row)},
		{num: received},
		{text: r.Text("tenant_id", row)},
		{text: r.Text("service_name", row)},
		{text: string(ReasonRejected)},
		{text: field},
		{text: string(r.JSON(row))},
	})
}
