package redact

import (
	"strconv"

	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

const maxKeyBytes = 64

// isIdentifier reports whether a key of a map is an identifier rather than content: a letter or underscore and at most 63 of
// letters, digits, _, . and -, without four digits in a row, and neither personal nor a secret.
func isIdentifier(key string) bool {
	if key == "" || len(key) > maxKeyBytes || !isLower(key[0]) && !isUpper(key[0]) && key[0] != '_' {
		return false
	}
	run := 0
	for i := range len(key) {
		switch c := key[i]; {
		case c >= '0' && c <= '9':
			if run++; run == 4 {
				return false
			}
		case isLower(c), isUpper(c), c == '_', c == '.', c == '-':
			run = 0
		default:
			return false
		}
	}
	_, found := detect.Find(key, 0, detect.All)
	return !found
}

// isAttributeName is the stricter rule for names of attributes that no rule names. They are identifiers as the semantic
// conventions ask for them, in lower case from a letter on. Any other may well be a value that was made a name.
func isAttributeName(name string) bool {
	if name == "" || !isLower(name[0]) {
		return false
	}
	for i := range len(name) {
		if isUpper(name[i]) {
			return false
		}
	}
	return isIdentifier(name)
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// numbered tells keys of one map apart that have the same pseudonym, as the spellings of an e-mail address have. Without it only
// the value of the last would stay.
type numbered map[string]int

// key gives the pseudonym itself the first time, then with "_2" and so on behind it.
func (n *numbered) key(pseudonym string) string {
	if *n == nil {
		*n = numbered{}
	}
	(*n)[pseudonym]++
	if times := (*n)[pseudonym]; times > 1 {
		return pseudonym + "_" + strconv.Itoa(times)
	}
	return pseudonym
}
