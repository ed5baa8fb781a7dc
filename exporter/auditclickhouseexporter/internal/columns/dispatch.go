package columns

import (
	"math/bits"
	"slices"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// slots are where the values of a row are put together: one for each column, then one for each fallback.
var slots = len(definitions) + len(fallbacks)

// target is what becomes of an attribute: the slot it fills and the kind it must have.
type target struct {
	slot  int
	kind  kind
	plain bool // a text that nothing else depends on: it goes to its column as it is
}

// recordTargets and resourceTargets dispatch the attributes of a record and of its resource by name; recordNames and
// resourceNames do the same faster.
var (
	recordTargets, resourceTargets = dispatch()

	recordNames   = newNames(recordTargets)
	resourceNames = newNames(resourceTargets)
)

func dispatch() (record, resource map[string]target) {
	record, resource = map[string]target{}, map[string]target{}
	for slot, d := range definitions {
		if attribute, _ := audit.Lookup(d.attr); attribute.Resource {
			resource[d.attr] = targetOf(slot, d)
		} else if d.attr != "" {
			record[d.attr] = targetOf(slot, d)
		}
	}
	for i, f := range fallbacks {
		record[f.attr] = target{slot: len(definitions) + i, kind: text}
	}
	for _, name := range raw {
		record[name] = target{kind: forbidden}
		resource[name] = target{kind: forbidden}
	}
	for _, name := range marks {
		record[name] = target{kind: marked}
	}
	record[audit.AttrWithheld] = target{kind: withheld}
	resource[audit.AttrWithheld] = target{kind: withheld}
	return record, resource
}

func targetOf(slot int, d definition) target {
	plain := d.kind == text && !slices.Contains(looked, d.name)
	for _, f := range fallbacks {
		plain = plain && f.column != d.name // or another attribute could stand in for it no more
	}
	return target{slot: slot, kind: d.kind, plain: plain}
}

// looked are the texts that are looked at.
var looked = []string{"record_id", "tenant_id", "redaction_outcome"}

func slotOf(column string) int {
	for i, d := range definitions {
		if d.name == column {
			return i
		}
	}
	panic("no column " + column) // a name in this package is misspelt
}

// Slots of the columns that need more than copying an attribute.
var (
	slotRecordID      = slotOf("record_id")
	slotTimestamp     = slotOf("timestamp")
	slotObserved      = slotOf("observed_at")
	slotReceived      = slotOf("received_at")
	slotTraceID       = slotOf("trace_id")
	slotSpanID        = slotOf("span_id")
	slotTenant        = slotOf("tenant_id")
	slotEventName     = slotOf("event_name")
	slotIngestBytes   = slotOf("ingest_bytes")
	slotIngestRecords = slotOf("ingest_records")
	slotIngestPeriod  = slotOf("ingest_period_seconds")
	slotRedaction     = slotOf("redaction_outcome")
	slotAttributes    = slotOf("attributes")
	slotRetention     = slotOf("retention_days")

	fallbackSlots = func() (slots []int) {
		for _, f := range fallbacks {
			slots = append(slots, slotOf(f.column))
		}
		return slots
	}()
)

// names finds targets by name. It is a perfect hash table: each name has a place of its own, so that finding one, or that
// there is none, is one comparison. A map takes three times as long, at some thirty attributes a row.
type names struct {
	factor uint64
	shift  int
	table  []named
}

type named struct {
	name string
	target
}

// newNames looks for a factor that gives every name its own place. The search is the same each time, and short.
func newNames(targets map[string]target) names {
	width := bits.Len(uint(8 * len(targets)))
	n := names{factor: 0x9e3779b97f4a7c15, shift: 64 - width}
	for range 1 << 20 {
		if n.lay(targets, 1<<width) {
			return n
		}
		n.factor = n.factor*6364136223846793005 + 1442695040888963407
	}
	panic("two attributes have the same key: let place look at more of a name")
}

// lay fills the table, and reports whether there was a place for everyone.
func (n *names) lay(targets map[string]target, size int) bool {
	n.table = make([]named, size)
	for name, t := range targets {
		place := &n.table[n.place(name)]
		if place.name != "" {
			return false
		}
		*place = named{name, t}
	}
	return true
}

func (n *names) find(name string) *target {
	place := &n.table[n.place(name)]
	if place.name != name || name == "" { // a place that is free has no name
		return nil
	}
	return &place.target
}

// place mixes the length with the last eight bytes and eight in the middle, in which the names of the conventions differ.
func (n *names) place(name string) uint64 {
	key := uint64(len(name))
	if len(name) < 8 {
		for i := range len(name) {
			key = key<<8 | uint64(name[i])
		}
	} else {
		key ^= eight(name[len(name)-8:]) ^ bits.RotateLeft64(eight(name[len(name)/2-4:]), 21)
	}
	return key * n.factor >> n.shift
}

func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
