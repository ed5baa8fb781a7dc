package audit

import (
	"strconv"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
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
	Missing bool   // a required field is not there, or empty
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

func missing(field string) *FieldError {
	return &FieldError{Field: field, Problem: "required", Missing: true}
}

func invalid(field, problem string) *FieldError { return &FieldError{Field: field, Problem: problem} }

// Fields of a record that are not attributes, as errors name them.
const (
	fieldTimestamp = "timestamp"
	fieldObserved  = "observed_timestamp"
	fieldEventName = "event_name"
	fieldBody      = "body"
)

// Validate checks an event against the conventions and gives the first error, nil where it is sound.
func (e Event) Validate() *FieldError {
	if err := ValidateRecord(e.Record); err != nil {
		return err
	}
	return ValidateResource(e.Resource)
}

// ValidateResource checks what the records of one resource share: the required fields are there, attributes of the conventions
// have their types and stand there once, every string is UTF-8 and nothing is nested deeper than [MaxDepth].
func ValidateResource(resource pcommon.Map) *FieldError {
	if err := checkAttributes(resource, true, nil); err != nil {
		return err
	}
	if text(resource, AttrServiceName) == "" {
		return missing(AttrServiceName)
	}
	return nil
}

// ValidateRecord checks a record in the same way, and that closed lists hold one of their values.
func ValidateRecord(record plog.LogRecord) *FieldError {
	var facts Facts
	return facts.Read(record)
}

// Read checks a record as [ValidateRecord] does, and notes on the way what is asked of every record. Where it gives an error,
// what is noted may be incomplete.
func (f *Facts) Read(record plog.LogRecord) *FieldError {
	*f = Facts{}
	if err := checkTimes(record); err != nil {
		return err
	}
	if record.EventName() == "" {
		return missing(fieldEventName)
	}
	if !utf8.ValidString(record.EventName()) {
		return invalid(fieldEventName, notUTF8)
	}
	if err := checkAttributes(record.Attributes(), false, f); err != nil {
		return err
	}
	if problem := checkValue(record.Body(), 0); problem != "" {
		return invalid(fieldBody, problem)
	}
	return f.checkRequired()
}

func checkTimes(record plog.LogRecord) *FieldError {
	const tooLate = "must be before 2262-04-11T23:47:16Z, the last time that can be stored"
	switch t := record.Timestamp(); {
	case t == 0:
		return &FieldError{Field: fieldTimestamp, Problem: "required, is 0", Missing: true}
	case t > MaxTimestamp:
		return invalid(fieldTimestamp, tooLate)
	}
	if record.ObservedTimestamp() > MaxTimestamp {
		return invalid(fieldObserved, tooLate)
	}
	return nil
}

// text gives a string attribute whose type has been checked, empty where it is missing.
func text(attrs pcommon.Map, name string) string {
	if v, ok := attrs.Get(name); ok {
		return v.Str()
	}
	return ""
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

const (
	notUTF8 = "must be valid UTF-8"
	tooDeep = "must not be nested deeper than 32 levels"
)

// seen notes which attributes of the conventions were met, by their place in the list.
type seen [2]uint64

// again notes one and reports whether it was noted before.
func (s *seen) again(index int) bool {
	word, bit := &s[index/64], uint64(1)<<(index%64)
	before := *word&bit != 0
	*word |= bit
	return before
}

// checkAttributes also refuses an attribute of the conventions that stands there twice: what reads the first would check
// another value than what stores the last. OTLP asks for unique keys. What is of use later is noted in facts, if there are any.
func checkAttributes(attrs pcommon.Map, resource bool, facts *Facts) *FieldError {
	var met seen
	i := -1
	for name, v := range attrs.All() {
		i++
		d := find(name)
		if d != nil && d.Resource != resource {
			d = nil
		}
		if d != nil {
			if err := d.check(v, &met, facts); err != nil {
				return err
			}
		}
		problem := checkValue(v, 0)
		if problem == "" && d == nil && !utf8.ValidString(name) {
			problem = "its name " + notUTF8
		}
		if problem != "" {
			return invalid(fieldName(name, d != nil, resource, i), problem)
		}
	}
	return nil
}

// check looks at the value of an attribute of the conventions.
func (d *known) check(v pcommon.Value, met *seen, facts *Facts) *FieldError {
	if d.Derived && facts != nil {
		facts.Derived = true
	}
	if met.again(d.index) {
		return invalid(d.Name, "must be there once")
	}
	if !d.Type.Accepts(v) {
		return invalid(d.Name, "must be a "+d.Type.String()+", is a "+v.Type().String())
	}
	if d.note != nil && facts != nil {
		d.note(facts, v)
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
