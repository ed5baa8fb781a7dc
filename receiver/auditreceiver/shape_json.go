package auditreceiver

import "bytes"

// jsonShape measures a JSON body before it is decoded, for the same reasons as protoShape and for two of its own: the
// decoder stops at the end of the first value and at an empty key, and would leave what follows unread and unmentioned.
type jsonShape struct {
	body   []byte
	limit  int // of records, scopes and resources each
	depth  int
	arrays uint8 // bit d is set where the container at depth d, from 1 to levelRecord, is an array
	counts [levelRecord + 1]int
}

// Depths of the objects that are counted: {"resourceLogs":[{"scopeLogs":[{"logRecords":[{…
const (
	levelResource = 3
	levelScope    = 5
	levelRecord   = 7
)

// checkJSONShape gives what is wrong with the shape of a JSON body, nil where it can be decoded safely. It does not check
// the syntax: that is the decoder's work.
func checkJSONShape(body []byte, maxRecords int) *failure {
	shape := jsonShape{body: body, limit: maxRecords}
	start := skipSpace(body, 0)
	if start == len(body) || body[start] != '{' {
		return malformed("request body is not a JSON object")
	}
	for i := start; i < len(body); i++ {
		switch c := body[i]; c {
		case '"':
			end := stringEnd(body, i)
			if end < 0 {
				return malformed(unfinishedJSON)
			}
			if shape.isEmptyKey(i, end) {
				return malformed("request body has an empty key")
			}
			i = end
		case '{', '[':
			if fail := shape.open(c == '['); fail != nil {
				return fail
			}
		case '}', ']':
			shape.depth--
			if shape.depth == 0 {
				if skipSpace(body, i+1) != len(body) {
					return malformed("request body has something after its JSON object")
				}
				return nil
			}
		}
	}
	return malformed(unfinishedJSON)
}

const unfinishedJSON = "request body ends before its JSON object does"

func (s *jsonShape) open(array bool) *failure {
	s.depth++
	if s.depth > maxNesting {
		return nestedTooDeep()
	}
	if s.depth > levelRecord {
		return nil
	}
	bit := uint8(1) << s.depth
	s.arrays &^= bit
	if array {
		s.arrays |= bit
		return nil
	}
	what, ok := countedLevels[s.depth]
	if !ok || s.arrays&(bit-1) != alternating&(bit-1) {
		return nil
	}
	if s.counts[s.depth]++; s.counts[s.depth] > s.limit {
		return tooMany(what, s.limit)
	}
	return nil
}

// alternating is what arrays looks like where every second container is one: depths 2, 4 and 6.
const alternating = 1<<2 | 1<<4 | 1<<6

var countedLevels = map[int]string{levelResource: "resources", levelScope: "scopes", levelRecord: "log records"}

// isEmptyKey reports whether the string from quote to quote is an empty key of the outermost object. Further down the
// decoder finds out by itself, because what follows does not fit.
func (s *jsonShape) isEmptyKey(open, end int) bool {
	if s.depth != 1 || end != open+1 {
		return false
	}
	next := skipSpace(s.body, end+1)
	return next < len(s.body) && s.body[next] == ':'
}

// stringEnd gives the place of the quote that ends the string which starts at i, negative where none does.
func stringEnd(body []byte, i int) int {
	for {
		n := bytes.IndexByte(body[i+1:], '"')
		if n < 0 {
			return -1
		}
		quote := i + 1 + n
		escapes := 0
		for body[quote-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return quote
		}
		i = quote
	}
}

func skipSpace(body []byte, i int) int {
	for i < len(body) && (body[i] == ' ' || body[i] == '\n' || body[i] == '\r' || body[i] == '\t') {
		i++
	}
	return i
}
