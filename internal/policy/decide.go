package policy

// Policy is a [Document] that was compiled. It is immutable and safe for concurrent use.
type Policy struct {
	identity  Identity
	silent    bool
	captures  []Capture
	rules     []rule
	fallback  rule      // where no rule matches
	retention retention // where neither rule nor plan says one
	plans     []plan
	protected []matcher
	readOnly  []matcher
}

// rule is a compiled [Rule].
type rule struct {
	name    string
	matcher matcher
	level   Level
	capture int // index of what is kept; of None, that of Metadata
	floor   int // the same where the event is protected

	retention retention
	rate      float64 // 1 where nothing is sampled
}

// retention is a number of days; 0 is no limit.
type retention struct {
	days int
	set  bool
}

// longer gives the longer of two. One that is not set is no limit.
func (r retention) longer(other retention) retention {
	switch {
	case r.days == 0:
		return r
	case other.days == 0 || other.days > r.days:
		return other
	default:
		return r
	}
}

type plan struct {
	tenants   condition
	retention retention
}

// Fate is whether an event is stored.
type Fate uint8

// Fates.
const (
	Stored     Fate = iota
	Skipped         // a rule has the level none
	SampledOut      // a rule samples, and this record is not among those that are kept
)

// Decision is what becomes of an event.
type Decision struct {
	Rule      int // index of the rule that matched, -1 where none did
	Fate      Fate
	Level     Level // of what is stored; None where it is skipped
	Capture   int   // index of what is kept, see [Policy.Captures]
	Protected bool  // no rule may switch it off
	Raised    bool  // it is protected, and the rule asked for less than is given

	Retained      bool // RetentionDays is to be written
	RetentionDays int
	SampleRate    float64 // 1 where events like this are not sampled
}

// Silent reports whether the policy says nothing: every event is captured as if there were none.
func (p *Policy) Silent() bool { return p.silent }

// Identity names the version.
func (p *Policy) Identity() Identity { return p.identity }

// Captures lists what decisions refer to.
func (p *Policy) Captures() []Capture { return p.captures }

// Constant gives the decision where it is the same for every event, so that events need not be looked at. It does not say whether
// one is protected, which makes no difference then.
func (p *Policy) Constant() (d Decision, ok bool) {
	if len(p.rules)+len(p.plans) > 0 {
		return Decision{}, false
	}
	f := &p.fallback
	return Decision{Rule: -1, Level: f.level, Capture: f.capture, Retained: p.retention.set, RetentionDays: p.retention.days, SampleRate: 1}, true
}

// Decide decides about an event: the first rule that matches counts, and where none does, the default.
//
// Logins, logouts, deletions, changes of permissions and changes of the audit policy are protected, and so is what the document
// adds to them. They are stored with at least what the level metadata keeps, are never sampled, and are kept no shorter than plan
// and default say, whatever a rule asks for.
func (p *Policy) Decide(s *Subject) Decision {
	r, d := p.find(s)
	d.Protected = p.protects(s)
	d.Level, d.Capture, d.SampleRate = r.level, r.capture, 1
	general := p.general(s)
	keep := general
	if r.retention.set {
		keep = r.retention
	}
	switch {
	case d.Protected:
		if d.Level == None {
			d.Level = Metadata
		}
		longer := general.longer(keep)
		d.Capture, d.Raised = r.floor, r.level == None || r.rate < 1 || r.level == Custom || longer != keep
		keep = longer
	case d.Level == None:
		d.Fate = Skipped
	case r.rate < 1 && matchesAny(p.readOnly, s):
		d.SampleRate = r.rate
		if !kept(s.recordID, r.rate) {
			d.Fate = SampledOut
		}
	}
	d.Retained, d.RetentionDays = keep.set, keep.days
	return d
}

// find gives the rule that counts.
func (p *Policy) find(s *Subject) (*rule, Decision) {
	for i := range p.rules {
		if p.rules[i].matcher.matches(s) {
			return &p.rules[i], Decision{Rule: i}
		}
	}
	return &p.fallback, Decision{Rule: -1}
}

// general gives the retention where no rule says one.
func (p *Policy) general(s *Subject) retention {
	for i := range p.plans {
		if p.plans[i].tenants.holds(s) {
			return p.plans[i].retention
		}
	}
	return p.retention
}

func (p *Policy) protects(s *Subject) bool { return protected(s) || matchesAny(p.protected, s) }

func matchesAny(matchers []matcher, s *Subject) bool {
	for _, m := range matchers {
		if m.matches(s) {
			return true
		}
	}
	return false
}
