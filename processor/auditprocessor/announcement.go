package auditprocessor

import (
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/policy"
)

// Of the event that tells that a policy is in force.
const (
	policyEventName = "audit_policy.in_force"
	generatedSource = "otelaudit" // service.name of events that the bundle makes itself
	generatedActor  = "otelaudit"
)

// policyEvent makes the event that tells that a policy is in force. Its id and its hash depend on the version alone and not on
// when and where: it is told again at every start, and whoever keeps events recognises it.
func (p *auditProcessor) policyEvent(s *ruleset) plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, generatedSource)
	lr := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	lr.SetEventName(policyEventName)
	id := s.policy.Identity()
	attrs := lr.Attributes()
	attrs.PutStr(audit.AttrActorID, generatedActor)
	attrs.PutStr(audit.AttrActorType, audit.ActorSystem)
	attrs.PutStr(audit.AttrAction, audit.ActionUpdate)
	attrs.PutStr(audit.AttrOutcome, audit.OutcomeSuccess)
	attrs.PutStr(audit.AttrOrigin, audit.OriginSystem)
	attrs.PutStr(audit.AttrTargetType, policy.TargetPolicy)
	attrs.PutStr(audit.AttrTargetID, id.Name)
	attrs.PutStr(audit.AttrTargetName, s.stamp)
	details := attrs.PutEmptyMap(audit.AttrDetails)
	details.PutInt("version", int64(id.Version))
	details.PutStr("sha256", id.Hash)
	describeRules(attrs.PutEmptyMap(audit.AttrChangeAfter), s.policy)

	hash := p.keys.RecordHash(audit.Event{Resource: rl.Resource().Attributes(), Record: lr}.AppendCanonical(nil))
	now := pcommon.NewTimestampFromTime(time.Now())
	lr.SetTimestamp(now)
	lr.SetObservedTimestamp(now)
	attrs.PutInt(audit.AttrReceivedTime, int64(now))
	attrs.PutStr(audit.AttrRecordHash, hash)
	// Of the hash, so that no two events of one id ever differ: with another key it is another event.
	attrs.PutStr(audit.AttrRecordID, uuid.NewSHA1(uuid.NameSpaceOID, []byte(hash)).String())

	decision := s.decide(&policy.Subject{}, audit.Event{Resource: rl.Resource().Attributes(), Record: lr})
	decision.Level, decision.Capture = policy.Verbose, int(policy.Verbose) // what the rules say is what it is about
	p.redactor.Resource(rl)
	p.finish(lr, s, decision, s.captures[decision.Capture].Record(lr), &tally{})
	return logs
}

// describeRules writes what the policy does, without what it looks for: that may name persons.
func describeRules(to pcommon.Map, p *policy.Policy) {
	summary := p.Summary()
	to.PutStr("default_level", summary.DefaultLevel)
	to.PutInt("plans", int64(summary.Plans))
	to.PutInt("protected", int64(summary.Protected))
	list := to.PutEmptySlice("rules")
	for _, r := range summary.Rules {
		m := list.AppendEmpty().SetEmptyMap()
		m.PutStr("name", r.Name)
		m.PutStr("level", r.Level)
		if r.Sample < 1 {
			m.PutDouble("sample", r.Sample)
		}
		if r.Retained {
			m.PutInt("retention_days", int64(r.RetentionDays))
		}
	}
}
