package profile

import (
	"encoding/json"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// signature are keys by which the events of a product are known.
type signature struct {
	all []string
	any []string // at least one of them, where there are any
}

// maxKeys is how many keys the signatures of a set may have between them.
const maxKeys = 256

// keySet are some of the keys of a set's signatures.
type keySet [maxKeys / 64]uint64

func (k *keySet) add(i int) { k[i/64] |= 1 << (i % 64) }

func (k *keySet) has(other *keySet) bool {
	return k[0]&other[0] == other[0] && k[1]&other[1] == other[1] && k[2]&other[2] == other[2] && k[3]&other[3] == other[3]
}

func (k *keySet) meets(other *keySet) bool {
	return k[0]&other[0]|k[1]&other[1]|k[2]&other[2]|k[3]&other[3] != 0
}

// recogniser tells the profiles of a set apart.
type recogniser struct {
	keys     map[string]int // bit of each key
	matchers []matcher
	wrappers map[string]bool // keys of envelopes
}

// matcher is a signature made fast.
type matcher struct {
	profile *Profile
	all     keySet
	any     keySet
	some    bool // any has keys
}

func newRecogniser(profiles []*Profile) (*recogniser, bool) {
	r := &recogniser{keys: map[string]int{}, wrappers: map[string]bool{}}
	for _, p := range profiles {
		for _, key := range p.envelopes {
			r.wrappers[key] = true
		}
		for _, s := range p.signatures {
			m := matcher{profile: p, some: len(s.any) > 0}
			for _, key := range s.all {
				m.all.add(r.bit(key))
			}
			for _, key := range s.any {
				m.any.add(r.bit(key))
			}
			if len(r.keys) > maxKeys {
				return nil, false
			}
			r.matchers = append(r.matchers, m)
		}
	}
	return r, true
}

func (r *recogniser) bit(key string) int {
	i, ok := r.keys[key]
	if !ok {
		i = len(r.keys)
		r.keys[key] = i
	}
	return i % maxKeys // where there are too many the set is refused
}

// Recognise gives the profile whose event the body is, told by the keys of the body alone: nil where there is no such
// profile or more than one, and for records that have audit.action, which are canonical whatever their body holds.
func (s *Set) Recognise(record plog.LogRecord) *Profile {
	body := record.Body()
	var text string
	switch body.Type() {
	case pcommon.ValueTypeMap:
	case pcommon.ValueTypeStr:
		text = body.Str()
	case pcommon.ValueTypeBytes:
		text = string(body.Bytes().AsRaw())
	default:
		return nil
	}
	if _, canonical := record.Attributes().Get(audit.AttrAction); canonical {
		return nil
	}
	var seen sighting
	if body.Type() == pcommon.ValueTypeMap {
		s.recogniser.look(body.Map(), &seen, true)
	} else {
		s.recogniser.scan(text, &seen)
	}
	return s.recogniser.decide(&seen)
}

// sighting are the keys that an event has, and those inside of an envelope.
type sighting struct {
	keys    keySet
	wrapped keySet
	under   string // the key of the envelope
}

func (r *recogniser) decide(seen *sighting) *Profile {
	var found *Profile
	for i := range r.matchers {
		m := &r.matchers[i]
		keys := &seen.keys
		if seen.under != "" && m.profile.isEnvelope(seen.under) {
			keys = &seen.wrapped
		}
		if !keys.has(&m.all) || m.some && !keys.meets(&m.any) {
			continue
		}
		if found != nil && found != m.profile {
			return nil
		}
		found = m.profile
	}
	return found
}

func (p *Profile) isEnvelope(key string) bool {
	for _, e := range p.envelopes {
		if e == key {
			return true
		}
	}
	return false
}

// look notes the keys of an event, and of the first envelope in it.
func (r *recogniser) look(event pcommon.Map, seen *sighting, top bool) {
	for key, v := range event.All() {
		r.note(key, seen, top)
		if top && seen.under == "" && v.Type() == pcommon.ValueTypeMap && r.wrappers[key] {
			seen.under = key
			r.look(v.Map(), seen, false)
		}
	}
}

// note takes a flattened key as the one it begins with.
func (r *recogniser) note(key string, seen *sighting, top bool) {
	i, ok := r.keys[key]
	if !ok {
		first, _, dotted := strings.Cut(key, ".")
		if !dotted {
			return
		}
		if i, ok = r.keys[first]; !ok {
			return
		}
	}
	if top {
		seen.keys.add(i)
	} else {
		seen.wrapped.add(i)
	}
}

// scan notes the same of JSON text without reading it: it looks for strings that a colon follows. It does not check the
// grammar, and what it makes of text that is not JSON does not matter: Apply refuses that.
func (r *recogniser) scan(text string, seen *sighting) {
	if len(text) > maxText || !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return
	}
	depth, key := 0, ""
	wrapped := false // the object at depth 2 is an envelope
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			if depth++; depth == 2 && text[i] == '{' && key != "" && seen.under == "" && r.wrappers[key] {
				seen.under, wrapped = key, true
			}
			key = ""
		case '}', ']':
			if depth--; depth < 2 {
				wrapped = false
			}
		case ',':
			key = ""
		case '"':
			end := closing(text, i+1)
			if depth == 1 || depth == 2 && wrapped {
				if colonFollows(text, end+1) {
					key = unescaped(text[i+1 : end])
					r.note(key, seen, depth == 1)
				}
			}
			i = end
		}
	}
}

func colonFollows(text string, i int) bool {
	for ; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\r', '\n':
		default:
			return text[i] == ':'
		}
	}
	return false
}

// unescaped gives a key as a reader of the text would see it.
func unescaped(key string) string {
	if strings.IndexByte(key, '\\') < 0 {
		return key
	}
	var s string
	if json.Unmarshal([]byte(`"`+key+`"`), &s) != nil {
		return key
	}
	return s
}

// closing gives where the string that begins at i ends.
func closing(text string, i int) int {
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return len(text)
}
