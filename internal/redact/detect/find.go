package detect

// Scope says what is looked for.
type Scope uint8

// Scopes.
const (
	All     Scope = iota // personal values and secrets
	Secrets              // secrets only, for text in which persons may be named
)

// Find gives the first value at or after from, false where there is none. Nothing before from is part of it.
func Find(text string, from int, scope Scope) (Span, bool) {
	for i := from; i < len(text); i++ {
		t := triggers[text[i]]
		switch t {
		case none:
			continue
		case letter: // these begin words; inside of them they are most of any text
			if i > 0 && isAlnum(text[i-1]) {
				continue
			}
		case digit: // nothing is recognised inside of a row of digits
			if scope == All {
				if span, ok := number(text, from, i); ok {
					return span, true
				}
			}
			i += digits(text, i) - 1
			continue
		}
		if span, ok := secretAt(text, from, i, t); ok {
			return span, true
		}
		if scope == Secrets {
			continue
		}
		if span, ok := personalAt(text, from, i, t); ok {
			return span, true
		}
	}
	return Span{}, false
}

// trigger is what a byte may belong to.
type trigger uint8

const (
	none      trigger = iota
	digit             // addresses, numbers
	at                // e-mail
	percent           // e-mail with %40
	colon             // IPv6, URL, assignment
	assign            // assignment
	sign              // phone
	paren             // phone
	dash              // PEM, token prefixes that end with it
	underline         // token prefixes that end with it
	letter            // tokens that begin with letters
)

var triggers = func() (t [256]trigger) {
	for c := '0'; c <= '9'; c++ {
		t[c] = digit
	}
	t['@'], t['%'], t[':'], t['='], t['>'], t['+'], t['('], t['-'], t['_'] = at, percent, colon, assign, assign, sign, paren, dash, underline
	for _, c := range "eABbSy" {
		t[c] = letter
	}
	return t
}()

func secretAt(text string, from, i int, t trigger) (Span, bool) {
	switch t {
	case colon:
		if span, ok := urlPassword(text, i); ok {
			return span, true
		}
		return assignment(text, from, i)
	case assign:
		return assignment(text, from, i)
	case dash:
		if span, ok := privateKey(text, i); ok {
			return span, true
		}
		return prefixedToken(text, from, i)
	case underline:
		return prefixedToken(text, from, i)
	case letter:
		return letterToken(text, i)
	default:
		return Span{}, false
	}
}

func personalAt(text string, from, i int, t trigger) (Span, bool) {
	switch t {
	case at:
		return email(text, from, i, i+1)
	case percent:
		if i+2 < len(text) && text[i+1] == '4' && text[i+2] == '0' {
			return email(text, from, i, i+3)
		}
		return Span{}, false
	case colon:
		return ipv6(text, from, i)
	case sign, paren:
		return phone(text, i)
	default:
		return Span{}, false
	}
}

// number tries what begins with a digit, or, for a bank account, with two letters before it. It looks at the length of the row
// of digits and at what stands beside it first, because most rows are part of an id, a time or a measure.
func number(text string, from, i int) (Span, bool) {
	n := digits(text, i)
	after := byte(0)
	if i+n < len(text) {
		after = text[i+n]
	}
	if n == 4 && (after == ' ' || after == '-') || n >= minCard {
		if span, ok := card(text, i, n); ok {
			return span, true
		}
	}
	if n >= 2 && i-2 >= from && isLetter(text[i-1]) && isLetter(text[i-2]) {
		return iban(text, i)
	}
	if wordBefore(text, i) {
		return Span{}, false
	}
	if n <= 3 && after == '.' {
		if span, ok := ipv4(text, i); ok {
			return span, true
		}
	}
	if n == 3 && after == '-' {
		if span, ok := nationalID(text, i); ok {
			return span, true
		}
	}
	if n == 3 || text[i] == '0' || n == 1 && text[i] == '1' {
		return phone(text, i)
	}
	return Span{}, false
}

// digits counts the digits from i on.
func digits(text string, i int) int {
	n := 0
	for i+n < len(text) && isDigit(text[i+n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

// isWord is isAlnum and every byte of a character beyond ASCII, which may be a letter.
func isWord(c byte) bool { return isAlnum(c) || c >= 0x80 }

// wordBefore reports whether a letter or digit stands right before i, so that nothing begins there.
func wordBefore(text string, i int) bool { return i > 0 && isWord(text[i-1]) }

// wordAt reports whether a letter or digit stands at i, so that nothing ends before it.
func wordAt(text string, i int) bool { return i < len(text) && isWord(text[i]) }
