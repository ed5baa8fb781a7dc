package policy

import (
	"fmt"
	"strconv"
)

// RuleName names the rule of a decision, as "rules[2] (health checks)", or says that the default held.
func (p *Policy) RuleName(d Decision) string {
	if d.Rule < 0 {
		return "default"
	}
	name := at("rules", d.Rule)
	if n := p.rules[d.Rule].name; n != "" {
		name += " (" + n + ")"
	}
	return name
}

// Reason is the name of the rule of a decision, for counts of what rules leave out; without one, its place: rules[2].
func (p *Policy) Reason(d Decision) string {
	if d.Rule < 0 {
		return ""
	}
	if n := p.rules[d.Rule].name; n != "" {
		return n
	}
	return at("rules", d.Rule)
}

// Summary says what a policy does, without what it looks for.
type Summary struct {
	DefaultLevel     string
	Plans, Protected int // how many
	Rules            []RuleSummary
}

// RuleSummary says what a rule does.
type RuleSummary struct {
	Name, Level   string
	Sample        float64 // 1 where nothing is sampled
	Retained      bool    // it has a retention
	RetentionDays int
}

// Summary gives the summary of the policy.
func (p *Policy) Summary() Summary {
	s := Summary{DefaultLevel: p.fallback.level.String(), Plans: len(p.plans), Protected: len(p.protected)}
	for i := range p.rules {
		r := &p.rules[i]
		s.Rules = append(s.Rules, RuleSummary{r.name, r.level.String(), r.rate, r.retention.set, r.retention.days})
	}
	return s
}

// Explain says in sentences why an event was decided about as it was. Nothing of the event is quoted.
func (p *Policy) Explain(s *Subject, d Decision) []string {
	r := &p.fallback
	if d.Rule >= 0 {
		r = &p.rules[d.Rule]
	}
	why := []string{p.RuleName(d) + " asks for the level " + r.level.String()}
	if d.Protected {
		why = append(why, p.whyProtected(s, d))
	}
	switch {
	case d.Fate == Skipped:
		why = append(why, "so the event is counted as skipped and not stored")
	case d.SampleRate < 1:
		verdict := "and this record is kept"
		if d.Fate == SampledOut {
			verdict = "and this record is counted as sampled out and not stored"
		}
		why = append(why, "the event is read-only, of which the rule keeps "+strconv.FormatFloat(d.SampleRate, 'g', -1, 64)+", "+verdict)
	case r.rate < 1 && !d.Protected:
		why = append(why, "the rule samples, but the event is none of read_only")
	}
	return append(why, p.whyRetained(s, r, d))
}

func (p *Policy) whyProtected(s *Subject, d Decision) string {
	by := "the event is protected, as the list protected says"
	if protected(s) {
		by = "the event is protected: it is a login, a logout, a deletion, or a change of permissions or of the audit policy"
	}
	if d.Raised {
		return by + "; it gets more than the rule asks for"
	}
	return by
}

func (p *Policy) whyRetained(s *Subject, r *rule, d Decision) string {
	days := "without limit"
	if d.RetentionDays > 0 {
		days = fmt.Sprintf("for %d days", d.RetentionDays)
	}
	general := "the default says so"
	for i := range p.plans {
		if p.plans[i].tenants.holds(s) {
			general = "plans[" + strconv.Itoa(i) + "] says so"
			break
		}
	}
	switch {
	case d.Fate != Stored:
		return "retention does not matter"
	case !d.Retained:
		return "it is kept without limit, because nothing says otherwise"
	case r.retention.set && r.retention.days == d.RetentionDays:
		return "it is kept " + days + ", because the rule says so"
	default:
		return "it is kept " + days + ", because " + general
	}
}
