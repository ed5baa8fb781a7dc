package pseudonym

import (
	"net/netip"
	"unicode"
	"unicode/utf8"
)

// Kind says what a value is, and so which spellings of it are the same.
type Kind uint8

// Kinds of values and their normal forms.
const (
	Text    Kind = iota // Anything: byte for byte as it is.
	Email               // Lower case; "%40" is "@". Dots and "+tag" in the local part stay: they are distinct mailboxes by RFC 5321.
	Address             // An IP address as RFC 5952 writes it; an IPv4 address mapped into IPv6 is the IPv4 one; no zone.
	Number              // A card, account or identity number: letters in upper case and digits, nothing else.
	Phone               // Digits; "+" in front where the number is international, "00" counting as "+".
)

// appendNormal appends the normal form of value. What is not what kind says is taken as [Text].
func appendNormal(dst []byte, kind Kind, value string) []byte {
	switch kind {
	case Email:
		return appendEmail(dst, value)
	case Address:
		return appendAddress(dst, value)
	case Number:
		return appendNumber(dst, value)
	case Phone:
		return appendPhone(dst, value)
	default:
		return append(dst, value...)
	}
}

func appendEmail(dst []byte, value string) []byte {
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		case c == '%' && i+2 < len(value) && value[i+1] == '4' && value[i+2] == '0':
			dst = append(dst, '@')
			i += 3
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c+'a'-'A')
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(value[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, c)
			} else {
				dst = utf8.AppendRune(dst, unicode.ToLower(r))
			}
			i += size
		}
	}
	return dst
}

func appendAddress(dst []byte, value string) []byte {
	addr, err := netip.ParseAddr(value)
	if err != nil {
		return append(dst, value...)
	}
	return addr.Unmap().WithZone("").AppendTo(dst)
}

func appendNumber(dst []byte, value string) []byte {
	for i := range len(value) {
		switch c := value[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z':
			dst = append(dst, c)
		case c >= 'a' && c <= 'z':
			dst = append(dst, c-('a'-'A'))
		}
	}
	return dst
}

func appendPhone(dst []byte, value string) []byte {
	if len(value) > 0 && value[0] == '+' {
		dst = append(dst, '+')
	} else if len(value) > 1 && value[:2] == "00" {
		dst = append(dst, '+')
		value = value[2:]
	}
	for i := range len(value) {
		if c := value[i]; c >= '0' && c <= '9' {
			dst = append(dst, c)
		}
	}
	return dst
}
