package directory

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxYAMLBytes bounds a YAML file, because its parser needs some forty times the size in memory.
const maxYAMLBytes = 8 << 20

func parseYAML(data []byte, b *builder) *ParseError {
	if len(data) > maxYAMLBytes {
		return &ParseError{Line: 1, Problem: "larger than 8 MiB, write such a directory as CSV or JSON"}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		return yamlError(err)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode || len(root.Content) != 2 || root.Content[0].Value != "users" || root.Content[1].Kind != yaml.SequenceNode {
		return &ParseError{Line: root.Line, Problem: notUsers}
	}
	for _, n := range root.Content[1].Content {
		if err := yamlUser(n, b); err != nil {
			return err
		}
	}
	var more yaml.Node
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return &ParseError{Line: max(more.Line, root.Line), Problem: "must be one document"}
	}
	return nil
}

func yamlUser(n *yaml.Node, b *builder) *ParseError {
	if n.Kind != yaml.MappingNode {
		return &ParseError{Line: n.Line, Problem: notUser}
	}
	var u User
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || !isField(key.Value) {
			return &ParseError{Line: key.Line, Field: quotable(key.Value), Problem: unknownField}
		}
		if seen[key.Value] {
			return &ParseError{Line: key.Line, Field: key.Value, Problem: twice}
		}
		seen[key.Value] = true
		if problem := setNode(&u, key.Value, value); problem != "" {
			return &ParseError{Line: value.Line, Field: key.Value, Problem: problem}
		}
	}
	if field, problem := b.add(u); problem != "" {
		return &ParseError{Line: n.Line, Field: field, Problem: problem}
	}
	return nil
}

// setNode sets a field. Null is a missing value; aliases are not followed, so nothing can grow.
func setNode(u *User, field string, n *yaml.Node) (problem string) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return ""
	}
	if to := u.text(field); to != nil {
		return setText(to, n.Value, isText(n))
	}
	if to := u.list(field); to != nil {
		if n.Kind != yaml.SequenceNode {
			return notStrings
		}
		for _, item := range n.Content {
			if problem := addText(to, item.Value, isText(item)); problem != "" {
				return problem
			}
		}
		return ""
	}
	if to := u.when(field); to != nil {
		return setTime(to, n.Value, isText(n) || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!timestamp")
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
		return notBool
	}
	u.Active = activity(strings.EqualFold(n.Value, "true"))
	return ""
}

func isText(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" }

// yamlError takes the line out of the parser's error and leaves its text, which may quote the file.
func yamlError(err error) *ParseError {
	if errors.Is(err, io.EOF) {
		return &ParseError{Line: 1, Problem: notUsers}
	}
	line := 1
	if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
		if n, err := strconv.Atoi(rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]); err == nil {
			line = n
		}
	}
	return &ParseError{Line: line, Problem: "not valid YAML"}
}
