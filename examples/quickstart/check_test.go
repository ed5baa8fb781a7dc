package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/examples/quickstart/internal/sender"
)

func TestExactlyOnceFindsWhatIsWrong(t *testing.T) {
	all := sender.Totals{Emitted: 10, Acknowledged: 10, Digest: 5}
	for name, given := range map[string]struct {
		sent  sender.Totals
		there stored
		want  string
	}{
		"as it should be":   {all, stored{rows: 10, distinct: 10, digest: 5}, ""},
		"rejected":          {sender.Totals{Emitted: 10, Acknowledged: 9, Rejected: 1}, stored{rows: 9, distinct: 9}, "1 of 10 events were not acknowledged"},
		"failed":            {sender.Totals{Emitted: 10, Acknowledged: 8, Failed: 2, Reason: "busy"}, stored{rows: 8, distinct: 8}, "busy"},
		"without an answer": {sender.Totals{Emitted: 10, Acknowledged: 8}, stored{rows: 8, distinct: 8}, "2 of 10"},
		"missing":           {all, stored{rows: 9, distinct: 9, quarantined: 1}, "1 acknowledged events are missing"},
		"doubled":           {all, stored{rows: 11, distinct: 10, digest: 5}, "1 rows of audit.events are doubles"},
		"others":            {all, stored{rows: 10, distinct: 10, digest: 4}, "not the same ones"},
	} {
		t.Run(name, func(t *testing.T) {
			err := exactlyOnce(given.sent, given.there)
			if given.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, given.want)
			}
		})
	}
}

// answers is a database that answers by what a statement begins with.
type answers map[string]string

func (a answers) Query(_ context.Context, sql string) (string, error) {
	for begin, answer := range a {
		if strings.HasPrefix(sql, begin) {
			return answer, nil
		}
	}
	return "", assert.AnError
}

func TestLeaksSayWhereTheyAre(t *testing.T) {
	db := answers{
		"SELECT table, name": "events\tmessage\nevents\tdetails\n",
		"SELECT countIf":     "Row 1:\n──────\nmessage: 0\ndetails: 3\n",
	}
	found, err := leaks(t.Context(), db)
	require.NoError(t, err)
	assert.Equal(t, []string{"events.details (3 rows)"}, found)

	db["SELECT countIf"] = "Row 1:\n──────\nmessage: 0\ndetails: 0\n"
	found, err = leaks(t.Context(), db)
	require.NoError(t, err)
	assert.Empty(t, found)
}

// late answers that the rollup has all seven events after a time.
type late struct{ from time.Time }

func (l late) Query(context.Context, string) (string, error) {
	if time.Now().Before(l.from) {
		return "6\t7\n", nil
	}
	return "7\t7\n", nil
}

func TestARollupMayComeABitLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		assert.NoError(t, waitRollups(t.Context(), late{time.Now().Add(settleLimit / 2)}))
		assert.ErrorContains(t, waitRollups(t.Context(), late{time.Now().Add(2 * settleLimit)}), "activity_daily counts 6")
	})
}

func TestWaitingEndsWhenEverythingIsThere(t *testing.T) {
	there, err := waitStored(t.Context(), answers{"SELECT count()": "10\t9\t77\t1\n"}, "qs-x", 10)
	require.NoError(t, err)
	assert.Equal(t, stored{rows: 10, distinct: 9, digest: 77, quarantined: 1}, there)
}
