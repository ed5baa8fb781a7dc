package redact

import (
	"cmp"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// MaxNodes is how many attributes of a record that the conventions do not know are looked at one by one, and how many elements of
// lists and entries of maps. What is beyond is withheld.
const MaxNodes = 4096

// maxPooled keeps a rare large record from staying in memory for good.
const maxPooled = 64 << 10

// walker is the state of one walk over a record, a resource or a scope. It is kept for the next.
type walker struct {
	r       *Redactor
	level   *level
	capture *Capture
	visit   func(string, pcommon.Value) bool // w.attribute

	worst    Reason
	unknown  int // attributes so far that the table does not have
	nodes    int // elements and entries so far
	withheld []held
	same     numbered // keys of withheld
	rest     []byte   // content of the attributes beyond MaxNodes
	restLen  int

	query, prompt, stack string // raw texts that were taken off
	language, dialect    string // of the query, where they are not kept

	buf, content []byte
}

func (r *Redactor) walker(l *level) *walker {
	w := r.walkers.Get().(*walker)
	w.level, w.capture, w.worst, w.unknown, w.nodes = l, &r.shared, Clean, 0, 0
	return w
}

// done gives the walker back without the strings it has seen, and its reason.
func (r *Redactor) done(w *walker) Reason {
	worst := w.worst
	if cap(w.buf)+cap(w.content)+cap(w.rest) > maxPooled || cap(w.withheld) > maxPooled/32 {
		return worst
	}
	clear(w.withheld)
	clear(w.same)
	w.withheld, w.rest, w.restLen = w.withheld[:0], w.rest[:0], 0
	w.query, w.prompt, w.stack, w.language, w.dialect = "", "", "", "", ""
	r.walkers.Put(w)
	return worst
}

func (w *walker) report(reason Reason) { w.worst = max(w.worst, reason) }

// attribute redacts one attribute and reports whether it is to be removed.
func (w *walker) attribute(name string, v pcommon.Value) (remove bool) {
	rule, known := w.level.find(name)
	if !known {
		if !w.capture.keeps(name) {
			w.report(LeftOut)
			return true
		}
		if w.unknown++; w.unknown > MaxNodes {
			w.rest = append(append(w.rest, name...), 0)
			w.rest = appendPart(w.rest, v, 0)
			w.restLen++
			w.report(TooLarge)
			return true
		}
		rule = w.r.policy.find(name)
	}
	if rule.typ != nil && !rule.typ.Accepts(v) && rule.action != Drop {
		return w.hold(name, v, WrongType)
	}
	switch rule.action {
	case Withhold:
		return w.hold(name, v, rule.reason)
	case Drop:
		w.report(DroppedByRule)
		return true
	case leaveOut:
		w.report(LeftOut)
		switch name { // they say how a query text is to be read, which may be kept
		case audit.AttrQueryLanguage:
			w.language = v.AsString()
		case audit.AttrDBSystemName:
			w.dialect = v.AsString()
		}
		return true
	case queryText:
		w.query = cmp.Or(w.query, v.Str())
		return true
	case promptText:
		w.prompt = cmp.Or(w.prompt, v.Str())
		return true
	case stackTrace:
		w.stack = cmp.Or(w.stack, v.Str())
		return true
	}
	before := w.nodes
	if problem := w.measure(v, 0); problem != Clean {
		w.nodes = before // so that one large value does not take the others with it
		return w.hold(name, v, problem)
	}
	if rule.action != Keep {
		w.value(v, rule.action)
	}
	return false
}

// measure counts what is below v, and gives the reason why it cannot be walked.
func (w *walker) measure(v pcommon.Value, depth int) Reason {
	if depth > audit.MaxDepth {
		return TooDeep
	}
	switch v.Type() {
	case pcommon.ValueTypeMap:
		if w.nodes += v.Map().Len(); w.nodes > MaxNodes {
			return TooLarge
		}
		for _, e := range v.Map().All() {
			if problem := w.measure(e, depth+1); problem != Clean {
				return problem
			}
		}
	case pcommon.ValueTypeSlice:
		if w.nodes += v.Slice().Len(); w.nodes > MaxNodes {
			return TooLarge
		}
		for _, e := range v.Slice().All() {
			if problem := w.measure(e, depth+1); problem != Clean {
				return problem
			}
		}
	default:
	}
	return Clean
}

// value applies an action to v and everything below it.
func (w *walker) value(v pcommon.Value, a Action) {
	switch v.Type() {
	case pcommon.ValueTypeMap:
		if a == valuesOf {
			w.secrets(v.Map())
		}
		w.keys(v.Map())
		for _, e := range v.Map().All() {
			w.value(e, a)
		}
	case pcommon.ValueTypeSlice:
		for _, e := range v.Slice().All() {
			w.value(e, a)
		}
	case pcommon.ValueTypeEmpty:
	default:
		w.leaf(v, a)
	}
}

// keys replaces the keys of a map that are no identifiers by their pseudonyms.
func (w *walker) keys(m pcommon.Map) {
	safe := true
	for k := range m.All() {
		safe = safe && isIdentifier(k)
	}
	if safe {
		return
	}
	w.report(UnsafeKey)
	renamed := pcommon.NewMap()
	renamed.EnsureCapacity(m.Len())
	var same numbered
	for k, e := range m.All() {
		if !isIdentifier(k) {
			k = same.key(string(w.r.mask.AppendPseudonym(nil, k)))
		}
		e.MoveTo(renamed.PutEmpty(k))
	}
	renamed.MoveTo(m)
}
