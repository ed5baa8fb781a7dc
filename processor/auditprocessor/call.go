package auditprocessor

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/redact"
)

// call is one request on its way through the processor, by one version of the policy. It is for one goroutine.
type call struct {
	p     *auditProcessor
	rules *ruleset
	*request
	*scratch
	forged func(name string, value pcommon.Value) bool // attributes of records that their sender must not set
	tally  tally
	debug  bool
}

// resource goes over the records twice: the policy and the hash of each look at the resource as it was received.
func (c *call) resource(rl plog.ResourceLogs) {
	resource := rl.Resource().Attributes()
	resource.RemoveIf(isDerived)
	c.scratch.resource = audit.AppendCanonicalResource(c.scratch.resource[:0], resource)
	c.decisions = c.decisions[:0]
	for _, sl := range rl.ScopeLogs().All() {
		sl.Scope().Attributes().RemoveIf(isDerived)
		sl.LogRecords().RemoveIf(func(lr plog.LogRecord) bool {
			return !c.prepare(audit.Event{Resource: resource, Record: lr})
		})
	}
	if len(c.decisions) == 0 {
		return
	}
	shared := c.p.redactor.Resource(rl)
	next := 0
	for _, sl := range rl.ScopeLogs().All() {
		c.p.redactor.Scope(sl)
		for _, lr := range sl.LogRecords().All() {
			d := c.decisions[next]
			next++
			reason := max(shared, c.rules.captures[d.Capture].Record(lr))
			c.p.finish(lr, c.rules, d, reason, &c.tally)
			if c.debug {
				c.explainStored(lr, reason)
			}
		}
	}
}

// prepare removes what only this bundle may set, looks the actor up, asks the policy, and takes the hash of the record as it was
// received. It reports whether the record is kept.
func (c *call) prepare(event audit.Event) (kept bool) {
	attrs := event.Record.Attributes()
	attrs.RemoveIf(c.forged)
	attrs.EnsureCapacity(attrs.Len() + added)
	if len(c.p.directory) > 0 {
		c.tally.enrichment(enrich(c.p.directory, event, &c.tally.wait))
	}
	d := c.rules.decide(&c.subject, event)
	if c.debug {
		c.explainDecision(event, d)
	}
	if d.Fate != policy.Stored {
		c.leaveOut(event, d)
		return false
	}
	c.takeHash(event)
	c.decisions = append(c.decisions, d)
	return true
}

// takeHash takes the hash of the record as it was received. Where a profile has mapped the record since, the receiver says what it was.
func (c *call) takeHash(event audit.Event) {
	attrs := event.Record.Attributes()
	if hash, mapped := attrs.Get(audit.AttrReceivedHash); mapped {
		c.canonical = append(c.canonical[:0], hash.Str()...)
		attrs.Remove(audit.AttrReceivedHash)
	} else {
		c.canonical = audit.AppendCanonicalRecord(c.canonical[:0], event.Record, c.scratch.resource) // which leaves out what enrichment added
	}
	attrs.PutStr(audit.AttrRecordHash, c.p.keys.RecordHash(c.canonical))
}

// leaveOut counts a record that is not stored.
func (c *call) leaveOut(event audit.Event, d policy.Decision) {
	key := audit.CountKey{
		Tenant: event.Str(audit.AttrTenantID), Source: event.Str(audit.AttrServiceName), Kind: audit.KindSkipped, Reason: c.rules.policy.Reason(d),
	}
	state, level := audit.StateSkipped, int(policy.None)
	if d.Fate == policy.SampledOut {
		key.Kind, state, level = audit.KindSampledOut, audit.StateSampledOut, sampledOut
	}
	c.tally.capture(level)
	c.leave(key, event.Str(audit.AttrRecordID), state)
}

// removeEmpty removes scopes and resources of which no record is left.
func removeEmpty(logs plog.Logs) {
	logs.ResourceLogs().RemoveIf(func(rl plog.ResourceLogs) bool {
		rl.ScopeLogs().RemoveIf(func(sl plog.ScopeLogs) bool { return sl.LogRecords().Len() == 0 })
		return rl.ScopeLogs().Len() == 0
	})
}

// explainDecision says in the debug log why the policy decided as it did. It holds words of the policy and none of the event.
func (c *call) explainDecision(event audit.Event, d policy.Decision) {
	c.subject.Read(event)
	c.p.log.Debug("The policy decided about an event.",
		zap.String("policy", c.rules.stamp), zap.String("rule", c.rules.policy.RuleName(d)), zap.Stringer("level", d.Level),
		zap.Bool("protected", d.Protected), zap.Bool("stored", d.Fate == policy.Stored), zap.Strings("why", c.rules.policy.Explain(&c.subject, d)))
}

// explainStored says in the debug log what became of an event. The hash finds the row.
func (c *call) explainStored(lr plog.LogRecord, reason redact.Reason) {
	hash := audit.Event{Record: lr}.Str(audit.AttrRecordHash)
	c.p.log.Debug("An event was redacted.", zap.String("record_hash", hash), zap.String("outcome", reason.Outcome()), zap.String("reason", reason.Code()))
}
