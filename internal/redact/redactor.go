package redact

import (
	"cmp"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/xpdata/entity"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// Redactor applies a policy to log records, in place. It is immutable and safe for concurrent use.
type Redactor struct {
	policy  *policy
	keys    *pseudonym.Keys
	mask    detect.Masker
	queries Queries
	prompts Prompts
	whole   *Capture
	shared  Capture // of resources and scopes, which records of different levels share
	walkers sync.Pool
}

// New makes a Redactor of the user's rules, the first that matches counting, and of what makes queries and prompts safe. The
// error says which rule is wrong and how.
func New(keys *pseudonym.Keys, rules []Rule, queries Queries, prompts Prompts) (*Redactor, error) {
	p, err := newPolicy(rules)
	if err != nil {
		return nil, err
	}
	r := &Redactor{policy: p, keys: keys, mask: detect.NewMasker(keys), queries: queries, prompts: prompts}
	r.walkers.New = func() any {
		w := &walker{r: r}
		w.visit = w.attribute
		return w
	}
	r.shared = Capture{redactor: r, keeps: func(string) bool { return true }, withheld: true}
	r.whole = r.Capture(func(string) bool { return true }, false)
	return r, nil
}

// Record redacts a record and keeps all of it: see [Capture.Record].
func (r *Redactor) Record(lr plog.LogRecord) Reason { return r.whole.Record(lr) }

// Record redacts a record: its attributes, body, event name and severity text. Attributes that this bundle adds must have been
// removed before ([audit.Derived]), but for those that the caller has set itself.
//
// The reason speaks of the event. The severity text is no part of it: one that is none of the usual words is replaced by a
// stand-in, and that is not reported.
func (c *Capture) Record(lr plog.LogRecord) Reason {
	r := c.redactor
	w := r.walker(c.level)
	w.capture = c
	attrs := lr.Attributes()
	attrs.RemoveIf(w.visit)
	if name, changed := w.text(lr.EventName(), Name); changed {
		lr.SetEventName(name)
	}
	if text := lr.SeverityText(); !isSeverity(text) {
		lr.SetSeverityText(textStandIn(r.mask, text))
	}
	w.takeBody(lr.Body())
	w.putRaw(attrs)
	w.putWithheld(attrs)
	return r.done(w)
}

// Resource redacts what the records of one resource share: its attributes, the schema URL and references to entities. A schema
// URL that is none of OpenTelemetry's is emptied, and references are removed; neither is part of an event, so it is not reported.
func (r *Redactor) Resource(rl plog.ResourceLogs) Reason {
	w := r.walker(r.policy.resource)
	attrs := rl.Resource().Attributes()
	attrs.RemoveIf(w.visit)
	w.putWithheld(attrs)
	if !isSchemaURL(rl.SchemaUrl()) {
		rl.SetSchemaUrl("")
	}
	entity.ResourceEntityRefs(rl.Resource()).RemoveIf(func(entity.EntityRef) bool { return true })
	return r.done(w)
}

// Names under which rules speak of a scope's name and version, as OpenTelemetry writes them where there is no field for them.
const (
	scopeName    = "otel.scope.name"
	scopeVersion = "otel.scope.version"
)

// Scope redacts the instrumentation scope: everything that the user's rules do not keep. It is no part of an event, so nothing is
// reported.
func (r *Redactor) Scope(sl plog.ScopeLogs) {
	w := r.walker(nil)
	scope := sl.Scope()
	if scope.Name() != "" {
		scope.SetName(w.field(scopeName, scope.Name()))
	}
	if scope.Version() != "" {
		scope.SetVersion(w.field(scopeVersion, scope.Version()))
	}
	attrs := scope.Attributes()
	attrs.RemoveIf(w.visit)
	w.putWithheld(attrs)
	if !isSchemaURL(sl.SchemaUrl()) {
		sl.SetSchemaUrl("")
	}
	r.done(w)
}

// field applies the rule for a name to a text that is no attribute: it is replaced where it stands.
func (w *walker) field(name, text string) string {
	v := pcommon.NewValueStr(text)
	switch rule := w.r.policy.find(name); rule.action {
	case Keep:
		return text
	case Drop:
		return ""
	case Withhold:
		return textStandIn(w.r.mask, text)
	default:
		w.value(v, rule.action)
		return v.Str()
	}
}

// takeBody moves the body to what is withheld.
func (w *walker) takeBody(body pcommon.Value) {
	if body.Type() == pcommon.ValueTypeEmpty {
		return
	}
	switch {
	case body.Type() == pcommon.ValueTypeStr && body.Str() == "":
	case !w.capture.withheld:
		w.report(LeftOut)
	default:
		w.hold(keyBody, body, BodyWithheld)
	}
	pcommon.NewValueEmpty().MoveTo(body)
}

// putRaw puts what stands for the raw texts that were taken off the record.
func (w *walker) putRaw(attrs pcommon.Map) {
	if w.query != "" {
		language, dialect := cmp.Or(w.language, str(attrs, audit.AttrQueryLanguage)), cmp.Or(w.dialect, str(attrs, audit.AttrDBSystemName))
		w.putQuery(attrs, w.r.queries.Query(w.query, language, dialect))
	}
	if w.prompt != "" {
		p := w.r.prompts.Prompt(w.prompt)
		w.report(p.Reason)
		if w.made(madePrompt) {
			attrs.PutStr(audit.AttrPromptRepresentation, p.Representation)
		}
		if w.made(madePromptFingerprint) {
			attrs.PutStr(audit.AttrPromptFingerprint, p.Fingerprint)
		}
		if w.made(madePromptLength) {
			attrs.PutInt(audit.AttrPromptLength, int64(len(w.prompt)))
		}
	}
	if w.stack != "" {
		w.report(Stacktrace)
		w.buf = appendFrames(w.buf[:0], w.stack)
		attrs.PutStr(audit.AttrErrorFingerprint, w.r.keys.Fingerprint(pseudonym.Stack, string(w.buf)))
	}
}

func (w *walker) putQuery(attrs pcommon.Map, q Query) {
	w.report(q.Reason)
	if w.made(madeQuery) {
		attrs.PutStr(audit.AttrQueryRepresentation, q.Representation)
	}
	if w.made(madeQueryFingerprint) {
		attrs.PutStr(audit.AttrQueryFingerprint, q.Fingerprint)
	}
	if q.Summary != "" && w.made(madeSummary) {
		attrs.PutStr(audit.AttrQuerySummary, q.Summary)
	}
	if _, given := attrs.Get(audit.AttrDatasets); !given && len(q.Datasets) > 0 && w.made(madeDatasets) {
		list := attrs.PutEmptySlice(audit.AttrDatasets)
		for _, name := range q.Datasets {
			list.AppendEmpty().SetStr(name)
		}
	}
}

// made reports whether what is made of raw text is kept, and notes where it is not.
func (w *walker) made(what made) bool {
	if w.capture.made[what] {
		return true
	}
	w.report(LeftOut)
	return false
}

func str(attrs pcommon.Map, name string) string {
	if v, ok := attrs.Get(name); ok {
		return v.Str()
	}
	return ""
}

// isSchemaURL reports whether a schema URL is empty or one of the published ones.
func isSchemaURL(url string) bool {
	const published = "https://opentelemetry.io/schemas/"
	version, ok := strings.CutPrefix(url, published)
	return url == "" || ok && len(version) <= 16 && strings.Trim(version, "0123456789.") == ""
}

// isSeverity reports whether a severity text is empty or a word that logging libraries use, in whatever case.
func isSeverity(text string) bool {
	if text == "" {
		return true
	}
	if len(text) > len("INFORMATIONAL") {
		return false
	}
	if last := text[len(text)-1]; last >= '1' && last <= '4' { // INFO2
		text = text[:len(text)-1]
	}
	return severities[strings.ToLower(text)]
}

var severities = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields(`trace debug info information informational notice warn warning error err fatal critical crit
		alert emergency emerg panic dpanic verbose fine finer finest config severe audit unspecified`) {
		m[s] = true
	}
	return m
}()
