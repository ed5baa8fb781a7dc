package auditprocessor

import (
	"context"
	"strconv"
	"sync"

	"go.opentelemetry.io/collector/component"
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
	log       *zap.Logger
	telemetry *telemetry

	keys      *pseudonym.Keys
	redactor  *redact.Redactor
	directory directory.Directory // nil for none
	canonical sync.Pool           // *[]byte
}

func newProcessor(set processor.Settings, cfg *Config) (*auditProcessor, error) {
	t, err := newTelemetry(set)
	if err != nil {
		return nil, err
	}
	p := &auditProcessor{
		cfg:       cfg,
		policy:    cfg.Policy.Name + "@" + strconv.Itoa(cfg.Policy.Version),
		log:       set.Logger,
		telemetry: t,
		canonical: sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }},
	}
	if d := cfg.Directory.Get(); d != nil {
		p.directory = directory.NewFile(fileOptions(d.File.Get(), p.loaded))
	}
	return p, nil
}

func fileOptions(cfg *DirectoryFile, loaded func(int, error)) directory.FileOptions {
	return directory.FileOptions{Path: cfg.Path, ReloadInterval: cfg.ReloadInterval, MaxBytes: cfg.MaxBytes, OnLoad: loaded}
}

// loaded is told of every attempt to load the directory.
func (p *auditProcessor) loaded(users int, err error) {
	p.telemetry.load(err)
	if err != nil {
		p.log.Error("Directory cannot be read, the users from before stay. Events say stale until it can.", zap.Int("users", users), zap.Error(err))
		return
	}
	p.log.Info("Directory loaded", zap.Int("users", users))
}

// start reads keys and directory, and fails where either is missing or wrong.
func (p *auditProcessor) start(ctx context.Context, _ component.Host) error {
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
	if p.directory == nil {
		return nil
	}
	if err := p.directory.Start(ctx); err != nil {
		return err
	}
	return p.telemetry.observe(p.directory)
}

func (p *auditProcessor) shutdown(ctx context.Context) error {
	p.telemetry.builder.Shutdown()
	if p.directory == nil {
		return nil
	}
	return p.directory.Shutdown(ctx)
}

// processLogs makes every record safe, in place. It cannot fail: what is not understood is withheld.
func (p *auditProcessor) processLogs(ctx context.Context, logs plog.Logs) (plog.Logs, error) {
	n := tally{}
	forged := isForged
	if audit.TallyFrom(ctx) == nil { // no receiver of ours has looked at the records
		forged = isForgedElsewhere
	}
	for _, rl := range logs.ResourceLogs().All() {
		p.processResource(rl, forged, &n)
	}
	p.telemetry.count(ctx, n)
	return logs, nil
}

// processResource goes over the records twice, because the hash of each covers the resource as it was received.
func (p *auditProcessor) processResource(rl plog.ResourceLogs, forged func(string, pcommon.Value) bool, n *tally) {
	resource := rl.Resource().Attributes()
	resource.RemoveIf(isDerived)
	buffer := p.canonical.Get().(*[]byte)
	for _, sl := range rl.ScopeLogs().All() {
		sl.Scope().Attributes().RemoveIf(isDerived)
		for _, lr := range sl.LogRecords().All() {
			lr.Attributes().RemoveIf(forged)
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

// prepare takes the hash of the record as it was received, with buffer for its canonical form, and looks the actor up. Where a
// profile has mapped the record since, the receiver says what it was.
func (p *auditProcessor) prepare(event audit.Event, buffer []byte, n *tally) []byte {
	attrs := event.Record.Attributes()
	attrs.EnsureCapacity(attrs.Len() + added)
	if hash, mapped := attrs.Get(audit.AttrReceivedHash); mapped {
		buffer = append(buffer, hash.Str()...)
		attrs.Remove(audit.AttrReceivedHash)
	} else {
		buffer = event.AppendCanonical(buffer)
	}
	attrs.PutStr(audit.AttrRecordHash, p.keys.RecordHash(buffer))
	if p.directory != nil {
		n.enrichment(enrich(p.directory, event))
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
// and so is what it found, as long as it is in its words.
func isForged(name string, value pcommon.Value) bool {
	switch name {
	case audit.AttrReceivedTime, audit.AttrReceivedHash, audit.AttrQuarantineField:
		return false
	case audit.AttrQuarantineReason:
		return !audit.IsQuarantineReason(value.AsString())
	case audit.AttrSequenceWarning:
		return !audit.IsSequenceWarning(value.AsString())
	default:
		return audit.Derived(name)
	}
}

// isForgedElsewhere is the same where the records come from another receiver, which does not keep its senders from setting
// what they like: a hash of the record, above all, would let two records pass for one.
func isForgedElsewhere(name string, value pcommon.Value) bool {
	switch name {
	case audit.AttrReceivedHash, audit.AttrQuarantineReason, audit.AttrQuarantineField:
		return true
	default:
		return isForged(name, value)
	}
}
