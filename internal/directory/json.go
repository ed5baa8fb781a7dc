package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// jsonReader reads token by token, so that memory is needed for one user at a time and every name is checked.
type jsonReader struct {
	data   []byte
	dec    *json.Decoder
	broken bool // what was read is no JSON
}

func parseJSON(data []byte, b *builder) *ParseError {
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	if !r.opens('{') {
		return r.problem("", notUsers)
	}
	if key, _ := r.token().(string); key != "users" || !r.opens('[') {
		return r.problem("", notUsers)
	}
	for r.dec.More() {
		if err := r.user(b); err != nil {
			return err
		}
	}
	if !r.opens(']') || !r.opens('}') {
		return r.problem("", notUsers)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.problem("", notUsers)
	}
	return nil
}

func (r *jsonReader) user(b *builder) *ParseError {
	if !r.opens('{') {
		return r.problem("", notUser)
	}
	line := int(r.dec.InputOffset())
	var u User
	seen := 0 // a bit for each field
	for r.dec.More() {
		key, _ := r.token().(string)
		i := indexOf(key)
		if i < 0 {
			return r.problem(quotable(key), unknownField)
		}
		if seen&(1<<i) != 0 {
			return r.problem(key, twice)
		}
		seen |= 1 << i
		if problem := r.set(&u, fieldNames[i]); problem != "" {
			return r.problem(key, problem)
		}
	}
	if !r.opens('}') {
		return r.problem("", notUser)
	}
	if field, problem := b.add(u); problem != "" {
		return &ParseError{Line: lineOf(r.data, line), Field: field, Problem: problem}
	}
	return nil
}

// set reads the value of a field. Null is a missing value.
func (r *jsonReader) set(u *User, field string) (problem string) {
	value := r.token()
	if value == nil {
		return ""
	}
	if to := u.text(field); to != nil {
		s, ok := value.(string)
		return setText(to, s, ok)
	}
	if to := u.list(field); to != nil {
		if value != json.Delim('[') {
			return notStrings
		}
		for r.dec.More() {
			item, ok := r.token().(string)
			if problem := addText(to, item, ok); problem != "" {
				return problem
			}
		}
		if !r.opens(']') {
			return notStrings
		}
		return ""
	}
	if to := u.when(field); to != nil {
		s, ok := value.(string)
		return setTime(to, s, ok)
	}
	active, ok := value.(bool)
	if !ok {
		return notBool
	}
	u.Active = activity(active)
	return ""
}

// setText sets a field of text; ok says whether the value was one.
func setText(to *string, s string, ok bool) (problem string) {
	switch {
	case !ok:
		return notString
	case len(s) > maxTextBytes:
		return tooLong
	}
	*to = s
	return ""
}

// addText adds to a field of texts.
func addText(to *[]string, s string, ok bool) (problem string) {
	switch {
	case !ok:
		return notStrings
	case len(s) > maxTextBytes:
		return tooLong
	case len(*to) == maxListItems:
		return tooMany
	}
	*to = append(*to, s)
	return ""
}

// token gives the next token, nil where there is none and for null.
func (r *jsonReader) token() json.Token {
	t, err := r.dec.Token()
	r.broken = r.broken || err != nil
	return t
}

// opens reads a token and reports whether it is the given bracket.
func (r *jsonReader) opens(bracket json.Delim) bool { return r.token() == bracket }

func (r *jsonReader) problem(field, problem string) *ParseError {
	line := lineOf(r.data, int(r.dec.InputOffset()))
	if r.broken {
		return &ParseError{Line: line, Problem: "not valid JSON"}
	}
	return &ParseError{Line: line, Field: field, Problem: problem}
}
