package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func testOptions(names Names) Options {
	return Options{Names: names, Pseudonym: func(dst, name []byte) []byte {
		sum := uint32(2166136261)
		for _, c := range name {
			sum = (sum ^ uint32(c)) * 16777619
		}
		dst = append(dst, "h1:test:"...)
		for range 26 {
			dst = append(dst, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[sum>>27])
			sum = sum*1664525 + 1013904223
		}
		return dst
	}}
}

func newTestWriter(names Names) *writer {
	w := &writer{opts: testOptions(names)}
	w.begin(syntax{quoteOpen: "`", quoteClose: "`", foldCase: true})
	return w
}

func TestListsOfLiteralsFold(t *testing.T) {
	for name, tc := range map[string]struct {
		write func(w *writer)
		want  string
	}{
		"elements": {func(w *writer) {
			w.keyword("IN")
			w.open('(', false, true)
			w.literal()
			w.comma()
			w.literal()
			w.comma()
			w.literal()
			w.close(')')
		}, "IN (?)"},
		"elements around a name": {func(w *writer) {
			w.open('(', false, true)
			w.literal()
			w.comma()
			w.name("x", false)
			w.comma()
			w.literal()
			w.close(')')
		}, "(?, x)"},
		"signs are part of a literal": {func(w *writer) {
			w.open('(', false, true)
			w.sign("-")
			w.literal()
			w.comma()
			w.sign("-")
			w.sign("+")
			w.literal()
			w.comma()
			w.sign("-")
			w.name("x", false)
			w.close(')')
		}, "(?, - x)"},
		"rows": {func(w *writer) {
			w.keyword("VALUES")
			w.openRows()
			for range 3 {
				w.open('(', false, false)
				w.literal()
				w.comma()
				w.literal()
				w.close(')')
				w.comma()
			}
			w.open('(', false, false)
			w.name("f", false)
			w.open('(', true, false)
			w.close(')')
			w.close(')')
			w.closeRows()
			w.keyword("RETURNING")
		}, "VALUES (?, ?), (f()) RETURNING"},
		"arguments do not fold": {func(w *writer) {
			w.name("f", false)
			w.open('(', true, false)
			w.literal()
			w.comma()
			w.literal()
			w.close(')')
		}, "f(?, ?)"},
		"nested lists": {func(w *writer) {
			w.open('[', false, true)
			for i := range 3 {
				if i > 0 {
					w.comma()
				}
				w.open('[', false, true)
				w.literal()
				w.comma()
				w.literal()
				w.close(']')
			}
			w.close(']')
		}, "[[?]]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWriter(NamesKept)
			tc.write(w)
			assert.Equal(t, tc.want, string(w.out))
			assert.Zero(t, w.depth())
		})
	}
}

func TestTheCaseOfWordsMakesNoFingerprint(t *testing.T) {
	fingerprint := func(words ...string) uint64 {
		w := newTestWriter(NamesKept)
		for _, word := range words {
			w.keyword(word)
		}
		return w.fingerprint()
	}
	assert.Equal(t, fingerprint("SELECT", "Name"), fingerprint("SELECT", "name"))
	assert.NotEqual(t, fingerprint("SELECT", "Name"), fingerprint("SELECT", "Names"))
}

func TestTargetsAreUnquotedAndToldOnce(t *testing.T) {
	w := newTestWriter(NamesKept)
	w.verb("SELECT")
	w.keyword("FROM")
	for range 2 {
		mark := w.mark()
		w.name("db", false)
		w.glue(".")
		w.name("order", true)
		w.target(mark, true)
	}
	assert.Equal(t, "FROM db.`order` db.`order`", string(w.out))
	assert.Equal(t, "SELECT db.order db.order", string(w.summary))
	assert.Equal(t, [][]byte{[]byte("db.order")}, w.datasetList())
}

func TestTheSummaryEndsAtAWord(t *testing.T) {
	w := newTestWriter(NamesKept)
	w.verb("SELECT")
	for range 10 {
		mark := w.mark()
		w.name(strings.Repeat("n", 60), false)
		w.target(mark, true)
	}
	assert.Equal(t, "SELECT"+strings.Repeat(" "+strings.Repeat("n", 60), 4), string(w.summary))
}
