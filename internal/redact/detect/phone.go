package detect

// Lengths of phone numbers in digits (ITU-T E.164 allows 15).
const (
	minInternational = 8
	maxInternational = 15
	minNational      = 9
	maxNational      = 11
)

// phone recognises a phone number at i. A row of digits alone is none, because most numbers in events are not; it takes
//
//   - a + or 00 with a country code: +49 170 1234567, 0049-170-1234567;
//   - the North American form with its separators: (555) 123-4567, 555-123-4567, 1.800.555.1234;
//   - groups of a national number with its leading 0: 06 12 34 56 78, (030) 123456.
func phone(text string, i int) (Span, bool) {
	if !numberBegins(text, i) {
		return Span{}, false
	}
	switch {
	case text[i] == '+':
		return international(text, i, i+1)
	case text[i] == '(':
		if span, ok := northAmerican(text, i, i); ok {
			return span, true
		}
		return national(text, i)
	case text[i] == '0':
		if i+2 < len(text) && text[i+1] == '0' && text[i+2] != '0' {
			return international(text, i, i+2)
		}
		return national(text, i)
	case text[i] == '1' && i+1 < len(text) && isSeparator(text[i+1]):
		return northAmerican(text, i, i+2)
	default:
		return northAmerican(text, i, i)
	}
}

// numberBegins reports whether a number that is written with separators may begin at i, rather than go on.
func numberBegins(text string, i int) bool {
	if wordBefore(text, i) {
		return false
	}
	return i < 2 || text[i-1] != '-' && text[i-1] != '.' && text[i-1] != '+' || !isDigit(text[i-2])
}

func isSeparator(c byte) bool { return c == ' ' || c == '-' || c == '.' }

// international reads groups of digits from i on, up to 15 digits; start is where the prefix begins.
func international(text string, start, i int) (Span, bool) {
	if i >= len(text) || !isDigit(text[i]) && text[i] != '(' || text[i] == '0' {
		return Span{}, false
	}
	total, end, groups := 0, i, 0
	for {
		for sep := 0; sep < 2 && i < len(text) && (isSeparator(text[i]) || text[i] == '(' || text[i] == ')' || text[i] == '/'); sep++ {
			i++
		}
		n := 0
		for n <= maxInternational && i+n < len(text) && isDigit(text[i+n]) {
			n++
		}
		if n == 0 || total+n > maxInternational || wordAt(text, i+n) {
			break
		}
		i += n
		total, end, groups = total+n, i, groups+1
	}
	// 00 alone is too weak a sign for a row of digits.
	if total < minInternational || text[start] == '0' && groups < 2 {
		return Span{}, false
	}
	return Span{start, end, Phone}, true
}

// northAmerican reads three, three and four digits from i on.
func northAmerican(text string, start, i int) (Span, bool) {
	area, ok := fixed(text, i, '(', 3)
	if !ok {
		area, ok = fixed(text, i, 0, 3)
	} else if ok = area < len(text) && text[area] == ')'; ok {
		area++
		if area < len(text) && isDigit(text[area]) {
			area-- // no separator after the bracket: the bracket is the separator
		}
	}
	if !ok || area >= len(text) || text[i] == '0' || text[i] == '1' {
		return Span{}, false
	}
	sep := text[area]
	switch {
	case sep == '-', sep == '.':
	case text[i] == '(' && (sep == ' ' || sep == ')'):
	default:
		return Span{}, false // three numbers with spaces between them are just numbers
	}
	exchange, ok := fixed(text, area, sep, 3)
	if !ok || exchange >= len(text) || text[exchange] != '-' && text[exchange] != '.' && text[exchange] != ' ' {
		return Span{}, false
	}
	end, ok := fixed(text, exchange, text[exchange], 4)
	if !ok || wordAt(text, end) || end+1 < len(text) && text[end] == '-' && isDigit(text[end+1]) {
		return Span{}, false
	}
	return Span{start, end, Phone}, true
}

// fixed reads one byte lead, where it is not 0, and exactly n digits, and gives the end.
func fixed(text string, i int, lead byte, n int) (int, bool) {
	if lead != 0 {
		if i >= len(text) || text[i] != lead {
			return 0, false
		}
		i++
	}
	for range n {
		if i >= len(text) || !isDigit(text[i]) {
			return 0, false
		}
		i++
	}
	return i, i >= len(text) || !isDigit(text[i])
}

// national reads a number with a leading 0 in at least two groups with one and the same separator, 9 to 11 digits in all.
func national(text string, start int) (Span, bool) {
	i := start
	if text[i] == '(' {
		i++
	}
	if i+1 >= len(text) || text[i] != '0' || !isDigit(text[i+1]) || text[i+1] == '0' {
		return Span{}, false
	}
	total, groups, end, sep := 0, 0, 0, byte(0)
	for {
		n := 0
		for n <= maxNational && i+n < len(text) && isDigit(text[i+n]) {
			n++
		}
		if n < 2 || total+n > maxNational {
			break
		}
		total, groups, i = total+n, groups+1, i+n
		if wordAt(text, i) {
			return Span{}, false
		}
		end = i
		if groups == 1 && text[start] == '(' {
			if i >= len(text) || text[i] != ')' {
				return Span{}, false
			}
			i++
		}
		if i >= len(text) || text[i] != ' ' && text[i] != '-' && text[i] != '/' {
			break
		}
		if groups > 2 && text[i] != sep {
			break
		}
		sep = text[i]
		i++
	}
	if groups < 2 || total < minNational {
		return Span{}, false
	}
	return Span{start, end, Phone}, true
}

// nationalID recognises a US social security number, three, two and four digits with dashes, in the ranges that are issued;
// the three stand at i.
func nationalID(text string, i int) (Span, bool) {
	if !numberBegins(text, i) {
		return Span{}, false
	}
	group, ok := fixed(text, i+3, '-', 2)
	if !ok {
		return Span{}, false
	}
	end, ok := fixed(text, group, '-', 4)
	if !ok || wordAt(text, end) || end+1 < len(text) && text[end] == '-' && isDigit(text[end+1]) {
		return Span{}, false
	}
	area := text[i : i+3]
	if area == "000" || area == "666" || area[0] == '9' || text[i+4:i+6] == "00" || text[i+7:i+11] == "0000" {
		return Span{}, false
	}
	return Span{i, end, NationalID}, true
}
