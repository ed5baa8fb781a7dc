package auditprocessor

import (
	"context"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/redact"
)

// added is how many attributes a record gets at most, so that its list grows once.
const added = 16

// maxPooledCanonical keeps a rare large record from staying in memory for good.
const maxPooledCanonical = 256 << 10

// auditProcessor makes records safe to store. What it needs is read at start; processLogs is safe for concurrent use.
type auditProcessor struct {
	cfg       *Config
	policy    string // audit.redaction.policy
	set       processor.Settings
	log       *zap.Logger
	telemetry *telemetry

	keys      *pseudonym.Keys
	redactor  *redact.Redactor
	directory directory.Chain // empty for none
	history   *history
	maxWait   time.Duration // of the look-ups of one request
	canonical sync.Pool     // *[]byte
}

func newProcessor(set processor.Settings, cfg *Config, next consumer.Logs) (*auditProcessor, error) {
	t, err := newTelemetry(set)
	if err != nil {
		return nil, err
	}
	p := &auditProcessor{
		cfg:       cfg,
		policy:    cfg.Policy.Name + "@" + strconv.Itoa(cfg.Policy.Version),
		set:       set,
		log:       set.Logger,
		telemetry: t,
		canonical: sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }},
	}
	p.history = &history{processor: p, next: next}
	return p, nil
}

// start reads keys and directory, and fails where either is missing or wrong.
func (p *auditProcessor) start(ctx context.Context, host component.Host) error {
	keys, err := p.cfg.Pseudonyms.load()
	if err != nil {
		return err
	}
	rules, err := p.cfg.rules()
	if err != nil {
		return err
	}
	p.keys = keys
	prompts := redact.NewPrompter(keys, p.cfg.Prompts.Text == promptsMask)
	queries := redact.NewRepresenter(keys, p.cfg.Queries.names())
	if p.redactor, err = redact.New(keys, rules, queries, prompts); err != nil {
		return err
	}
	if err := p.openDirectories(ctx, host); err != nil {
		return err
	}
	return p.telemetry.observe(p.directory)
}

func (p *auditProcessor) shutdown(ctx context.Context) error {
	p.telemetry.builder.Shutdown()
	return p.directory.Shutdown(ctx)
}

// processLogs makes every record safe, in place. It cannot fail: what is not understood is withheld.
func (p *auditProcessor) processLogs(ctx context.Context, logs plog.Logs) (plog.Logs, error) {
	n := tally{wait: directory.Wait{Left: p.maxWait}}
	for _, rl := range logs.ResourceLogs().All() {
		p.processResource(rl, &n)
	}
	p.telemetry.count(ctx, &n)
	return logs, nil
}

// processResource goes over the records twice, because the hash of each covers the resource as it was received.
func (p *auditProcessor) processResource(rl plog.ResourceLogs, n *tally) {
	resource := rl.Resource().Attributes()
	resource.RemoveIf(isDerived)
	buffer := p.canonical.Get().(*[]byte)
	for _, sl := range rl.ScopeLogs().All() {
		sl.Scope().Attributes().RemoveIf(isDerived)
		for _, lr := range sl.LogRecords().All() {
			*buffer = p.prepare(audit.Event{Resource: resource, Record: lr}, (*buffer)[:0], n)
		}
	}
	if cap(*buffer) <= maxPooledCanonical {
		p.canonical.Put(buffer)
	}
	shared := p.redactor.Resource(rl)
	for _, sl := range rl.ScopeLogs().All() {
		p.redactor.Scope(sl)
		for _, lr := range sl.LogRecords().All() {
			p.finish(lr, max(shared, p.redactor.Record(lr)), n)
		}
	}
}

// prepare removes what only this bundle may set, takes the hash of the record as it was received, with buffer for its canonical
// form, and looks the actor up.
func (p *auditProcessor) prepare(event audit.Event, buffer []byte, n *tally) []byte {
	attrs := event.Record.Attributes()
	attrs.RemoveIf(isForged)
	attrs.EnsureCapacity(attrs.Len() + added)
	buffer = event.AppendCanonical(buffer)
	attrs.PutStr(audit.AttrRecordHash, p.keys.RecordHash(buffer))
	if len(p.directory) > 0 {
		n.enrichment(enrich(p.directory, event, &n.wait))
	}
	return buffer
}

// finish writes what redaction did.
func (p *auditProcessor) finish(lr plog.LogRecord, reason redact.Reason, n *tally) {
	attrs := lr.Attributes()
	attrs.PutStr(audit.AttrRedactionOutcome, reason.Outcome())
	if code := reason.Code(); code != "" {
		attrs.PutStr(audit.AttrRedactionReason, code)
	}
	attrs.PutStr(audit.AttrRedactionPolicy, p.policy)
	n.outcome(reason.Outcome())
}

func isDerived(name string, _ pcommon.Value) bool { return audit.Derived(name) }

// isForged reports whether an attribute of a record is one that only this bundle sets. The time of receipt is the receiver's,
// and so is what it found wrong with a sequence, as long as it is one of its words.
func isForged(name string, value pcommon.Value) bool {
	switch name {
	case audit.AttrReceivedTime:
		return false
	case audit.AttrSequenceWarning:
		return !audit.IsSequenceWarning(value.AsString())
	default:
		return audit.Derived(name)
	}
}
