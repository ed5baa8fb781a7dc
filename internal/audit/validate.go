package audit

import (
	"strconv"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// MaxTimestamp is the last timestamp that can be stored, in nanoseconds since the Unix epoch: 2262-04-11T23:47:16.854775807Z,
// where ClickHouse's DateTime64(9) and Go's UnixNano end.
const MaxTimestamp = pcommon.Timestamp(1<<63 - 1)

// MaxDepth is how deep maps and lists of a record may be nested. It bounds every walk over a record.
const MaxDepth = 32

// FieldError says which field of an event is wrong and how. It names fields of the conventions and never quotes a value,
// nor an attribute's name that the conventions do not know: both are content.
type FieldError struct {
	Field   string // as the sender would look for it: "audit.action", "timestamp", "attributes[4]"
	Problem string // "required", "must be a string, is an int" …
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// Fields of a record that are not attributes, as errors name them.
const (
	fieldTimestamp = "timestamp"
	fieldObserved  = "observed_timestamp"
	fieldEventName = "event_name"
	fieldBody      = "body"
)

// Validate checks an event against the conventions and gives the first error, nil where it is sound: the required fields
// are there, known attributes have their types, closed lists hold one of their values, every string is UTF-8 and nothing
// is nested deeper than [MaxDepth].
func (e Event) Validate() *FieldError {
	for _, check := range [...]func(Event) *FieldError{Event.checkTimes, Event.checkText, Event.checkRequired} {
		if err := check(e); err != nil {
			return err
		}
	}
	return nil
}

func (e Event) checkTimes() *FieldError {
	switch t := e.Record.Timestamp(); {
	case t == 0:
		return &FieldError{fieldTimestamp, "required, is 0"}
	case t > MaxTimestamp:
		return &FieldError{fieldTimestamp, "must be before 2262-04-11T23:47:16Z, the last time that can be stored"}
	}
	if e.Record.ObservedTimestamp() > MaxTimestamp {
		return &FieldError{fieldObserved, "must be before 2262-04-11T23:47:16Z, the last time that can be stored"}
	}
	return nil
}

func (e Event) checkRequired() *FieldError {
	if e.Record.EventName() == "" {
		return &FieldError{fieldEventName, "required"}
	}
	for _, name := range [...]string{AttrAction, AttrOutcome, AttrActorID, AttrActorType, AttrServiceName} {
		if e.Str(name) == "" {
			return &FieldError{name, "required"}
		}
	}
	if !isVerb(e.Str(AttrAction)) {
		return &FieldError{AttrAction, "must be an upper-case verb of at most 64 of A-Z, 0-9 and _, such as CREATE"}
	}
	switch e.Str(AttrOutcome) {
	case OutcomeSuccess, OutcomeFailure, OutcomeUnknown:
	default:
		return &FieldError{AttrOutcome, "must be success, failure or unknown"}
	}
	switch e.Str(AttrActorType) {
	case ActorUser, ActorService, ActorSystem:
	default:
		return &FieldError{AttrActorType, "must be user, service or system"}
	}
	return nil
}

// isVerb keeps the action a word: it is stored and shown as it is, so it must not be able to carry content.
func isVerb(s string) bool {
	if len(s) > 64 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

func (e Event) checkText() *FieldError {
	if !utf8.ValidString(e.Record.EventName()) {
		return &FieldError{fieldEventName, notUTF8}
	}
	if err := checkAttributes(e.Resource, true); err != nil {
		return err
	}
	if err := checkAttributes(e.Record.Attributes(), false); err != nil {
		return err
	}
	if problem := checkValue(e.Record.Body(), 0); problem != "" {
		return &FieldError{fieldBody, problem}
	}
	return nil
}

const (
	notUTF8 = "must be valid UTF-8"
	tooDeep = "must not be nested deeper than 32 levels"
)

func checkAttributes(attrs pcommon.Map, resource bool) *FieldError {
	i := -1
	for name, v := range attrs.All() {
		i++
		d, known := definitions[name]
		known = known && d.Resource == resource
		if known && !d.Type.Accepts(v) {
			return &FieldError{name, "must be a " + d.Type.String() + ", is a " + v.Type().String()}
		}
		problem := checkValue(v, 0)
		if problem == "" && !utf8.ValidString(name) {
			problem = "its name " + notUTF8
		}
		if problem != "" {
			return &FieldError{fieldName(name, known, resource, i), problem}
		}
	}
	return nil
}

// fieldName names an attribute of the conventions by name and any other by position: an unknown name may be content.
func fieldName(name string, known, resource bool, i int) string {
	switch {
	case known:
		return name
	case resource:
		return "resource.attributes[" + strconv.Itoa(i) + "]"
	default:
		return "attributes[" + strconv.Itoa(i) + "]"
	}
}

// checkValue gives the problem of the first bad string or the nesting below v, empty where there is none.
func checkValue(v pcommon.Value, depth int) string {
	if depth > MaxDepth {
		return tooDeep
	}
	switch v.Type() {
	case pcommon.ValueTypeStr:
		if !utf8.ValidString(v.Str()) {
			return notUTF8
		}
	case pcommon.ValueTypeMap:
		for k, e := range v.Map().All() {
			if !utf8.ValidString(k) {
				return "a key in it " + notUTF8
			}
			if problem := checkValue(e, depth+1); problem != "" {
				return problem
			}
		}
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			if problem := checkValue(e, depth+1); problem != "" {
				return problem
			}
		}
	default:
	}
	return ""
}
