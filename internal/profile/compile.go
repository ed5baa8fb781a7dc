package profile

import (
	"slices"
	"strings"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// compiler makes a profile of a data file.
type compiler struct {
	source  string // the file's name
	profile *Profile
	targets []string // types of targets that the actions name, for <target>
}

func newCompiler(source string) *compiler {
	p := &Profile{paths: newPaths(), attribute: map[string]uint64{}, actions: actions{listed: map[string]action{}, words: map[string]string{}}}
	c := &compiler{source: source, profile: p}
	p.verb, p.target = c.bit(audit.AttrAction), c.bit(audit.AttrTargetType)
	return c
}

// maxAttributes is how many attributes a profile can give, and how many cases it can have.
const maxAttributes = 64

// bit gives an attribute its bit, 0 where there are no more.
func (c *compiler) bit(name string) uint64 {
	if bit, ok := c.profile.attribute[name]; ok {
		return bit
	}
	n := len(c.profile.attribute)
	if n == maxAttributes {
		return 0
	}
	c.profile.attribute[name] = 1 << n
	return 1 << n
}

// file reads the whole file. Actions come before everything that depends on them, wherever they stand.
func (c *compiler) file(root entry) error {
	root.file = c.source
	top, err := root.options("profile", "document", "recognise", "envelope", "event", "verbs", "actions", "fields", "set", "default", "cases")
	if err != nil {
		return err
	}
	if err := c.head(root, top); err != nil {
		return err
	}
	for _, part := range []struct {
		key  string
		read func(entry) error
	}{
		{"verbs", c.verbs},
		{"actions", c.actions},
		{"event", c.event},
		{"recognise", c.recognise},
		{"cases", c.cases},
	} {
		if e, ok := top[part.key]; ok {
			if err := part.read(e); err != nil {
				return err
			}
		} else if part.key == "event" {
			return root.errorf("event: required: it says which field names the event")
		}
	}
	if err := c.block(top, &c.profile.rules); err != nil {
		return err
	}
	c.profile.recordID = c.profile.attribute[audit.AttrRecordID]
	return c.complete(root)
}

func (c *compiler) head(root entry, top map[string]entry) error {
	e, ok := top["profile"]
	if !ok {
		return root.errorf("profile: required: the name of the profile")
	}
	name, err := e.text()
	if err != nil {
		return err
	}
	if !isSnake(name) || len(name) > maxGenericName {
		return e.errorf("%q must be lower-case letters, digits and underscores, at most %d", name, maxGenericName)
	}
	c.profile.name = name
	if e, ok := top["document"]; ok {
		if _, err := e.text(); err != nil {
			return err
		}
	}
	if e, ok := top["envelope"]; ok {
		c.profile.envelopes, err = e.words()
	}
	return err
}

func (c *compiler) verbs(e entry) error {
	all, err := e.entries()
	if err != nil {
		return err
	}
	for _, child := range all {
		verb, err := child.verb()
		if err != nil {
			return err
		}
		c.profile.actions.words[strings.ToLower(child.name)] = verb
	}
	return nil
}

// verb gives an upper-case verb.
func (e entry) verb() (string, error) {
	verb, err := e.text()
	if err != nil {
		return "", err
	}
	if !isVerb(verb) {
		return "", e.errorf("%q must be an upper-case verb, such as CREATE", verb)
	}
	return verb, nil
}

func isVerb(s string) bool {
	return isSnake(strings.ToLower(s)) && strings.ToUpper(s) == s && len(s) <= maxGenericName && s[0] >= 'A' && s[0] <= 'Z'
}

// actions reads "name: VERB target_type"; the type may be left out.
func (c *compiler) actions(e entry) error {
	all, err := e.entries()
	if err != nil {
		return err
	}
	for _, child := range all {
		text, err := child.text()
		if err != nil {
			return err
		}
		verb, target, _ := strings.Cut(text, " ")
		if !isVerb(verb) {
			return child.errorf("%q must begin with an upper-case verb, such as CREATE", text)
		}
		if target != "" && (!isSnake(target) || len(target) > maxGenericName) {
			return child.errorf("%q must be a verb and a type of target in lower case", text)
		}
		a := action{name: child.name, verb: verb, target: target}
		lower := strings.ToLower(child.name)
		if other, ok := c.profile.actions.listed[lower]; ok && other.name != child.name && other != (action{other.name, verb, target}) {
			return child.errorf("is another action than %q, and the two differ in case only", other.name)
		}
		c.profile.actions.listed[child.name], c.profile.actions.listed[lower] = a, a
		if target != "" && !slices.Contains(c.targets, target) {
			c.targets = append(c.targets, target)
		}
	}
	return nil
}

func (c *compiler) event(e entry) error {
	options, err := e.options("from", "kinds", "name", "verb", "otherwise")
	if err != nil {
		return err
	}
	if from, ok := options["from"]; ok {
		c.profile.event.from, err = c.slots(from)
	} else if _, ok := options["kinds"]; !ok {
		return e.errorf("must have from, or kinds where no field names the event")
	}
	if name, ok := options["name"]; ok && err == nil {
		c.profile.event.name, err = c.slots(name)
	}
	if kinds, ok := options["kinds"]; ok && err == nil {
		err = c.kinds(kinds)
	}
	if verb, ok := options["verb"]; ok && err == nil {
		c.profile.actions.last = verb.value.Value == "last"
		if !c.profile.actions.last && verb.value.Value != "first" {
			return verb.errorf("%q must be first or last", verb.value.Value)
		}
	}
	if otherwise, ok := options["otherwise"]; ok && err == nil {
		c.profile.actions.otherwise, err = otherwise.verb()
	}
	return err
}

// kinds reads the kinds of events that have no name. Each must be one of the actions.
func (c *compiler) kinds(e entry) error {
	all, err := e.entries()
	if err != nil {
		return err
	}
	for _, child := range all {
		if _, ok := c.profile.actions.listed[child.name]; !ok {
			return child.errorf("must be one of the actions")
		}
		options, err := child.options("all", "any")
		if err != nil {
			return err
		}
		kind := keyKind{name: child.name}
		if all, ok := options["all"]; ok {
			kind.all, err = c.slots(all)
		}
		if some, ok := options["any"]; ok && err == nil {
			kind.any, err = c.slots(some)
		}
		if err != nil {
			return err
		}
		if len(kind.all)+len(kind.any) == 0 {
			return child.errorf("must have all or any: the fields that the kind is known by")
		}
		c.profile.event.kinds = append(c.profile.event.kinds, kind)
	}
	return nil
}

func (c *compiler) recognise(e entry) error {
	items, err := e.items()
	if err != nil {
		return err
	}
	for _, item := range items {
		options, err := item.options("all", "any")
		if err != nil {
			return err
		}
		var s signature
		all, ok := options["all"]
		if !ok {
			return item.errorf("all: required: keys that every such event has")
		}
		if s.all, err = all.words(); err != nil {
			return err
		}
		if some, ok := options["any"]; ok {
			if s.any, err = some.words(); err != nil {
				return err
			}
		}
		c.profile.signatures = append(c.profile.signatures, s)
	}
	return nil
}
