package report

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/statement"
)

// database answers every statement in the same way and remembers it.
type database struct {
	answer string
	err    error
	asked  string
}

func (d *database) Query(_ context.Context, sql string) (string, error) {
	d.asked = sql
	return d.answer, d.err
}

var question = statement.Statement{Name: "1_load.sql", Title: "What makes load?", SQL: "SELECT 1"}

func TestTablesAreAligned(t *testing.T) {
	db := &database{answer: `["monitor", "queries", "cost"]
["String", "UInt64", "Nullable(Float64)"]
["Größe", "1234567", "0.25"]
["a", "2", "-1234"]
`}
	var out bytes.Buffer
	empty, err := Print(t.Context(), &out, db, []statement.Statement{question})
	require.NoError(t, err)
	assert.Empty(t, empty)
	assert.Equal(t, `
What makes load?

  monitor    queries       cost
  Größe    1,234,567       0.25
  a                2  -1,234.00
`, out.String())
	assert.Equal(t, "SELECT 1\nFORMAT JSONCompactStringsEachRowWithNamesAndTypes", db.asked)
}

func TestLongTextsAreCutAndLinesJoined(t *testing.T) {
	assert.Equal(t, "SELECT a FROM b", shorten("SELECT a\n   FROM b"))
	long := shorten(string(bytes.Repeat([]byte("é"), 200)))
	assert.Len(t, []rune(long), maxCell)
	assert.Equal(t, '…', []rune(long)[maxCell-1])
}

func TestEmptyTablesAreNamed(t *testing.T) {
	var out bytes.Buffer
	empty, err := Print(t.Context(), &out, &database{answer: "[\"n\"]\n[\"UInt8\"]\n"}, []statement.Statement{question})
	require.NoError(t, err)
	assert.Equal(t, []string{"1_load.sql"}, empty)
}

func TestErrorsNameTheFile(t *testing.T) {
	refused := errors.New("unknown table")
	for name, db := range map[string]*database{
		"refused":     {err: refused},
		"not JSON":    {answer: "Code: 60"},
		"no types":    {answer: `["n"]`},
		"empty":       {},
		"wrong shape": {answer: `{"n": 1}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Ask(t.Context(), db, question)
			assert.ErrorContains(t, err, "1_load.sql")
		})
	}
}
