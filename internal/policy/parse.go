package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFile is the size of the largest policy in a file: its parser needs some forty times as much memory.
const maxFile = 1 << 20

// Error says where a policy is wrong and how. Keys are quoted, and values where they are words that the policy does not have.
type Error struct {
	Line    int    // from 1; 0 where the policy is not from a file
	Key     string // "rules[2].match.event", empty where it is about all of it
	Problem string
}

func (e *Error) Error() string {
	text := e.Problem
	if e.Key != "" {
		text = e.Key + " " + text
	}
	if e.Line > 0 {
		text = "line " + strconv.Itoa(e.Line) + ": " + text
	}
	return text
}

// Parse reads a policy from YAML or JSON, compiles it, and says in which line it is wrong. also is as in [Document.Compile].
func Parse(data []byte, also string) (*Policy, error) {
	r := reader{lines: map[string]int{}}
	d, err := r.document(data)
	if err != nil {
		return nil, err
	}
	p, err := d.Compile(also)
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range all.Unwrap() {
			if problem := (*Error)(nil); errors.As(err, &problem) {
				problem.Line = r.line(problem.Key)
			}
		}
	}
	return p, err
}

// reader reads a document strictly, and remembers in which line each key stands.
type reader struct {
	lines map[string]int
}

func (r *reader) document(data []byte) (*Document, error) {
	if len(data) > maxFile {
		return nil, &Error{Problem: fmt.Sprintf("has more than %d bytes", maxFile)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, &Error{Problem: "must be UTF-8"}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	if err := decoder.Decode(&root); err != nil {
		return nil, yamlError(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Error{Problem: "must be one YAML document"}
	}
	d := &Document{}
	err := r.fields("", root.Content[0], map[string]read{
		"name": text1(&d.Name), "version": number(&d.Version),
		"default": r.object(map[string]read{
			"level": text1(&d.Default.Level), "retention_days": optional(&d.Default.RetentionDays, number),
		}),
		"plans":     each(r, &d.Plans, (*reader).plan),
		"protected": each(r, &d.Protected, (*reader).match),
		"read_only": each(r, &d.ReadOnly, (*reader).match),
		"rules":     each(r, &d.Rules, (*reader).rule),
	})
	return d, err
}

func (r *reader) plan(key string, n *yaml.Node, to *Plan) error {
	return r.fields(key, n, map[string]read{
		"name": text1(&to.Name), "tenants": textList(&to.Tenants), "retention_days": optional(&to.RetentionDays, number),
	})
}

func (r *reader) rule(key string, n *yaml.Node, to *Rule) error {
	return r.fields(key, n, map[string]read{
		"name": text1(&to.Name), "level": text1(&to.Level), "attributes": textList(&to.Attributes),
		"retention_days": optional(&to.RetentionDays, number), "sample": optional(&to.Sample, share),
		"match": func(key string, n *yaml.Node) error { return r.match(key, n, &to.Match) },
	})
}

func (r *reader) match(key string, n *yaml.Node, to *Match) error {
	lists := map[string]read{}
	for _, l := range to.fields() {
		lists[l.key] = textList(l.patterns)
	}
	return r.fields(key, n, lists)
}

// read reads what stands under a key.
type read func(key string, n *yaml.Node) error

// fields reads a map, of which each key is known and stands there once.
func (r *reader) fields(path string, n *yaml.Node, known map[string]read) error {
	if path != "" {
		r.lines[path] = n.Line
	}
	if n.Kind != yaml.MappingNode {
		return &Error{n.Line, path, "must be a map"}
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		of, ok := known[key.Value]
		if key.Kind != yaml.ScalarNode || !ok {
			return &Error{key.Line, path, "has a key that is none of " + strings.Join(sorted(known), ", ")}
		}
		where := strings.TrimPrefix(path+"."+key.Value, ".")
		if seen[key.Value] {
			return &Error{key.Line, where, "stands there twice"}
		}
		seen[key.Value] = true
		r.lines[where] = key.Line
		if err := of(where, value); err != nil {
			return err
		}
	}
	return nil
}

func sorted(known map[string]read) []string {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (r *reader) object(known map[string]read) read {
	return func(key string, n *yaml.Node) error { return r.fields(key, n, known) }
}

// each reads a list of maps.
func each[T any](r *reader, to *[]T, of func(*reader, string, *yaml.Node, *T) error) read {
	return func(key string, n *yaml.Node) error {
		if n.Kind != yaml.SequenceNode {
			return &Error{n.Line, key, "must be a list"}
		}
		*to = make([]T, len(n.Content))
		for i, item := range n.Content {
			if err := of(r, key+"["+strconv.Itoa(i)+"]", item, &(*to)[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

func text1(to *string) read {
	return func(key string, n *yaml.Node) error {
		if !isText(n) {
			return &Error{n.Line, key, "must be a string, in quotes where it looks like something else"}
		}
		*to = n.Value
		return nil
	}
}

// textList reads a list of texts, or one text.
func textList(to *[]string) read {
	return func(key string, n *yaml.Node) error {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		*to = make([]string, len(items))
		for i, item := range items {
			if !isText(item) {
				return &Error{item.Line, key, "must be a string or a list of strings, in quotes where they look like something else"}
			}
			(*to)[i] = item.Value
		}
		return nil
	}
}

func isText(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" }

func number(to *int) read {
	return func(key string, n *yaml.Node) error {
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil {
			return &Error{n.Line, key, "must be a whole number"}
		}
		*to = i
		return nil
	}
}

func share(to *float64) read {
	return func(key string, n *yaml.Node) error {
		f, err := strconv.ParseFloat(n.Value, 64)
		tag := n.ShortTag()
		if n.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" || err != nil || math.IsNaN(f) {
			return &Error{n.Line, key, "must be a number"}
		}
		*to = f
		return nil
	}
}

func optional[T any](to **T, of func(*T) read) read {
	return func(key string, n *yaml.Node) error {
		*to = new(T)
		return of(*to)(key, n)
	}
}

// line gives the line of a key, or of the nearest one that it stands under.
func (r *reader) line(key string) int {
	for {
		if line, ok := r.lines[key]; ok || key == "" {
			return line
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
}

// yamlError takes the line out of the parser's error and leaves its text, which may quote the file.
func yamlError(err error) *Error {
	if errors.Is(err, io.EOF) {
		return &Error{Problem: "is empty"}
	}
	line := 1
	if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
		if n, err := strconv.Atoi(rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]); err == nil {
			line = n
		}
	}
	return &Error{Line: line, Problem: "not valid YAML"}
}
