package redact

import (
	"errors"
	"fmt"
	"strings"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Rule is a rule of the user: what is done with the attribute of a name, or with all whose names begin with a prefix. It holds
// for attributes of records, resources and scopes alike; the name and version of a scope are taken as the attributes
// otel.scope.name and otel.scope.version.
type Rule struct {
	Name   string // exact name, or
	Prefix string // beginning of the name
	Action Action
}

// Validate reports what is wrong with a rule, nil where nothing is.
func (r Rule) Validate() error {
	if (r.Name == "") == (r.Prefix == "") {
		return errors.New("must have either a name or a prefix")
	}
	if r.Name == "" {
		return nil // a prefix holds for what it can, see policy.choose
	}
	e, typ := builtin(r.Name)
	if permits(e.freedom, typ, r.Action) {
		return nil
	}
	switch must := permitted(e.freedom, typ); e.freedom {
	case fixed:
		return fmt.Errorf("%s is set or checked by the product and takes no rule", r.Name)
	case raw:
		return fmt.Errorf("%s holds raw text that is never stored: its action must be %s, is %s", r.Name, must, r.Action)
	case required:
		return fmt.Errorf("every event needs %s: its action must be %s, is %s", r.Name, must, r.Action)
	default:
		return fmt.Errorf("%s is of type %s: its action must be %s, is %s", r.Name, typ, must, r.Action)
	}
}

// permitted lists the actions that a rule may choose: "keep, withhold or drop".
func permitted(f freedom, typ *audit.Type) string {
	var names []string
	for a := Keep; a <= Drop; a++ {
		if permits(f, typ, a) {
			names = append(names, a.String())
		}
	}
	if len(names) == 0 {
		return ""
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// builtin gives the line of the table for a name, a free one where it has none. typ is nil where any type is taken.
func builtin(name string) (e entry, typ *audit.Type) {
	for _, table := range [...][]entry{recordTable, resourceTable, sdkTable} {
		for _, e := range table {
			if e.name == name {
				return e, typeOf(name)
			}
		}
	}
	return entry{name: name, action: Withhold}, nil
}

// typeOf gives the type an attribute of the table must have: a string where the conventions do not define it.
func typeOf(name string) *audit.Type {
	d, _ := audit.Lookup(name) // the zero Definition is a string
	return &d.Type
}

// permits reports whether a rule may choose the action.
func permits(f freedom, typ *audit.Type, a Action) bool {
	switch f {
	case fixed:
		return false
	case raw:
		return a == Withhold || a == Drop
	case required:
		return a <= Pseudonymize && a != SkeletonOf
	}
	if typ == nil {
		return true
	}
	switch *typ {
	case audit.Bool:
		return a == Keep || a == Withhold || a == Drop // the column takes a bool or nothing
	case audit.Int, audit.Double:
		return a == Keep || a == Bucket || a == Withhold || a == Drop
	case audit.String, audit.Strings:
		return a != Bucket // of which no value could be stored
	default:
		return true
	}
}

// rule is what the policy says of one attribute.
type rule struct {
	action Action
	reason Reason      // of Withhold
	typ    *audit.Type // that the value must have, nil for any
}

// level are the rules of attributes that stand in one place.
type level struct {
	known  []*rule         // by [audit.Place], nil where the table does not have the name in this place
	others map[string]rule // of names that the conventions do not have
}

func (l *level) find(name string) (rule, bool) {
	if l == nil {
		return rule{}, false
	}
	if place := audit.Place(name); place >= 0 {
		if r := l.known[place]; r != nil {
			return *r, true
		}
		return rule{}, false
	}
	r, ok := l.others[name]
	return r, ok
}

// policy is the table and the user's rules, compiled.
type policy struct {
	resource *level // those of records are a [Capture]'s
	rules    []Rule
	exact    map[string]int // index of the first rule for a name
	prefixes []int          // indexes of the rules for prefixes
	freedoms map[string]freedom
}

func newPolicy(rules []Rule) (*policy, error) {
	p := &policy{rules: rules, exact: map[string]int{}, freedoms: map[string]freedom{}}
	for i, r := range rules {
		if err := r.Validate(); err != nil {
			return nil, err
		}
		if r.Name == "" {
			p.prefixes = append(p.prefixes, i)
		} else if _, again := p.exact[r.Name]; !again {
			p.exact[r.Name] = i
		}
	}
	for _, table := range [...][]entry{recordTable, resourceTable, sdkTable} {
		for _, e := range table {
			p.freedoms[e.name] = e.freedom
		}
	}
	p.resource = p.compile(append(append([]entry(nil), resourceTable...), sdkTable...), nil)
	return p, nil
}

// compile gives the rules of a table, as the user's change them. adjust, where it is not nil, changes them last.
func (p *policy) compile(table []entry, adjust func(name string, r *rule)) *level {
	l := &level{known: make([]*rule, audit.Places), others: map[string]rule{}}
	for _, e := range table {
		typ := typeOf(e.name)
		out := rule{action: e.action, typ: typ}
		if i, ok := p.choose(e.name, e.freedom, typ); ok {
			out = rule{action: p.rules[i].Action, reason: WithheldByRule, typ: typ}
		}
		if adjust != nil {
			adjust(e.name, &out)
		}
		if place := audit.Place(e.name); place >= 0 {
			l.known[place] = &out
		} else {
			l.others[e.name] = out
		}
	}
	return l
}

// choose gives the first of the user's rules that matches a name and may choose its action.
func (p *policy) choose(name string, f freedom, typ *audit.Type) (int, bool) {
	first, ok := p.exact[name]
	if !ok {
		first = len(p.rules)
	}
	for _, i := range p.prefixes {
		if i > first {
			break
		}
		if strings.HasPrefix(name, p.rules[i].Prefix) && permits(f, typ, p.rules[i].Action) {
			return i, true
		}
	}
	return first, ok
}

var unknown = rule{action: Withhold, reason: UnknownName}

// find gives the rule for an attribute that the table does not have in this place. A name that it has in another one keeps what
// holds for it there: raw text on a resource is raw text.
func (p *policy) find(name string) rule {
	if len(p.rules) == 0 {
		return unknown
	}
	i, ok := p.choose(name, p.freedoms[name], nil)
	if !ok {
		return unknown
	}
	if p.rules[i].Name == "" && !isIdentifier(name) {
		return unknown // what follows the prefix is the sender's choice
	}
	return rule{action: p.rules[i].Action, reason: WithheldByRule}
}
