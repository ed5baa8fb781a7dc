package querylog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// server keeps rows and gives them as the query does, by pages.
type server struct {
	rows []Row
	page int
}

func (s *server) read(_ context.Context, behind Place) ([]Row, bool, error) {
	order := func(a, b Place) int { return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.QueryID, b.QueryID)) }
	var found []Row
	for _, row := range s.rows {
		if order(row.place(), behind) > 0 {
			found = append(found, row)
		}
	}
	slices.SortFunc(found, func(a, b Row) int { return order(a.place(), b.place()) })
	return found[:min(len(found), s.page)], len(found) >= s.page, nil
}

func TestEveryRowIsTakenOnce(t *testing.T) {
	begin := time.Unix(1_795_257_000, 0)
	at := func(seconds int, id string) Row {
		return Row{Time: begin.Add(time.Duration(seconds) * time.Second).UnixMicro(), QueryID: id}
	}
	s := &server{page: 3}
	var taken []string
	failing := false
	f := NewFollower(begin)
	f.Read = s.read
	f.Take = func(_ context.Context, rows []Row) error {
		if failing {
			return errors.New("full")
		}
		for _, row := range rows {
			taken = append(taken, row.QueryID)
		}
		return nil
	}
	s.rows = append(s.rows, at(-1, "before"))
	for i := range 10 {
		s.rows = append(s.rows, at(i/4, fmt.Sprint(i))) // several end at once, over pages
	}
	require.NoError(t, f.Poll(t.Context()))
	assert.ElementsMatch(t, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, unique(t, taken))

	failing = true
	s.rows = append(s.rows, at(20, "a"), at(5, "late")) // written to the log after what ended later
	require.Error(t, f.Poll(t.Context()))
	failing = false
	require.NoError(t, f.Poll(t.Context()))
	require.NoError(t, f.Poll(t.Context()))
	assert.Contains(t, unique(t, taken), "late")
	assert.Contains(t, taken, "a")

	for i := range 100 {
		s.rows = append(s.rows, at(60+i, fmt.Sprint("n", i)))
		require.NoError(t, f.Poll(t.Context()))
	}
	assert.Len(t, unique(t, taken), 112)
	assert.LessOrEqual(t, len(f.done), int(settle/time.Second)+1, "what is remembered is bounded by time")
}

func unique(t *testing.T, ids []string) []string {
	t.Helper()
	sorted := slices.Sorted(slices.Values(ids))
	assert.Equal(t, slices.Compact(slices.Clone(sorted)), sorted, "none twice")
	return ids
}
