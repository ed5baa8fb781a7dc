package profile

import "github.com/otelaudit/otelaudit/internal/audit"

// Profile maps the events of one product. It is made from a data file, never changes, and is safe for concurrent use.
type Profile struct {
	name       string
	signatures []signature
	envelopes  []string // keys under which an export wraps the event

	paths     *paths
	event     eventRule
	actions   actions
	rules     block
	cases     []eventCase
	recordID  uint64 // the bit of audit.record.id, 0 where no rule gives it
	target    uint64 // the bit of audit.target.type
	verb      uint64 // the bit of audit.action
	attribute map[string]uint64
}

// Name is the name of the profile, as audit.profile has it.
func (p *Profile) Name() string { return p.name }

// eventRule says how an event is named.
type eventRule struct {
	from  []int     // slots; the first that is there names the action
	kinds []keyKind // where no field names it: the first whose fields are there
	name  []int     // slots whose words, joined, are the event name; empty means the action's name
}

// keyKind is a kind of event that has no name and is known by its fields.
type keyKind struct {
	name string
	all  []int
	any  []int
}

// eventCase are rules for some events only.
type eventCase struct {
	when      []condition
	eventName string
	block
}

// condition holds where the action is one of the values, or what stands at a slot is.
type condition struct {
	slot   int // onAction for the action
	values map[string]bool
	there  bool // any value will do
}

// onAction is the slot of a condition on the action.
const onAction = -1

// block are rules that hold together.
type block struct {
	fields   []field
	set      []constant
	defaults []constant
}

// constant gives an attribute the same value in every event.
type constant struct {
	attr  attribute
	value pending
}

// attribute is one that a rule gives.
type attribute struct {
	name string
	typ  audit.Type
	bit  uint64 // unique in the profile
}

// fieldTimestamp is the name of the timestamp where names of attributes stand.
const fieldTimestamp = "timestamp"

// field gives an attribute, or the timestamp, what stands in the product's event.
type field struct {
	attr      attribute
	timestamp bool
	from      []source
	style     style
	values    map[string]pending // what the product's values become
	allowed   string             // the product's values, for errors
	operation int                // slot of the name of the GraphQL operation that runs, -1 where there is none
	scale     float64            // what numbers are multiplied with, 1 by default
	required  bool
	lenient   bool // a value that does not fit stays in the details
	observed  bool // the timestamp, where the event has none, is the observed one
}

// source is a place in the event.
type source struct {
	slot     int
	byTarget map[string]int // the slot by type of target, for paths with <target>; nil for the others
}

// style is how a value is written before it counts.
type style uint8

const (
	asIs          style = iota
	asSnake             // lower case, words joined by underscores
	asGraphQLVerb       // the verb of the operation in a GraphQL document
	asGraphQLType       // query, mutation or subscription
)

// derives reports whether the value is taken from the source rather than the source itself: then the source is not used up.
func (s style) derives() bool { return s == asGraphQLVerb || s == asGraphQLType }
