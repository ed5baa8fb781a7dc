package query

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// pieceLength is the length of the shortest piece of a literal that counts as a leak.
const pieceLength = 6

// leaked finds the first piece of a canary in what is told of a query; empty where there is none. Case makes no
// difference: keywords are written in upper case, and so could be a canary that was taken for one. It runs millions of
// times, and therefore looks for what all pieces have in common first, and allocates nothing.
func leaked(res Result, canary string) string {
	var needleBytes, toldBytes [1 << 10]byte
	needle := lowered(needleBytes[:0], canary)
	inAll := needle
	if n := len(needle); n > pieceLength {
		inAll = needle[min(n-pieceLength, pieceLength):max(n-pieceLength, pieceLength)]
		if n > 2*pieceLength {
			inAll = nil
		}
	}
	find := func(told []byte) bool {
		low := lowered(toldBytes[:0], told)
		if !bytes.Contains(low, inAll) {
			return false
		}
		for i := 0; i+pieceLength <= len(needle) || i == 0; i++ {
			if bytes.Contains(low, needle[i:min(i+pieceLength, len(needle))]) {
				return true
			}
		}
		return false
	}
	if find(res.Representation) {
		return string(res.Representation)
	}
	if find(res.Summary) {
		return string(res.Summary)
	}
	for _, dataset := range res.Datasets {
		if find(dataset) {
			return string(dataset)
		}
	}
	return ""
}

// lowered appends text with its letters in lower case, byte by byte, so that it depends on nothing that is tested here.
func lowered[T []byte | string](dst []byte, text T) []byte {
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// assertNoCanary fails where a piece of a canary is in what is told of the query, which was read as the label says.
func assertNoCanary(t *testing.T, res Result, canary, label, text string) bool { //nolint:thelper // called millions of times, and Helper is slow
	if where := leaked(res, canary); where != "" {
		t.Helper()
		return assert.Fail(t, "a literal came through", "canary %q\nread as %q\nquery  %s\ntold   %s", canary, label, text, where)
	}
	return true
}

func TestTheHarnessSeesALeak(t *testing.T) {
	const canary = "Qz7Rk2Vw"
	assert.Empty(t, leaked(Result{Representation: []byte("SELECT ?"), Summary: []byte("SELECT qz7rk")}, canary))
	assert.NotEmpty(t, leaked(Result{Representation: []byte("SELECT xQZ7RK2x")}, canary))
	assert.NotEmpty(t, leaked(Result{Summary: []byte("SELECT 7rk2Vw")}, canary))
	assert.NotEmpty(t, leaked(Result{Datasets: [][]byte{[]byte(canary)}}, canary))
	long := "jane." + canary + ".example.com"
	for i := range len(long) - pieceLength + 1 {
		assert.NotEmpty(t, leaked(Result{Summary: []byte("x" + long[i:i+pieceLength] + "y")}, long))
		assert.Empty(t, leaked(Result{Summary: []byte("#" + long[i:i+pieceLength-1] + "#")}, long))
	}
	for i := range len(canary) - pieceLength + 1 {
		assert.NotEmpty(t, leaked(Result{Summary: []byte("x" + canary[i:i+pieceLength] + "y")}, canary))
	}
	assert.NotEmpty(t, leaked(Result{Datasets: [][]byte{[]byte("a71b")}}, "71"), "a canary shorter than a piece counts as a whole")
}
