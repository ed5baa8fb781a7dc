package detect

import "net/netip"

// maxIPv6 is the longest text of an IPv6 address, "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", and a port or so after it.
const maxIPv6 = 52

// ipv4 recognises four numbers of at most 255 at i. Five numbers or a letter around them make it something else, such as a
// version.
func ipv4(text string, i int) (Span, bool) {
	if i > 0 && text[i-1] == '.' {
		return Span{}, false
	}
	end := i
	for octet := range 4 {
		if octet > 0 {
			if end >= len(text) || text[end] != '.' {
				return Span{}, false
			}
			end++
		}
		n, value := 0, 0
		for n < 4 && end < len(text) && isDigit(text[end]) {
			value = value*10 + int(text[end]-'0')
			n++
			end++
		}
		if n == 0 || n > 3 || value > 255 {
			return Span{}, false
		}
	}
	if wordAt(text, end) || end+1 < len(text) && text[end] == '.' && isDigit(text[end+1]) {
		return Span{}, false
	}
	return Span{i, end, IP}, true
}

// ipv6 recognises an address whose first colon is at i. It needs a digit, so that names of code such as abc::def stay.
func ipv6(text string, from, i int) (Span, bool) {
	start := i
	for start > from && i-start < 4 && isHex(text[start-1]) {
		start--
	}
	if wordBefore(text, start) || start > 0 && text[start-1] == '.' {
		return Span{}, false
	}
	if start > 0 && text[start-1] == ':' && (start < 2 || isHex(text[start-2]) || text[start-2] == ':') {
		return Span{}, false // inside of what was looked at from its beginning
	}
	end, dot, colons := i, 0, 0
	for end < len(text) && end-start < maxIPv6 && (isHex(text[end]) || text[end] == ':' || text[end] == '.') {
		switch text[end] {
		case '.':
			if dot == 0 {
				dot = end
			}
		case ':':
			colons++
		}
		end++
	}
	if colons < 2 {
		return Span{}, false
	}
	for _, stop := range [...]int{end, trimmed(text, start, end, '.'), trimmed(text, start, end, ':'), dot, lastColon(text, start, end)} {
		if stop > start && isIPv6(text[start:stop]) && !wordAt(text, stop) {
			return Span{start, zoneEnd(text, stop), IP}, true
		}
	}
	return Span{}, false
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// trimmed leaves out punctuation at the end.
func trimmed(text string, start, end int, c byte) int {
	for end > start && text[end-1] == c {
		end--
	}
	return end
}

// lastColon leaves out the last group, which may be a port.
func lastColon(text string, start, end int) int {
	for end > start && text[end-1] != ':' {
		end--
	}
	return end - 1
}

// isIPv6 parses what has the shape of an address only, because the parser's errors cost memory.
func isIPv6(s string) bool {
	colons, group, digit, short := 0, 0, false, false
	for i := range len(s) {
		switch c := s[i]; c {
		case ':':
			colons++
			group = 0
			short = short || i > 0 && s[i-1] == ':'
		case '.':
			group = 0
		default:
			group++
			digit = digit || isDigit(c)
			if group > 4 {
				return false
			}
		}
	}
	if !digit || colons > 7 || !short && colons < 6 {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// zoneEnd takes in a zone such as %eth0.
func zoneEnd(text string, end int) int {
	if end+1 >= len(text) || text[end] != '%' || !isLetter(text[end+1]) {
		return end
	}
	for end++; end < len(text) && isAlnum(text[end]); {
		end++
	}
	return end
}
