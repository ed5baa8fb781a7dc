package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is how many bytes a data file may have.
const maxFile = 1 << 20

// parse reads a data file and makes a profile of it.
func parse(file File) (*Profile, error) {
	if len(file.Data) > maxFile {
		return nil, fmt.Errorf("%s: has more than %d bytes", file.Name, maxFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(file.Data))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: is empty", file.Name)
		}
		return nil, fmt.Errorf("%s: %w", file.Name, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: must hold one document", file.Name)
	}
	c := newCompiler(file.Name)
	if err := c.file(entry{value: document.Content[0]}); err != nil {
		return nil, err
	}
	return c.profile, nil
}

// entry is a key of a data file with its value.
type entry struct {
	file  string
	key   string // the whole path: "fields.audit.actor.id.from", empty for the file itself
	name  string // its last part
	value *yaml.Node
}

// errorf says what is wrong with an entry.
func (e entry) errorf(format string, args ...any) error {
	problem := fmt.Sprintf(format, args...)
	if e.key != "" {
		problem = e.key + ": " + problem
	}
	return fmt.Errorf("%s: line %d: %s", e.file, e.value.Line, problem)
}

// entries gives the entries of a map in their order. Keys are unique, and one of allowed where that is given.
func (e entry) entries(allowed ...string) ([]entry, error) {
	if e.value.Kind != yaml.MappingNode {
		return nil, e.errorf("must be a map")
	}
	out := make([]entry, 0, len(e.value.Content)/2)
	seen := map[string]bool{}
	for i := 0; i+1 < len(e.value.Content); i += 2 {
		key, value := e.value.Content[i], e.value.Content[i+1]
		child := entry{file: e.file, key: strings.TrimPrefix(e.key+"."+key.Value, "."), name: key.Value, value: value}
		switch {
		case key.Kind != yaml.ScalarNode:
			return nil, e.errorf("keys must be words")
		case seen[key.Value]:
			return nil, child.errorf("must be there once")
		case len(allowed) > 0 && !slices.Contains(allowed, key.Value):
			return nil, child.errorf("is no key here; allowed are %s", strings.Join(allowed, ", "))
		}
		seen[key.Value] = true
		out = append(out, child)
	}
	return out, nil
}

// options gives the entries of a map by key.
func (e entry) options(allowed ...string) (map[string]entry, error) {
	all, err := e.entries(allowed...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]entry, len(all))
	for _, child := range all {
		out[child.name] = child
	}
	return out, nil
}

// text gives a scalar that is not empty.
func (e entry) text() (string, error) {
	if e.value.Kind != yaml.ScalarNode || e.value.Value == "" || e.value.Tag == "!!null" {
		return "", e.errorf("must be a word or a number")
	}
	return e.value.Value, nil
}

// list gives a list of scalars; one alone may stand without a list.
func (e entry) list() ([]entry, error) {
	if e.value.Kind == yaml.ScalarNode {
		if _, err := e.text(); err != nil {
			return nil, err
		}
		return []entry{e}, nil
	}
	if e.value.Kind != yaml.SequenceNode || len(e.value.Content) == 0 {
		return nil, e.errorf("must be a word or a list of words")
	}
	out := make([]entry, 0, len(e.value.Content))
	for _, node := range e.value.Content {
		item := entry{file: e.file, key: e.key, name: e.name, value: node}
		if _, err := item.text(); err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// words is list as strings.
func (e entry) words() ([]string, error) {
	items, err := e.list()
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		out = append(out, item.value.Value)
	}
	return out, nil
}

// items gives the elements of a list of maps.
func (e entry) items() ([]entry, error) {
	if e.value.Kind != yaml.SequenceNode || len(e.value.Content) == 0 {
		return nil, e.errorf("must be a list")
	}
	out := make([]entry, 0, len(e.value.Content))
	for i, node := range e.value.Content {
		out = append(out, entry{file: e.file, key: fmt.Sprintf("%s[%d]", e.key, i), name: e.name, value: node})
	}
	return out, nil
}

// boolean gives true or false.
func (e entry) boolean() (bool, error) {
	switch {
	case e.value.Kind == yaml.ScalarNode && e.value.Value == "true":
		return true, nil
	case e.value.Kind == yaml.ScalarNode && e.value.Value == "false":
		return false, nil
	default:
		return false, e.errorf("%q must be true or false", e.value.Value)
	}
}
