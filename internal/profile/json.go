package profile

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Bounds of an event. They hold whatever the limits of the component are that brought it.
const (
	maxText    = 8 << 20 // bytes of JSON text
	maxValues  = 65536   // values in an event, at all depths
	maxMembers = 1024    // members of one object in JSON text: pdata looks at all of them for each that is added
)

// Problems of an event as a whole.
const (
	notJSON       = "must be a JSON object; the text is not JSON"
	notObject     = "must be a JSON object"
	notUTF8       = "must be valid UTF-8"
	tooDeep       = "must not be nested deeper than 32 levels"
	tooLong       = "must have at most 8388608 bytes"
	tooManyValues = "must have at most 65536 values"
	tooManyKeys   = "must have at most 1024 members in an object"
	doubledKey    = "must not have a key twice in an object"
)

// parseObject reads a JSON object into dst and gives the problem where it is none, empty where all is well. The grammar is
// checked by encoding/json, which needs no stack for it; what then walks over the text is bounded in depth.
func parseObject(text string, dst pcommon.Map) string {
	switch {
	case len(text) > maxText:
		return tooLong
	case !utf8.ValidString(text):
		return notUTF8
	case !json.Valid([]byte(text)):
		return notJSON
	}
	r := jsonReader{text: text}
	if r.next() != '{' {
		return notObject
	}
	return r.object(dst, 0)
}

// jsonReader walks over text that is known to be JSON.
type jsonReader struct {
	text   string
	pos    int
	values int
}

// next skips white space and gives the byte that follows, which it does not consume.
func (r *jsonReader) next() byte {
	for {
		switch c := r.text[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
}

func (r *jsonReader) object(dst pcommon.Map, depth int) string {
	r.pos++ // {
	for n := 0; r.next() != '}'; n++ {
		if r.next() == ',' {
			r.pos++
			r.next()
		}
		if n == maxMembers {
			return tooManyKeys
		}
		key := r.string()
		r.next()
		r.pos++ // :
		v := dst.PutEmpty(key)
		if dst.Len() == n {
			return doubledKey
		}
		if problem := r.value(v, depth+1); problem != "" {
			return problem
		}
	}
	r.pos++ // }
	return ""
}

func (r *jsonReader) array(dst pcommon.Slice, depth int) string {
	r.pos++ // [
	for r.next() != ']' {
		if r.next() == ',' {
			r.pos++
		}
		if problem := r.value(dst.AppendEmpty(), depth+1); problem != "" {
			return problem
		}
	}
	r.pos++ // ]
	return ""
}

func (r *jsonReader) value(dst pcommon.Value, depth int) string {
	if depth > audit.MaxDepth {
		return tooDeep
	}
	if r.values++; r.values > maxValues {
		return tooManyValues
	}
	switch r.next() {
	case '{':
		return r.object(dst.SetEmptyMap(), depth)
	case '[':
		return r.array(dst.SetEmptySlice(), depth)
	case '"':
		dst.SetStr(r.string())
	case 't':
		dst.SetBool(true)
		r.pos += len("true")
	case 'f':
		dst.SetBool(false)
		r.pos += len("false")
	case 'n':
		r.pos += len("null")
	default:
		r.number(dst)
	}
	return ""
}

// number keeps what neither 64-bit integers nor doubles can hold as text, so that no digit is lost.
func (r *jsonReader) number(dst pcommon.Value) {
	start := r.pos
	for r.pos < len(r.text) && strings.IndexByte("+-.0123456789eE", r.text[r.pos]) >= 0 {
		r.pos++
	}
	text := r.text[start:r.pos]
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		dst.SetInt(i)
		return
	}
	whole := !strings.ContainsAny(text, ".eE")
	if f, err := strconv.ParseFloat(text, 64); err == nil && !whole {
		dst.SetDouble(f)
		return
	}
	dst.SetStr(text)
}

// string reads a string; the white space before it is skipped already. Without escapes it is a part of the text.
func (r *jsonReader) string() string {
	start := r.pos + 1
	escaped := false
	i := start
	for ; r.text[i] != '"'; i++ {
		if r.text[i] == '\\' {
			escaped = true
			i++
		}
	}
	r.pos = i + 1
	if !escaped {
		return r.text[start:i]
	}
	var s string
	// The text is JSON, so that this cannot fail.
	_ = json.Unmarshal([]byte(r.text[start-1:r.pos]), &s)
	return s
}
