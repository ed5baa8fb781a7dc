package profile

import (
	"strings"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// graphqlOperation is what can be told of a GraphQL document without its schema.
type graphqlOperation struct {
	kind   string   // query, mutation or subscription
	fields []string // what is asked for at the top, by its name in the schema and not by the client's alias
}

// maxGraphQLFields is how many fields at the top are looked at.
const maxGraphQLFields = 16

// parseGraphQL finds the operation of the document that is executed: the one of the given name, or the only one. It gives
// false for text that is not GraphQL (June 2018 and October 2021 specifications, section 2), or where it cannot be told.
// The name of an operation is the client's to choose, the fields are not: they say what is done.
func parseGraphQL(text, name string) (graphqlOperation, bool) {
	s := graphqlScanner{text: text}
	var found graphqlOperation
	operations := 0
	for s.next(); s.token != ""; s.next() {
		op := graphqlOperation{kind: s.token}
		called := ""
		switch s.token {
		case "{":
			op.kind = "query"
		case "query", "mutation", "subscription", "fragment":
			s.next()
			if isName(s.token) {
				called = s.token
			}
			// Variables, directives, and the type that a fragment is for.
			for s.token != "{" && s.token != "" {
				if s.token == "(" && !s.skip() {
					return graphqlOperation{}, false
				}
				s.next()
			}
		default:
			return graphqlOperation{}, false
		}
		if s.token != "{" {
			return graphqlOperation{}, false
		}
		var ok bool
		if op.fields, ok = s.selection(); !ok {
			return graphqlOperation{}, false
		}
		if op.kind == "fragment" {
			continue
		}
		if operations++; operations == 1 || called == name {
			found = op
		}
		if called == name && name != "" {
			return found, true
		}
	}
	return found, operations == 1
}

// verb is READ for queries and subscriptions, which change nothing whatever their fields are called. For a mutation it is what
// all fields at the top do, and UPDATE where they differ, do not say, or say that they only read.
func (op graphqlOperation) verb(known *actions) string {
	if op.kind != "mutation" {
		return audit.ActionRead
	}
	verb := ""
	for _, field := range op.fields {
		word, _, _ := strings.Cut(snake(field), "_")
		v, ok := known.verb(word)
		if !ok || v == audit.ActionRead || verb != "" && v != verb {
			return audit.ActionUpdate
		}
		verb = v
	}
	if verb == "" {
		return audit.ActionUpdate
	}
	return verb
}

// graphqlScanner cuts a document into tokens: names, strings (as one quote) and punctuation.
type graphqlScanner struct {
	text  string
	pos   int
	token string // empty at the end, or where a string does not end
}

func (s *graphqlScanner) next() {
	s.token = ""
	for s.pos < len(s.text) {
		rest := s.text[s.pos:]
		switch c := rest[0]; {
		case c <= ' ' || c == ',':
			s.pos++
		case strings.HasPrefix(rest, "\uFEFF"):
			s.pos += len("\uFEFF")
		case c == '#':
			end := strings.IndexAny(rest, "\r\n")
			if end < 0 {
				end = len(rest)
			}
			s.pos += end
		case c == '"':
			s.quoted(rest)
			return
		case isNameByte(c):
			end := 1
			for end < len(rest) && isNameByte(rest[end]) {
				end++
			}
			s.token, s.pos = rest[:end], s.pos+end
			return
		default:
			s.token, s.pos = rest[:1], s.pos+1
			return
		}
	}
}

// quoted skips a string or a block string, at which rest begins.
func (s *graphqlScanner) quoted(rest string) {
	block := strings.HasPrefix(rest, `"""`)
	i := 1
	if block {
		i = 3
	}
	for ; i < len(rest); i++ {
		switch {
		case block && strings.HasPrefix(rest[i:], `\"""`):
			i += 3
		case block && strings.HasPrefix(rest[i:], `"""`):
			s.token, s.pos = rest[:1], s.pos+i+3
			return
		case block:
		case rest[i] == '\\':
			i++
		case rest[i] == '"':
			s.token, s.pos = rest[:1], s.pos+i+1
			return
		case rest[i] == '\n':
			s.pos = len(s.text)
			return
		}
	}
	s.pos = len(s.text)
}

// skip goes to the bracket that closes the one at the token, whatever its kind; false where there is none.
func (s *graphqlScanner) skip() bool {
	for depth := 1; depth > 0; {
		s.next()
		switch s.token {
		case "":
			return false
		case "(", "{", "[":
			depth++
		case ")", "}", "]":
			depth--
		}
	}
	return true
}

// selection reads the fields of the selection at the token and goes to its end. What is spread into it counts as a field
// without name: it may do anything.
func (s *graphqlScanner) selection() (fields []string, ok bool) {
	for s.next(); s.token != "}"; {
		switch {
		case s.token == "":
			return nil, false
		case s.token == ".":
			fields = append(fields, "")
			s.next()
		case s.token == "(" || s.token == "{" || s.token == "[":
			if !s.skip() {
				return nil, false
			}
			s.next()
		case s.token == "@":
			s.next() // the directive's name
			s.next()
		case isName(s.token):
			field := s.token
			if s.next(); s.token == ":" {
				s.next()
				field = s.token
				s.next()
			}
			if fields = append(fields, field); len(fields) > maxGraphQLFields {
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return fields, true
}

func isName(token string) bool {
	return token != "" && isNameByte(token[0]) && (token[0] < '0' || token[0] > '9')
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
