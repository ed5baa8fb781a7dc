package query

// maxName is the longest name that is kept; longer ones are more often data than names.
const maxName = 64

// appendName appends what is told of a name: the name itself, digits masked, where it looks like an identifier; else its
// pseudonym. quoted says that the pseudonym form has been met again inside quotes, where it stays as it is, so that a
// representation represents to itself. The second result is false where a pseudonym was appended.
func appendName(dst []byte, name string, opts *Options, scratch *[]byte) ([]byte, bool) {
	if isPseudonym(name) {
		return append(dst, name...), false
	}
	if opts.Names == NamesKept && looksLikeName(name) {
		return appendMasked(dst, name), true
	}
	*scratch = append((*scratch)[:0], name...)
	return opts.Pseudonym(dst, *scratch), false
}

// looksLikeName says whether a name may be kept: an ASCII identifier, in which '-' and '$' may stand too (`axiom-audit`,
// `v$session`), of at most maxName bytes and without a part that looks like a random value. Two dollars may be the quotes
// of a string to which a word before them was glued.
func looksLikeName(s string) bool {
	if s == "" || len(s) > maxName || !isLetter(s[0]) && s[0] != '_' {
		return false
	}
	var part namePart
	dollars := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			part.digit()
		case isLetter(c):
			part.letter(c)
		case c == '_' || c == '-' || c == '$':
			if c == '$' {
				dollars++
			}
			if dollars > 1 || part.looksRandom() {
				return false
			}
			part = namePart{}
		default:
			return false
		}
	}
	return !part.looksRandom()
}

// namePart counts what tells a word from a hash or token, in one part of a name (`events` and `2024` in `events_2024`).
type namePart struct {
	length, digits, runs int // runs of digits
	inRun, notHex        bool
}

func (p *namePart) digit() {
	p.length++
	p.digits++
	if !p.inRun {
		p.runs++
	}
	p.inRun = true
}

func (p *namePart) letter(c byte) {
	p.length++
	p.inRun = false
	if c |= 0x20; c > 'f' {
		p.notHex = true
	}
}

// looksRandom says whether the part is more likely a value than a word: three runs of digits in one word, or
// hexadecimal of eight bytes, or of six where digits are scattered in it. Words (`facade`), types (`utf8mb4`) and
// versions (`ipv4`) pass.
func (p *namePart) looksRandom() bool {
	if p.runs >= 3 {
		return true
	}
	hex := !p.notHex && p.digits > 0 && p.digits < p.length
	return hex && (p.length >= 8 || p.length >= 6 && p.runs >= 2)
}

// longDigits is the shortest run of digits that is masked. Shorter ones tell names apart (`t1`, `t2`, `utf8`).
const longDigits = 3

// appendMasked appends a name that looks like one, each long run of digits in it replaced by a single 0: `events_2024`
// and `events_2025` have the same shape. A masked name has no long run, so it masks to itself.
func appendMasked(dst []byte, name string) []byte {
	for i := 0; i < len(name); {
		if !isDigit(name[i]) {
			dst = append(dst, name[i])
			i++
			continue
		}
		end := i + 1
		for end < len(name) && isDigit(name[end]) {
			end++
		}
		if end-i >= longDigits {
			dst = append(dst, '0')
		} else {
			dst = append(dst, name[i:end]...)
		}
		i = end
	}
	return dst
}

// isPseudonym recognises the form of a pseudonym, "h1:<key id>:<128 bits in base32>", which stays as it is.
func isPseudonym(s string) bool {
	const version, digest = "h1:", 26
	if len(s) < len(version)+2+digest || s[:len(version)] != version {
		return false
	}
	id, last := s[len(version):len(s)-digest-1], s[len(s)-digest:]
	if len(id) > maxName || s[len(s)-digest-1] != ':' {
		return false
	}
	for i := 0; i < len(id); i++ {
		if c := id[i]; !isLetter(c) && !isDigit(c) && c != '_' {
			return false
		}
	}
	for i := 0; i < len(last); i++ {
		if c := last[i]; (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return c|0x20-'a' <= 'z'-'a' }
