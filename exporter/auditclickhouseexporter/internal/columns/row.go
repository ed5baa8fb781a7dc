package columns

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// row is an event on its way to becoming a row of `events`: checked as a whole before anything of it is written.
type row struct {
	texts  []plainText // most attributes
	filled [2]uint64   // which slots these fill, as bits
	cells  []cell      // the others, by slot
	set    []int       // the slots of cells that hold something
	rest   []entry     // what no other column holds
}

// plainText is a text and the column that it goes to.
type plainText struct {
	text string
	slot int
}

// entry is an attribute without a column of its own.
type entry struct {
	name  string
	value pcommon.Value
}

func newRow() row { return row{cells: make([]cell, slots), set: make([]int, 0, slots)} }

// clear forgets the event.
func (r *row) clear() {
	for _, slot := range r.set {
		r.cells[slot] = cell{}
	}
	r.set = r.set[:0]
	clear(r.texts)
	r.texts = r.texts[:0]
	r.filled = [2]uint64{}
	clear(r.rest)
	r.rest = r.rest[:0]
}

// gather takes an event, or gives the reason for which it cannot become a row and the field that is to blame.
func (r *row) gather(event audit.Event) (Reason, string) {
	reason, field := r.gatherAll(event)
	if reason == "" && isRedacted(r.cells[slotRedaction].text) {
		return "", ""
	}
	// Of a record that is not redacted nothing else is worth saying.
	if !redacted(event.Record.Attributes()) {
		return ReasonNotRedacted, audit.AttrRedactionOutcome
	}
	return reason, field
}

func (r *row) gatherAll(event audit.Event) (Reason, string) {
	if event.Record.Body().Type() != pcommon.ValueTypeEmpty {
		return ReasonRawValue, fieldBody
	}
	if reason, field := r.gatherAttributes(event.Record.Attributes(), &recordNames, fieldAttributes); reason != "" {
		return reason, field
	}
	if reason, field := r.gatherAttributes(event.Resource, &resourceNames, fieldResource); reason != "" {
		return reason, field
	}
	r.fallBack()
	return r.gatherFields(event.Record)
}

func (r *row) gatherAttributes(attrs pcommon.Map, names *names, unknown string) (Reason, string) {
	for name, v := range attrs.All() {
		to := names.find(name)
		switch {
		case to == nil:
			if !shallow(v, 0) {
				return ReasonTooDeep, unknown
			}
			r.rest = append(r.rest, entry{name, v})
		case to.plain:
			if v.Type() != pcommon.ValueTypeStr {
				return ReasonWrongType, name
			}
			word, bit := &r.filled[to.slot/64], uint64(1)<<(to.slot%64)
			if *word&bit != 0 {
				return ReasonDuplicate, name
			}
			*word |= bit
			r.texts = append(r.texts, plainText{v.Str(), to.slot})
		case to.kind == forbidden:
			return ReasonRawValue, name
		case to.kind == marked:
			return markOf(attrs)
		case to.kind == withheld:
			if reason := r.gatherWithheld(v); reason != "" {
				return reason, name
			}
		default:
			r.set = append(r.set, to.slot)
			if reason := r.cells[to.slot].assign(to.kind, v); reason != "" {
				return reason, name
			}
		}
	}
	return "", ""
}

// markOf gives why the record was found to be no event, in words that can be shown whoever wrote them.
func markOf(attrs pcommon.Map) (Reason, string) {
	reason, field := Reason(audit.QuarantineInvalid), ""
	if v, ok := attrs.Get(audit.AttrQuarantineReason); ok && audit.IsQuarantineReason(v.Str()) {
		reason = Reason(v.Str())
	}
	if v, ok := attrs.Get(audit.AttrQuarantineField); ok {
		field = identifier(v.Str())
	}
	return reason, field
}

// gatherWithheld takes the stand-ins that the processor put in place of what it does not know.
func (r *row) gatherWithheld(v pcommon.Value) Reason {
	if !withheld.accepts(v) {
		return ReasonWrongType
	}
	if !shallow(v, 0) {
		return ReasonTooDeep
	}
	for name, standIn := range v.Map().All() {
		r.rest = append(r.rest, entry{name, standIn})
	}
	return ""
}

// fallBack lets an attribute stand in for the one that its column is defined by.
func (r *row) fallBack() {
	for i, f := range fallbacks {
		from, to := &r.cells[len(definitions)+i], &r.cells[fallbackSlots[i]]
		switch {
		case !from.set || from.text == to.text:
		case to.text == "":
			r.use(fallbackSlots[i])
			to.text = from.text
		default:
			r.rest = append(r.rest, entry{f.attr, from.value})
		}
	}
}

// use gives the cell of a slot to be filled.
func (r *row) use(slot int) *cell {
	c := &r.cells[slot]
	if !c.set {
		c.set = true
		r.set = append(r.set, slot)
	}
	return c
}

// gatherFields fills the columns that come from the record's own fields. Nothing here depends on when it runs: what the
// record does not say is taken from what it does say.
func (r *row) gatherFields(record plog.LogRecord) (Reason, string) {
	timestamp, observed := record.Timestamp(), record.ObservedTimestamp()
	switch {
	case r.cells[slotRecordID].text == "":
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
	r.use(slotTimestamp).num = int64(timestamp)
	r.use(slotObserved).num = int64(observed)
	if c := r.cells[slotReceived]; !c.set {
		r.use(slotReceived).num = int64(observed)
	}
	if r.cells[slotTenant].text == "" {
		r.use(slotTenant).text = audit.DefaultTenant
	}
	if name := record.EventName(); name != "" {
		r.use(slotEventName).text = name
	}
	if c := r.cells; (c[slotIngestBytes].set || c[slotIngestRecords].set) && !c[slotIngestPeriod].set {
		r.use(slotIngestPeriod).setFloat(audit.DefaultIngestPeriod)
	}
	return "", ""
}
