// Package explain says what a policy makes of one event: which rule matched, and what each attribute becomes and why. It is for
// people who write a policy, and for tests; it does what the processor does, one attribute at a time.
package explain

import (
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/redact"
)

// Report is what a policy makes of an event. It holds names of attributes and no values.
type Report struct {
	Policy     string // name, version and hash
	Rule       string
	Level      string // of what is stored
	Stored     bool
	Why        []string
	Attributes []Attribute // of the record, by name
}

// Attribute is what becomes of one attribute.
type Attribute struct {
	Name   string
	Became Became
	Into   []string // names of what is stored instead, where that is not the attribute itself
	Reason string   // as in audit.redaction.reason; empty where nothing was changed
}

// Became is what happens to an attribute.
type Became string

// What happens to attributes.
const (
	Kept     Became = "kept"     // as it is
	Changed  Became = "changed"  // in part or whole, see the reason
	Replaced Became = "replaced" // by others that are made of it
	Withheld Became = "withheld" // a stand-in is stored
	LeftOut  Became = "left out" // nothing of it is stored
)

// Event explains an event that was enriched and is not redacted. It is not changed.
func Event(p *policy.Policy, redactor *redact.Redactor, event audit.Event) Report {
	subject := &policy.Subject{}
	subject.Read(event)
	d := p.Decide(subject)
	report := Report{
		Policy: p.Identity().String(), Rule: p.RuleName(d), Level: d.Level.String(), Stored: d.Fate == policy.Stored, Why: p.Explain(subject, d),
	}
	if !report.Stored {
		return report
	}
	kept := p.Captures()[d.Capture]
	capture := redactor.Capture(kept.Keeps, kept.Values)
	for name, v := range event.Record.Attributes().All() {
		report.Attributes = append(report.Attributes, attribute(capture, event, name, v))
	}
	slices.SortFunc(report.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	return report
}

// context are the attributes that say how a query text is read.
var context = []string{audit.AttrQueryLanguage, audit.AttrDBSystemName}

// attribute redacts a record that has nothing but one attribute and what says how it is read.
func attribute(capture *redact.Capture, event audit.Event, name string, v pcommon.Value) Attribute {
	lr := plog.NewLogRecord()
	v.CopyTo(lr.Attributes().PutEmpty(name))
	if name == audit.AttrQueryText {
		for _, beside := range context {
			if text := event.Str(beside); text != "" {
				lr.Attributes().PutStr(beside, text)
			}
		}
	}
	reason := capture.Record(lr)
	out := Attribute{Name: name, Reason: reason.Code()}
	after, stays := lr.Attributes().Get(name)
	_, standIn := lr.Attributes().Get(audit.AttrWithheld)
	switch {
	case stays && v.Equal(after):
		out.Became, out.Reason = Kept, ""
	case stays:
		out.Became = Changed
	case standIn:
		out.Became, out.Into = Withheld, []string{audit.AttrWithheld}
	default:
		for made := range lr.Attributes().All() {
			if !slices.Contains(context, made) {
				out.Into = append(out.Into, made)
			}
		}
		slices.Sort(out.Into)
		out.Became = LeftOut
		if len(out.Into) > 0 {
			out.Became = Replaced
		}
	}
	return out
}
