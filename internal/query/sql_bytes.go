package query

// Traits of bytes, as the lexer of SQL needs them.
const (
	traitLetter uint8 = 1 << iota // letters and '_': words start with them
	traitDigit
	traitDollar // in words too
	traitHigh   // not ASCII
	traitSingle // a token by itself
	traitPlain  // neither white space nor the start of a comment
	traitTail   // behind a word, makes it a part of something else

	traitWord = traitLetter | traitDigit | traitDollar
)

var byteTraits, singleKinds = sqlBytes()

func sqlBytes() (traits [256]uint8, kinds [256]sqlKind) {
	for c := range 256 {
		switch b := byte(c); {
		case isLetter(b) || b == '_':
			traits[c] = traitLetter | traitPlain
		case isDigit(b):
			traits[c] = traitDigit | traitPlain
		case b >= 0x80:
			traits[c] = traitHigh | traitTail
		case b > ' ' && b != '-' && b != '/' && b != '#':
			traits[c] = traitPlain
		}
	}
	traits['$'] |= traitDollar
	for _, c := range []byte{'\'', '"', '&', '@', '-'} {
		traits[c] |= traitTail
	}
	for c, kind := range map[byte]sqlKind{
		'(': kindOpen, ')': kindClose, ']': kindClose, '}': kindClose, ',': kindComma, ';': kindSemicolon,
	} {
		traits[c] |= traitSingle
		kinds[c] = kind
	}
	return traits, kinds
}

func isWordByte(c byte) bool { return byteTraits[c]&traitWord != 0 }
