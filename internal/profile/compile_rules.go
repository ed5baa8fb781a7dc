package profile

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func (c *compiler) cases(e entry) error {
	items, err := e.items()
	if err != nil {
		return err
	}
	if len(items) > maxAttributes {
		return e.errorf("must be at most %d", maxAttributes)
	}
	for _, item := range items {
		options, err := item.options("actions", "when", "event_name", "fields", "set", "default")
		if err != nil {
			return err
		}
		var ec eventCase
		if ec.when, err = c.conditions(item, options); err != nil {
			return err
		}
		if name, ok := options["event_name"]; ok {
			if ec.eventName, err = name.text(); err != nil {
				return err
			}
		}
		if err := c.block(options, &ec.block); err != nil {
			return err
		}
		c.profile.cases = append(c.profile.cases, ec)
	}
	return nil
}

// conditions reads what must hold: "actions" of the list, and under "when" paths with values, "*" standing for any.
func (c *compiler) conditions(item entry, options map[string]entry) ([]condition, error) {
	var out []condition
	if e, ok := options["actions"]; ok {
		cond := condition{slot: onAction, values: map[string]bool{}}
		items, err := e.list()
		if err != nil {
			return nil, err
		}
		for _, name := range items {
			if _, ok := c.profile.actions.listed[name.value.Value]; !ok {
				return nil, name.errorf("%q must be one of the actions", name.value.Value)
			}
			cond.values[name.value.Value] = true
		}
		out = append(out, cond)
	}
	if e, ok := options["when"]; ok {
		all, err := e.entries()
		if err != nil {
			return nil, err
		}
		for _, child := range all {
			cond := condition{values: map[string]bool{}}
			if cond.slot, err = c.slot(child, child.name); err != nil {
				return nil, err
			}
			values, err := child.words()
			if err != nil {
				return nil, err
			}
			for _, v := range values {
				cond.there = cond.there || v == "*"
				cond.values[v] = true
			}
			out = append(out, cond)
		}
	}
	if len(out) == 0 {
		return nil, item.errorf("must have actions or when: the events that the case is for")
	}
	return out, nil
}

func (c *compiler) block(options map[string]entry, b *block) error {
	if e, ok := options["fields"]; ok {
		all, err := e.entries()
		if err != nil {
			return err
		}
		for _, child := range all {
			f, err := c.field(child)
			if err != nil {
				return err
			}
			b.fields = append(b.fields, f)
		}
	}
	for key, to := range map[string]*[]constant{"set": &b.set, "default": &b.defaults} {
		e, ok := options[key]
		if !ok {
			continue
		}
		all, err := e.entries()
		if err != nil {
			return err
		}
		for _, child := range all {
			attr, err := c.attribute(child)
			if err != nil {
				return err
			}
			v, err := child.constant(attr)
			if err != nil {
				return err
			}
			*to = append(*to, constant{attr: attr, value: v})
		}
	}
	return nil
}

// field reads "attribute: path", "attribute: [path, path]" or "attribute: {from: …, …}".
func (c *compiler) field(e entry) (field, error) {
	f := field{operation: -1, scale: 1, timestamp: e.name == fieldTimestamp}
	var err error
	if !f.timestamp {
		if f.attr, err = c.attribute(e); err != nil {
			return f, err
		}
	}
	from := e
	if e.value.Kind == yaml.MappingNode {
		opts, err := e.options("from", "as", "values", "operation", "scale", "required", "lenient", "otherwise")
		if err != nil {
			return f, err
		}
		var ok bool
		if from, ok = opts["from"]; !ok {
			return f, e.errorf("from: required: the path in the product's event")
		}
		if err := c.options(&f, opts); err != nil {
			return f, err
		}
	}
	items, err := from.list()
	if err != nil {
		return f, err
	}
	for _, item := range items {
		s, err := c.place(item)
		if err != nil {
			return f, err
		}
		if f.timestamp && s.byTarget != nil {
			return f, item.errorf("%q must not have <target>", item.value.Value)
		}
		f.from = append(f.from, s)
	}
	return f, c.sound(e, &f)
}

func (c *compiler) options(f *field, opts map[string]entry) error {
	var err error
	for _, key := range slices.Sorted(maps.Keys(opts)) {
		e := opts[key]
		switch key {
		case "as":
			f.style, err = e.style()
		case "values":
			err = c.values(f, e)
		case "operation":
			f.operation, err = c.slot(e, e.value.Value)
		case "scale":
			var parseErr error
			if f.scale, parseErr = strconv.ParseFloat(e.value.Value, 64); parseErr != nil || !(f.scale > 0 && f.scale < 1e300) {
				err = e.errorf("%q must be a number above 0", e.value.Value)
			}
		case "required":
			f.required, err = e.boolean()
		case "lenient":
			f.lenient, err = e.boolean()
		case "otherwise":
			f.observed = e.value.Value == "observed"
			if !f.observed || !f.timestamp {
				err = e.errorf("%q must be observed, and stand at the timestamp", e.value.Value)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e entry) style() (style, error) {
	switch e.value.Value {
	case "snake":
		return asSnake, nil
	case "graphql_verb":
		return asGraphQLVerb, nil
	case "graphql_type":
		return asGraphQLType, nil
	default:
		return asIs, e.errorf("%q must be snake, graphql_verb or graphql_type", e.value.Value)
	}
}

// sound refuses options that do not fit together.
func (c *compiler) sound(e entry, f *field) error {
	closed := f.attr.name == audit.AttrOutcome || f.attr.name == audit.AttrActorType
	switch {
	case f.timestamp && (f.style != asIs || f.values != nil || f.lenient || f.required || f.scale != 1):
		return e.errorf("takes from and otherwise only")
	case f.style != asIs && f.attr.typ != audit.String:
		return e.errorf("as: must stand at a string, %s is a %s", f.attr.name, f.attr.typ)
	case f.scale != 1 && f.attr.typ != audit.Double:
		return e.errorf("scale: must stand at a double, %s is a %s", f.attr.name, f.attr.typ)
	case f.attr.name == audit.AttrAction && f.style != asGraphQLVerb && f.values == nil, closed && f.values == nil:
		return e.errorf("must have values: what each of the product's values is here")
	case f.values != nil && f.style.derives():
		return e.errorf("must not have values and as: %s", "graphql_…")
	}
	return nil
}

// values reads what the product's values become.
func (c *compiler) values(f *field, e entry) error {
	all, err := e.entries()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return e.errorf("must not be empty")
	}
	f.values = make(map[string]pending, len(all))
	names := make([]string, 0, len(all))
	for _, child := range all {
		v, err := child.constant(f.attr)
		if err != nil {
			return err
		}
		f.values[child.name] = v
		names = append(names, child.name)
	}
	f.allowed = strings.Join(names, ", ")
	return nil
}
