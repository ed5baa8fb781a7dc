package otlp

// Wire types of protobuf that OTLP uses.
const (
	varintWire  = 0
	fixed64Wire = 1
	bytesWire   = 2
	fixed32Wire = 5
)

// field is one field of a message: which it is, and its value, a number or a text.
type field struct {
	key    uint64 // number and wire type, as on the wire
	number uint64
	text   string
}

// key gives the key of a field.
func key(number, wire uint64) uint64 { return number<<3 | wire }

// next reads the field at the beginning of a message, and gives what follows.
func next(s string) (f field, rest string, ok bool) {
	if f.key, s, ok = varint(s); !ok {
		return f, "", false
	}
	switch f.key & 7 {
	case bytesWire:
		var size uint64
		if size, s, ok = varint(s); !ok || size > uint64(len(s)) {
			return f, "", false
		}
		f.text, rest = s[:size], s[size:]
	case varintWire:
		f.number, rest, ok = varint(s)
	case fixed64Wire:
		if ok = len(s) >= 8; ok {
			f.number = uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
				uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
			rest = s[8:]
		}
	case fixed32Wire:
		if ok = len(s) >= 4; ok {
			f.number = uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
			rest = s[4:]
		}
	default:
		ok = false
	}
	return f, rest, ok
}

func varint(s string) (n uint64, rest string, ok bool) {
	if len(s) > 0 && s[0] < 0x80 { // nearly all
		return uint64(s[0]), s[1:], true
	}
	for i := range min(len(s), 10) {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			// A tenth byte has room for one more bit. What has more is left to pdata.
			return n, s[i+1:], i < 9 || s[i] == 1
		}
	}
	return 0, "", false
}

// count gives how many fields of a message have a key. It stops where the message breaks off.
func count(s string, key uint64) (n int) {
	for len(s) > 0 {
		f, rest, ok := next(s)
		if !ok {
			break
		}
		if f.key == key {
			n++
		}
		s = rest
	}
	return n
}

// once tells a field that is met for the first time.
type once uint64

func (o *once) first(number uint) bool {
	before := *o
	*o |= 1 << number
	return *o != before
}
