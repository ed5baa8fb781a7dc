package query

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// pieceLength is the length of the shortest piece of a literal that counts as a leak.
const pieceLength = 6

// leaked finds the first piece of a canary in what is told of a query; empty where there is none. Case makes no
// difference: keywords are written in upper case, and so could be a canary that was taken for one.
func leaked(res Result, canary string) string {
	told := append([][]byte{res.Representation, res.Summary}, res.Datasets...)
	low := bytes.ToLower([]byte(canary))
	for i := 0; i+pieceLength <= len(low) || i == 0; i++ {
		piece := low[i:min(i+pieceLength, len(low))]
		for _, t := range told {
			if bytes.Contains(bytes.ToLower(t), piece) {
				return string(t)
			}
		}
	}
	return ""
}

// assertNoCanary fails where a piece of a canary is in what is told of the query.
func assertNoCanary(t *testing.T, res Result, canary, text string) bool {
	t.Helper()
	if where := leaked(res, canary); where != "" {
		return assert.Fail(t, "a literal came through", "canary %q\nquery  %s\ntold   %s", canary, text, where)
	}
	return true
}

func TestTheHarnessSeesALeak(t *testing.T) {
	const canary = "Qz7Rk2Vw"
	assert.Empty(t, leaked(Result{Representation: []byte("SELECT ?"), Summary: []byte("SELECT qz7rk")}, canary))
	assert.NotEmpty(t, leaked(Result{Representation: []byte("SELECT xQZ7RK2x")}, canary))
	assert.NotEmpty(t, leaked(Result{Summary: []byte("SELECT 7rk2Vw")}, canary))
	assert.NotEmpty(t, leaked(Result{Datasets: [][]byte{[]byte(canary)}}, canary))
	assert.NotEmpty(t, leaked(Result{Datasets: [][]byte{[]byte("a71b")}}, "71"), "a canary shorter than a piece counts as a whole")
}
