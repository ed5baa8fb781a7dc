package columns

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Encoder turns events into blocks of `events`. It keeps its columns and buffers between calls, so one encoder serves one
// goroutine at a time, and what [Encoder.Encode] gives is valid until its next call.
type Encoder struct {
	builder
	attributes    *attributesColumn
	traceID       *hexColumn
	spanID        *hexColumn
	cells         []cell
	maxPartitions int
	partitions    []partition
	out           Encoded
}

// Encoded is what became of the events given to [Encoder.Encode]: each is in exactly one of Taken, Refused and Rest.
type Encoded struct {
	Block   *Block        // the rows; nil where there are none
	Taken   []audit.Event // the events of the block's rows, in order
	Refused []Refusal     // events that cannot become rows
	Rest    []audit.Event // events of further partitions: to be encoded next
}

// NewEncoder makes an encoder whose blocks touch at most maxPartitions partitions of any table.
func NewEncoder(maxPartitions int) *Encoder {
	e := &Encoder{builder: newBuilder(definitions), cells: make([]cell, slots), maxPartitions: maxPartitions}
	e.attributes = e.columns[slotAttributes].(*attributesColumn)
	e.traceID = e.columns[slotTraceID].(*hexColumn)
	e.spanID = e.columns[slotSpanID].(*hexColumn)
	return e
}

// Encode puts the events into one block, in their order. Events that would take the block over the bound of partitions
// are left for the next call, so the same events are always cut into the same blocks. Rest may share memory with events.
func (e *Encoder) Encode(events []audit.Event) Encoded {
	e.reset()
	e.partitions = e.partitions[:0]
	e.out = Encoded{Taken: e.out.Taken[:0], Refused: e.out.Refused[:0], Rest: events[:0]}
	for _, event := range events {
		e.encode(event)
	}
	if len(e.out.Taken) > 0 {
		e.out.Block = e.finish()
	}
	return e.out
}

// Release lets go of the events of the last call, so that an encoder that waits for its next use keeps no record alive.
func (e *Encoder) Release() {
	clear(e.cells)
	clear(e.out.Taken[:cap(e.out.Taken)])
	clear(e.out.Refused[:cap(e.out.Refused)])
	clear(e.attributes.pending[:cap(e.attributes.pending)])
	e.out.Block, e.out.Rest = nil, nil
}

func (e *Encoder) encode(event audit.Event) {
	clear(e.cells)
	e.attributes.forget()
	if reason, field := e.gather(event); reason != "" {
		e.out.Refused = append(e.out.Refused, Refusal{Event: event, Reason: reason, Field: field})
		return
	}
	c := e.cells
	if id := event.Record.TraceID(); !id.IsEmpty() {
		e.traceID.add(id[:])
	}
	if id := event.Record.SpanID(); !id.IsEmpty() {
		e.spanID.add(id[:])
	}
	if !e.admit(partitionOf(c[slotRetention].num, c[slotReceived].num, c[slotTimestamp].num)) {
		e.out.Rest = append(e.out.Rest, event)
		return
	}
	e.put(c)
	e.out.Taken = append(e.out.Taken, event)
}

// admit reports whether the block may hold a row of partition p.
func (e *Encoder) admit(p partition) bool {
	for i := len(e.partitions) - 1; i >= 0; i-- {
		if e.partitions[i] == p {
			return true
		}
	}
	if len(e.partitions) == e.maxPartitions {
		return false
	}
	e.partitions = append(e.partitions, p)
	return true
}

// gather fills the cells from an event, or gives the reason for which it cannot become a row.
func (e *Encoder) gather(event audit.Event) (Reason, string) {
	record := event.Record
	if !redacted(record.Attributes()) {
		return ReasonNotRedacted, audit.AttrRedactionOutcome
	}
	if record.Body().Type() != pcommon.ValueTypeEmpty {
		return ReasonRawValue, fieldBody
	}
	if reason, field := e.gatherAttributes(record.Attributes(), recordTargets, fieldAttributes); reason != "" {
		return reason, field
	}
	if reason, field := e.gatherAttributes(event.Resource, resourceTargets, fieldResource); reason != "" {
		return reason, field
	}
	e.fallBack()
	if reason, field := e.gatherFields(record); reason != "" {
		return reason, field
	}
	if c := e.cells; (c[slotIngestBytes].set || c[slotIngestRecords].set) && !c[slotIngestPeriod].set {
		c[slotIngestPeriod].setFloat(audit.DefaultIngestPeriod)
	}
	return "", ""
}

func (e *Encoder) gatherAttributes(attrs pcommon.Map, targets map[string]target, unknown string) (Reason, string) {
	for name, v := range attrs.All() {
		to, known := targets[name]
		switch {
		case !known:
			if !shallow(v, 0) {
				return ReasonTooDeep, unknown
			}
			e.attributes.add(name, v)
		case to.kind == forbidden:
			return ReasonRawValue, name
		case to.kind == withheld:
			if reason := e.gatherWithheld(v); reason != "" {
				return reason, name
			}
		default:
			if reason := e.cells[to.slot].assign(to.kind, v); reason != "" {
				return reason, name
			}
		}
	}
	return "", ""
}

// gatherWithheld takes the stand-ins that the processor put in place of what it does not know.
func (e *Encoder) gatherWithheld(v pcommon.Value) Reason {
	if !withheld.accepts(v) {
		return ReasonWrongType
	}
	if !shallow(v, 0) {
		return ReasonTooDeep
	}
	for name, standIn := range v.Map().All() {
		e.attributes.add(name, standIn)
	}
	return ""
}

// fallBack lets an attribute stand in for the one that its column is defined by.
func (e *Encoder) fallBack() {
	for i, f := range fallbacks {
		from, to := &e.cells[len(definitions)+i], &e.cells[fallbackSlots[i]]
		switch {
		case !from.set || from.text == to.text:
		case to.text == "":
			*to = *from
		default:
			e.attributes.add(f.attr, from.value)
		}
	}
}

// gatherFields fills the columns that come from the record's own fields. Nothing here depends on when it runs: what the
// record does not say is taken from what it does say.
func (e *Encoder) gatherFields(record plog.LogRecord) (Reason, string) {
	timestamp, observed := record.Timestamp(), record.ObservedTimestamp()
	c := e.cells
	switch {
	case c[slotRecordID].text == "":
		return ReasonMissing, audit.AttrRecordID
	case timestamp == 0:
		return ReasonMissing, fieldTimestamp
	case timestamp > audit.MaxTimestamp:
		return ReasonOutOfRange, fieldTimestamp
	case observed > audit.MaxTimestamp:
		return ReasonOutOfRange, fieldObserved
	}
	if observed == 0 {
		observed = timestamp
	}
	c[slotTimestamp].num = int64(timestamp)
	c[slotObserved].num = int64(observed)
	if !c[slotReceived].set {
		c[slotReceived].num = int64(observed)
	}
	if c[slotTenant].text == "" {
		c[slotTenant].text = audit.DefaultTenant
	}
	c[slotEventName].text = record.EventName()
	return "", ""
}
