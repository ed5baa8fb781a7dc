package statement

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStatementsComeInTheOrderOfTheirFiles(t *testing.T) {
	list, err := ReadAll(fstest.MapFS{
		"2_b.sql": {Data: []byte("-- Second?\nSELECT 2\n")},
		"1_a.sql": {Data: []byte("-- First?\n-- more\nSELECT 1\n")},
		"notes":   {Data: []byte("not SQL")},
	})
	require.NoError(t, err)
	assert.Equal(t, []Statement{
		{Name: "1_a.sql", Title: "First?", SQL: "-- First?\n-- more\nSELECT 1"},
		{Name: "2_b.sql", Title: "Second?", SQL: "-- Second?\nSELECT 2"},
	}, list)
}

func TestAFileWithoutItsQuestionIsRefused(t *testing.T) {
	_, err := ReadAll(fstest.MapFS{"1_a.sql": {Data: []byte("SELECT 1")}})
	assert.ErrorContains(t, err, "1_a.sql")
}
