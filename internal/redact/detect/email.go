package detect

// Bounds of what is looked at around an @. RFC 5321 allows 64 and 255 bytes; longer local parts are taken too, because what
// would be left over is still part of an address.
const (
	maxLocal  = 80
	maxDomain = 255
)

// email recognises an address around the @ at i; the domain begins at domain. The local part may hold letters of any script,
// digits and ._%+-' (a quote only between letters, as in o'brien); quoted local parts and the other characters of RFC 5322
// end it. The domain needs a dot and a last label of two letters or more.
func email(text string, from, i, domain int) (Span, bool) {
	start := i
	for start > from && i-start < maxLocal && isLocal(text, from, start-1) {
		start--
	}
	for start < i && !isWord(text[start]) && text[start] != '_' {
		start++ // an address does not begin with a dot or a sign
	}
	if start == i {
		return Span{}, false
	}
	end := domainEnd(text, domain)
	return Span{start, end, Email}, end > 0
}

func isLocal(text string, from, i int) bool {
	switch c := text[i]; c {
	case '.', '_', '%', '+', '-':
		return true
	case '\'':
		return i > from && isWord(text[i-1]) && wordAt(text, i+1)
	default:
		return isWord(c)
	}
}

// domainEnd gives the end of the host name that begins at i, 0 where there is none.
func domainEnd(text string, i int) int {
	end := i
	for end < len(text) && end-i < maxDomain && (isWord(text[end]) || text[end] == '-' || text[end] == '.') {
		end++
	}
	// From the last label back to the first that can be a top-level domain, so that what follows the name does not hide it.
	for label := end; label > i; {
		last := label
		for label--; label > i && text[label] != '.'; {
			label--
		}
		if label == i {
			return 0 // one label, or an empty first one
		}
		if n := letters(text[label+1 : last]); n >= 2 {
			return label + 1 + n
		}
	}
	return 0
}

// letters gives the length of the top-level domain that label begins with.
func letters(label string) int {
	if len(label) > 4 && (label[:4] == "xn--" || label[:4] == "XN--") {
		return len(label)
	}
	n := 0
	for n < len(label) && isWord(label[n]) && !isDigit(label[n]) {
		n++
	}
	if n < len(label) && isDigit(label[n]) {
		return 0
	}
	return n
}
