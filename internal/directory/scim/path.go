package scim

import (
	"errors"
	"strconv"
	"strings"
)

// Path names an attribute of a resource as RFC 7644, figure 7, has it, without the operators but eq: userName, name.formatted,
// emails[type eq "work"].value, urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department. Names are compared without
// regard to case.
type Path struct {
	schema string // of an extension, "" for the core
	name   string
	key    string // of the comparison in brackets, "" for none
	value  string
	sub    string // "" for none
}

var errPath = errors.New(`must be a SCIM attribute, such as userName, name.formatted or emails[type eq "work"].value`)

// ParsePath reads a path.
func ParsePath(text string) (Path, error) {
	var p Path
	rest := text
	if strings.HasPrefix(strings.ToLower(rest), "urn:") {
		i := strings.LastIndexByte(rest, ':')
		p.schema, rest = rest[:i], rest[i+1:]
	}
	if before, after, ok := strings.Cut(rest, "["); ok {
		inner, tail, closed := strings.Cut(after, "]")
		key, quoted, eq := strings.Cut(inner, " eq ")
		value, err := strconv.Unquote(strings.TrimSpace(quoted))
		if !closed || !eq || err != nil || !isName(strings.TrimSpace(key)) || tail != "" && !strings.HasPrefix(tail, ".") {
			return Path{}, errPath
		}
		p.key, p.value, rest = strings.TrimSpace(key), value, before+tail
	}
	name, sub, dotted := strings.Cut(rest, ".")
	if !isName(name) || dotted && !isName(sub) {
		return Path{}, errPath
	}
	p.name, p.sub = name, sub
	return p, nil
}

func isName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$"
	return s != "" && strings.Trim(s, letters) == ""
}

// filtered gives the path as a filter compares it.
func (p Path) filtered() string {
	name := p.name
	if p.schema != "" {
		name = p.schema + ":" + name
	}
	switch {
	case p.sub != "":
		return name + "." + p.sub
	case strings.EqualFold(p.name, "emails"):
		return name + ".value"
	default:
		return name
	}
}

// values gives the texts that a resource has at a path. Of several, a primary one comes first.
func (p Path) values(resource map[string]any) []string {
	if p.schema != "" {
		extension, ok := field(resource, p.schema).(map[string]any)
		if !ok {
			return nil
		}
		resource = extension
	}
	switch v := field(resource, p.name).(type) {
	case []any:
		return p.several(v)
	case map[string]any:
		return texts(field(v, or(p.sub, "value")))
	default:
		if p.sub != "" || p.key != "" {
			return nil
		}
		return texts(v)
	}
}

func (p Path) several(list []any) (out []string) {
	for _, item := range list {
		m, structured := item.(map[string]any)
		if !structured {
			if p.sub == "" && p.key == "" {
				out = append(out, texts(item)...)
			}
			continue
		}
		if key, ok := field(m, p.key).(string); p.key != "" && (!ok || !strings.EqualFold(key, p.value)) {
			continue
		}
		got := texts(field(m, or(p.sub, "value")))
		if primary, _ := field(m, "primary").(bool); primary {
			out = append(got, out...)
		} else {
			out = append(out, got...)
		}
	}
	return out
}

// texts gives a value as a text, nothing where it is none.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{strconv.FormatBool(v)}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	default:
		return nil
	}
}

// field gives a member of an object, whatever the case of its name.
func field(m map[string]any, name string) any {
	if v, ok := m[name]; ok {
		return v
	}
	for k, v := range m {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
