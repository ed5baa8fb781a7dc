package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWordsAreFoundInAnyCaseAndNoOthers(t *testing.T) {
	for _, entry := range sqlEntries[1:] {
		upper, lower := sqlLookup(entry.text), sqlLookup(strings.ToLower(entry.text))
		assert.Equal(t, entry.text, sqlEntries[upper].text)
		assert.Equal(t, upper, lower)
		for i := range entry.text {
			for _, c := range []byte{0, '@', '[', '`', '{', 0x7f, 0x80, entry.text[i] ^ 0x80, entry.text[i] ^ 0x60} {
				other := entry.text[:i] + string([]byte{c}) + entry.text[i+1:]
				assert.Equal(t, wNone, sqlLookup(other), "%q", other)
			}
		}
		longer := sqlLookup(entry.text + "\x00")
		assert.Equal(t, wNone, longer)
	}
	assert.Equal(t, wNone, sqlLookup(""))
	list := newWordList("a of summarize make-series a_word_of_more_than_sixteen_bytes 0 $left")
	for _, in := range []string{"a", "A", "oF", "Summarize", "MAKE-series", "A_word_of_more_than_sixteen_byteS", "0", "$Left"} {
		assert.True(t, list.has(in), in)
	}
	for _, out := range []string{"", "b", "of\x00", "summarize ", "make\rseries", "a_word_of_more_than_SIXTEEN_BYTEs_", "a_word_of_mode_than_sixteen_bytes", "\x10", "\x04left"} {
		assert.False(t, list.has(out), out)
	}
}

func TestOneKeyIsOneWord(t *testing.T) {
	seen := map[wordKey]string{}
	for length := range maxKeyed + 1 {
		for at := range length {
			for c := range 256 {
				word := []byte(strings.Repeat("k", length))
				word[at] = byte(c)
				key := keyOf(string(word))
				folded := string(appendLower(nil, word))
				if known, met := seen[key]; met && len(known) == length {
					assert.Equal(t, known, folded)
				}
				seen[key] = folded
			}
		}
	}
}
