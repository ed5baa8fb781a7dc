package policy

import "strings"

// matcher is a [Match] that was compiled: every condition must hold.
type matcher []condition

// condition holds where one of the values of a field fits one of the patterns.
type condition struct {
	field    field
	exact    map[string]struct{} // patterns without wildcards, where there are several
	patterns []pattern           // all others
}

// fewExact is up to how many texts are compared one after the other, which is faster than a map.
const fewExact = 4

func (m matcher) matches(s *Subject) bool {
	for i := range m {
		if !m[i].holds(s) {
			return false
		}
	}
	return true
}

func (c *condition) holds(s *Subject) bool {
	switch c.field {
	case role:
		return c.any(s.roles)
	case group:
		return c.any(s.groups)
	default:
		return c.fits(s.values[c.field])
	}
}

func (c *condition) any(values []string) bool {
	for _, v := range values {
		if c.fits(v) {
			return true
		}
	}
	return false
}

func (c *condition) fits(value string) bool {
	if c.exact != nil && c.field != email {
		if _, ok := c.exact[value]; ok {
			return true
		}
	}
	for i := range c.patterns {
		if c.patterns[i].fits(value, c.field == email) {
			return true
		}
	}
	return false
}

// pattern is a text with wildcards.
type pattern struct {
	text string // without wildcards: the whole, or the beginning where rest is not empty
	rest string // from the first wildcard on
}

func newPattern(s string) pattern {
	i := strings.IndexAny(s, "*?")
	if i < 0 {
		return pattern{text: s}
	}
	return pattern{text: s[:i], rest: s[i:]}
}

// fits reports whether the pattern is for a value, with fold whatever the case of ASCII letters.
func (p *pattern) fits(value string, fold bool) bool {
	if len(value) < len(p.text) {
		return false
	}
	head, tail := value[:len(p.text)], value[len(p.text):]
	if head != p.text && (!fold || !strings.EqualFold(head, p.text)) {
		return false
	}
	switch p.rest {
	case "":
		return tail == ""
	case "*":
		return true
	default:
		return len(tail) <= longestGlob && glob(p.rest, tail, fold)
	}
}

// longestGlob is the length of the longest text that is looked at for wildcards that are not at the end. Nothing that names
// anything is longer, and looking takes time in proportion to it.
const longestGlob = 4096

// glob matches a text against a pattern of "*" and "?". It goes back to the last "*" only, so it takes at most the product of
// the two lengths. "?" is one character of UTF-8.
func glob(pattern, text string, fold bool) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			t += width(text[t:])
		case p < len(pattern) && same(pattern[p], text[t], fold):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func width(text string) int {
	n := 1
	for n < len(text) && text[n]&0xc0 == 0x80 {
		n++
	}
	return n
}

func same(a, b byte, fold bool) bool { return a == b || fold && lower(a) == lower(b) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
