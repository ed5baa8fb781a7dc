package auditprocessor

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/follow"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/redact"
)

// ruleset is a version of the policy, with what its decisions refer to. It is immutable: a request is treated by one of them.
type ruleset struct {
	policy   *policy.Policy
	stamp    string            // audit.redaction.policy
	captures []*redact.Capture // in the order of policy.Captures
	constant policy.Decision   // what becomes of every event, where always
	always   bool
}

func newRuleset(p *policy.Policy, redactor *redact.Redactor) *ruleset {
	s := &ruleset{policy: p, stamp: p.Identity().String()}
	for _, c := range p.Captures() {
		s.captures = append(s.captures, redactor.Capture(c.Keeps, c.Values))
	}
	s.constant, s.always = p.Constant()
	return s
}

// decide gives what becomes of an event that was enriched and not yet redacted.
func (s *ruleset) decide(subject *policy.Subject, event audit.Event) policy.Decision {
	if s.always {
		return s.constant
	}
	subject.Read(event)
	return s.policy.Decide(subject)
}

// startPolicy puts the policy in force, and follows its file.
func (p *auditProcessor) startPolicy(ctx context.Context) error {
	file := p.cfg.Policy.File.Get()
	if file == nil {
		compiled, err := p.cfg.Policy.Compile(p.cfg.beside())
		if err != nil {
			return err
		}
		p.putInForce(compiled)
		return nil
	}
	p.policyFile = follow.New(follow.Options{
		Path: file.Path, Interval: file.ReloadInterval, MaxBytes: maxPolicyBytes, Take: p.takePolicy, Failed: p.policyFailed,
	})
	if err := p.policyFile.Start(ctx); err != nil {
		return fmt.Errorf("policy %s: %w", file.Path, err)
	}
	return p.telemetry.observePolicy(p.policyFile, &p.rules)
}

// takePolicy takes the content of the file, or says why that from before stays.
func (p *auditProcessor) takePolicy(data []byte) error {
	compiled, err := policy.Parse(data, p.cfg.beside())
	if err != nil {
		return err
	}
	if s := p.rules.Load(); s != nil {
		was, is := s.policy.Identity(), compiled.Identity()
		switch {
		case was.Hash == is.Hash:
			return nil // comments
		case was.Name == is.Name && is.Version <= was.Version:
			return fmt.Errorf("version is %d and %d is in force: must be raised with every change", is.Version, was.Version)
		}
	}
	p.putInForce(compiled)
	p.telemetry.policyLoad(nil)
	return nil
}

// policyFailed is told, once for each problem, that a changed file was not taken.
func (p *auditProcessor) policyFailed(err error) {
	p.telemetry.policyLoad(err)
	p.log.Error("The policy file is not taken, the policy from before stays in force.",
		zap.String("policy", p.rules.Load().stamp), zap.Error(err))
}

// putInForce makes every request from now on be treated by a policy. Requests that are on their way keep theirs.
func (p *auditProcessor) putInForce(compiled *policy.Policy) {
	s := newRuleset(compiled, p.redactor)
	p.rules.Store(s)
	p.log.Info("The policy is in force.", zap.String("policy", s.stamp))
	if !compiled.Silent() {
		p.announcer.announce(s.stamp, p.policyEvent(s))
	}
}
