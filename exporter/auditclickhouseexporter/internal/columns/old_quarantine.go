package columns

import "github.com/otelaudit/otelaudit/internal/audit"

// Quarantine turns refused events into blocks of `quarantine`. Like an [Encoder] it is reused and serves one goroutine.
type Quarantine struct{ builder }

// NewQuarantine makes the encoder of quarantine rows.
func NewQuarantine() *Quarantine { return &Quarantine{newBuilder(quarantineDefinitions)} }

// Encode puts refused events, of which there is at least one, into one block.
func (q *Quarantine) Encode(refused []Refusal) *Block {
	q.reset()
	for _, r := range refused {
		timestamp, received := times(r.Event.Record)
		safe := safePart(r.Event)
		q.put([]cell{
			{text: identifier(r.Event.Str(audit.AttrRecordID))},
			{num: timestamp},
			{num: received},
			{text: identifier(r.Event.Str(audit.AttrTenantID))},
			{text: identifier(r.Event.Str(audit.AttrServiceName))},
			{text: string(r.Reason)},
			{text: r.Field},
			{set: true, value: safe},
		})
	}
	return q.finish()
}
