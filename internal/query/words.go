package query

import "strings"

// words finds the words of a list in a text whose case makes no difference, without an allocation and faster than a map:
// it is asked for nearly every word of a query.
type words[T any] struct {
	entries []wordEntry[T] // a hash table with linear probing, at most a quarter full
	filter  wordFilter
}

type wordEntry[T any] struct {
	word  string // in lower case
	key   wordKey
	value T
}

// newWords makes a table of words in lower case.
func newWords[T any](values map[string]T) words[T] {
	size := 16
	for size < 4*len(values) {
		size *= 2
	}
	w := words[T]{entries: make([]wordEntry[T], size)}
	for word, value := range values {
		w.filter.add(word)
		key := keyOf(word)
		i := w.slot(key)
		for w.entries[i].word != "" {
			i = (i + 1) & (size - 1)
		}
		w.entries[i] = wordEntry[T]{word, key, value}
	}
	return w
}

// newWordList makes a table of words in lower case, separated by white space, each of which is its own value.
func newWordList(list string) words[string] {
	return newWords(wordSet(list))
}

// wordSet makes a map of words, each its own value.
func wordSet(list string) map[string]string {
	m := map[string]string{}
	for word := range strings.FieldsSeq(list) {
		m[word] = word
	}
	return m
}

// slot is where a word is looked for first.
func (w *words[T]) slot(key wordKey) int { return int(key.hash()>>40) & (len(w.entries) - 1) }

// find finds a word.
func (w *words[T]) find(text string) (value T, ok bool) {
	if text == "" || !w.filter.mayHave(text) {
		return value, false
	}
	key := keyOf(text)
	for i := w.slot(key); ; i = (i + 1) & (len(w.entries) - 1) {
		e := &w.entries[i]
		if e.word == "" {
			return value, false
		}
		if e.key == key && len(e.word) == len(text) && (len(text) <= maxKeyed || isWord(text, e.word)) {
			return e.value, true
		}
	}
}

// has says whether a word is in the list.
func (w *words[T]) has(text string) bool {
	_, ok := w.find(text)
	return ok
}

// isWord says whether text is the word, which is in lower case, in any case.
func isWord(text, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i := 0; i < len(text); i++ {
		if c := text[i]; c != word[i] && (c|0x20 != word[i] || !isLetter(c)) {
			return false
		}
	}
	return true
}
