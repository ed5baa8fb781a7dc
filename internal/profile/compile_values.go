package profile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// attribute gives the attribute that an entry is named after: one of the conventions that a sender may set on a record.
func (c *compiler) attribute(e entry) (attribute, error) {
	d, ok := audit.Lookup(e.name)
	switch {
	case !ok || d.Resource || d.Derived:
		return attribute{}, e.errorf("%q must be an attribute that the conventions have for a record, or %s", e.name, fieldTimestamp)
	case d.Name == audit.AttrDetails:
		return attribute{}, e.errorf("%q takes what no rule names, and nothing else", e.name)
	}
	bit := c.bit(d.Name)
	if bit == 0 {
		return attribute{}, e.errorf("must be one of at most %d attributes", maxAttributes)
	}
	return attribute{name: d.Name, typ: d.Type, bit: bit}, nil
}

// constant reads the value of an entry as the attribute's type.
func (e entry) constant(attr attribute) (pending, error) {
	v := pending{attr: attr, slot: -1}
	text, err := e.text()
	if err != nil {
		return v, err
	}
	switch attr.typ {
	case audit.String:
		v.str = text
		return v, e.closed(attr.name, text)
	case audit.Bool:
		v.bool, err = strconv.ParseBool(text)
	case audit.Int:
		v.int, err = strconv.ParseInt(text, 10, 64)
	case audit.Double:
		v.num, err = strconv.ParseFloat(text, 64)
	case audit.Strings, audit.Map:
		return v, e.errorf("must not be a constant: %s is a %s", attr.name, attr.typ)
	}
	if err != nil {
		return v, e.errorf("%q must be a %s", text, attr.typ)
	}
	return v, nil
}

// closed checks the values of attributes that have a list of them.
func (e entry) closed(name, text string) error {
	var allowed []string
	switch name {
	case audit.AttrOutcome:
		allowed = []string{audit.OutcomeSuccess, audit.OutcomeFailure, audit.OutcomeUnknown}
	case audit.AttrActorType:
		allowed = []string{audit.ActorUser, audit.ActorService, audit.ActorSystem}
	case audit.AttrAction:
		if !isVerb(text) {
			return e.errorf("%q must be an upper-case verb, such as CREATE", text)
		}
	}
	if allowed != nil && !slices.Contains(allowed, text) {
		return e.errorf("%q must be %s", text, strings.Join(allowed, ", "))
	}
	return nil
}

const targetWord = "<target>"

// place reads a path, which may have <target> in it.
func (c *compiler) place(e entry) (source, error) {
	path := e.value.Value
	if !strings.Contains(path, targetWord) {
		slot, err := c.slot(e, path)
		return source{slot: slot}, err
	}
	if len(c.targets) == 0 {
		return source{}, e.errorf("%q has <target>, but no action names a type of target", path)
	}
	s := source{slot: -1, byTarget: map[string]int{}}
	for _, target := range c.targets {
		slot, err := c.slot(e, strings.ReplaceAll(path, targetWord, target))
		if err != nil {
			return s, err
		}
		s.byTarget[target] = slot
		s.slot = slot
	}
	return s, nil
}

const (
	maxSlots     = 512 // places that a profile names
	maxPathDepth = 8   // words of a path
)

func (c *compiler) slot(e entry, path string) (int, error) {
	words := strings.Split(path, ".")
	if slices.Contains(words, "") || len(words) > maxPathDepth || strings.ContainsAny(path, "{}<>*") {
		return 0, e.errorf("%q must be a path of at most %d keys with a dot between them", path, maxPathDepth)
	}
	slot := c.profile.paths.slot(path)
	if slot >= maxSlots {
		return 0, e.errorf("must name at most %d places", maxSlots)
	}
	return slot, nil
}

func (c *compiler) slots(e entry) ([]int, error) {
	items, err := e.list()
	if err != nil {
		return nil, err
	}
	out := make([]int, 0, len(items))
	for _, item := range items {
		slot, err := c.slot(item, item.value.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, slot)
	}
	return out, nil
}

// complete checks that every event becomes canonical.
func (c *compiler) complete(root entry) error {
	rules := &c.profile.rules
	for _, name := range []string{audit.AttrOutcome, audit.AttrActorID, audit.AttrActorType} {
		given := func(k constant) bool { return k.attr.name == name }
		if !slices.ContainsFunc(rules.defaults, given) && !slices.ContainsFunc(rules.set, given) {
			return root.errorf("default: must give %s, which every event needs", name)
		}
	}
	if !slices.ContainsFunc(rules.fields, func(f field) bool { return f.timestamp }) {
		return root.errorf("fields: must give timestamp, which every event needs")
	}
	return nil
}
