package auditprocessor

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/follow"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/redact"
)

// added is how many attributes most records get here at most, so that a list which has no room grows once. One that the receiver
// has made has room for these and for the time of receipt, and is left where it is.
const added = audit.RoomForDerived - 1

// maxPooledCanonical keeps a rare large record from staying in memory for good.
const maxPooledCanonical = 256 << 10

// auditProcessor makes records safe to store. What it needs is read at start; processLogs is safe for concurrent use.
type auditProcessor struct {
	cfg       *Config
	set       processor.Settings
	log       *zap.Logger
	telemetry *telemetry

	keys       *pseudonym.Keys
	redactor   *redact.Redactor
	rules      atomic.Pointer[ruleset] // in force
	policyFile *follow.File            // nil where the policy stands in the configuration
	announcer  *announcer
	directory  directory.Chain // empty for none
	history    *history
	maxWait    time.Duration // of the look-ups of one request
	scratches  sync.Pool     // *scratch
}

// scratch is memory that is used again and again.
type scratch struct {
	resource  []byte // canonical form of the resource, which is part of that of each of its records
	canonical []byte
	subject   policy.Subject
	decisions []policy.Decision // of the records of a resource that are kept, in their order
}

func newProcessor(set processor.Settings, cfg *Config, next consumer.Logs) (*auditProcessor, error) {
	t, err := newTelemetry(set)
	if err != nil {
		return nil, err
	}
	p := &auditProcessor{
		cfg:       cfg,
		set:       set,
		log:       set.Logger,
		telemetry: t,
		announcer: newAnnouncer(next, set.Logger),
		scratches: sync.Pool{New: func() any { return &scratch{} }},
	}
	p.history = &history{processor: p, next: next}
	return p, nil
}

// start reads keys, policy and directory, and fails where either is missing or wrong.
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
	if err := p.startPolicy(ctx); err != nil { // before the directories, whose changes are redacted
		return err
	}
	if err := p.openDirectories(ctx, host); err != nil {
		return err
	}
	if err := p.telemetry.observe(p.directory); err != nil {
		return err
	}
	p.announcer.start(ctx)
	return nil
}

func (p *auditProcessor) shutdown(ctx context.Context) error {
	p.telemetry.builder.Shutdown()
	var errs []error
	if p.policyFile != nil {
		errs = append(errs, p.policyFile.Shutdown(ctx))
	}
	p.announcer.shutdown(ctx)
	errs = append(errs, p.directory.Shutdown(ctx))
	return errors.Join(errs...)
}

// processLogs makes every record safe, in place, and removes those that the policy leaves out. It cannot fail: what is not
// understood is withheld.
func (p *auditProcessor) processLogs(ctx context.Context, logs plog.Logs) (plog.Logs, error) {
	c := call{p: p, rules: p.rules.Load(), request: requestFrom(ctx), scratch: p.scratches.Get().(*scratch), forged: isForged}
	if audit.TallyFrom(ctx) == nil { // no receiver of ours has looked at the records
		c.forged = isForgedElsewhere
	}
	c.tally.wait.Left = p.maxWait
	c.debug = p.log.Core().Enabled(zap.DebugLevel)
	for _, rl := range logs.ResourceLogs().All() {
		c.resource(rl)
	}
	if c.left > 0 {
		removeEmpty(logs)
	}
	if cap(c.scratch.resource)+cap(c.canonical) <= maxPooledCanonical {
		p.scratches.Put(c.scratch)
	}
	p.telemetry.count(ctx, &c.tally)
	return logs, nil
}

// finish writes what policy and redaction did.
func (p *auditProcessor) finish(lr plog.LogRecord, s *ruleset, d policy.Decision, reason redact.Reason, n *tally) {
	attrs := lr.Attributes()
	attrs.PutStr(audit.AttrRedactionOutcome, reason.Outcome())
	if code := reason.Code(); code != "" {
		attrs.PutStr(audit.AttrRedactionReason, code)
	}
	attrs.PutStr(audit.AttrRedactionPolicy, s.stamp)
	attrs.PutStr(audit.AttrCaptureLevel, d.Level.String())
	if d.Retained {
		attrs.PutInt(audit.AttrRetentionDays, int64(d.RetentionDays))
	}
	if d.SampleRate < 1 {
		attrs.PutDouble(audit.AttrSampleRate, d.SampleRate)
	}
	n.outcome(reason.Outcome())
	n.capture(int(d.Level))
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
