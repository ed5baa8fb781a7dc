package query

// wordKey is a word as the lists of words know it: its letters in lower case, packed. Two words of up to maxKeyed bytes are
// the same in any case if their keys and their lengths are; of longer ones the key has the first eight and the last eight
// bytes only.
type wordKey struct{ head, tail uint64 }

// maxKeyed is the length of the longest word of which all bytes are in its key.
const maxKeyed = 16

func keyOf(s string) wordKey {
	switch n := len(s); {
	case n >= 8:
		return wordKey{lower64(load64(s)), lower64(load64(s[n-8:]))}
	case n >= 4: // the two halves may overlap: where they do, they are the same
		return wordKey{head: lower64(load32(s) | load32(s[n-4:])<<(8*uint(n-4)&63))}
	case n > 0:
		return wordKey{head: lower64(uint64(s[0]) | uint64(s[n/2])<<(8*uint(n/2)&63) | uint64(s[n-1])<<(8*uint(n-1)&63))}
	}
	return wordKey{}
}

// hash spreads the key over all bits; the highest are the best.
func (k wordKey) hash() uint64 {
	return (k.head ^ k.tail>>31 ^ k.tail<<33) * 0x9E3779B97F4A7C15
}

func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load32(s string) uint64 {
	_ = s[3]
	return uint64(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}

// lower64 turns the ASCII letters among eight bytes to lower case.
func lower64(word uint64) uint64 {
	const ones = 0x0101010101010101
	low := word &^ (0x80 * ones)
	// The highest bit of a byte is set in the first sum from 'A' on and in the second one behind 'Z'.
	capital := (low + (0x80-'A')*ones) &^ (low + (0x80-'Z'-1)*ones) &^ word & (0x80 * ones)
	return word | capital>>2
}

// wordFilter tells most of what is not on a list from its first byte, its last byte and its length, before a key is made:
// most words of a query are names.
type wordFilter [32 * 32]uint32

func (f *wordFilter) add(word string) {
	f[int(word[0]&31)<<5|int(word[len(word)-1]&31)] |= 1 << (len(word) & 31)
}

// mayHave is false where a word, which is not empty, is surely not on the list.
func (f *wordFilter) mayHave(word string) bool {
	return f[int(word[0]&31)<<5|int(word[len(word)-1]&31)]>>(len(word)&31)&1 != 0
}
