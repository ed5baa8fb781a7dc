package auditreceiver

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestEveryIDStandsInAnAnswerOnce(t *testing.T) {
	for name, given := range map[string][]string{
		"ascending":             {"a", "b", "c"},
		"twice in a row":        {"a", "a", "b"},
		"again later":           {"a", "b", "a", "c"},
		"again behind a break":  {"b", "a", "c", "b", "c"},
		"descending":            {"c", "b", "a", "a"},
		"one that needs quotes": {`a"`, `a"`},
	} {
		answer := audited{}
		want := map[string]string{}
		for i, id := range given {
			status := string(rune('0' + i))
			answer.receipts = append(answer.receipts, recordReceipt{id: id, status: status})
			if _, ok := want[id]; !ok {
				want[id] = status
			}
		}
		text := answer.appendRecords(nil)
		var got map[string]struct{ Status string }
		require.NoError(t, json.Unmarshal(text, &got), name)
		members := 0
		for id, record := range got {
			assert.Equal(t, want[id], record.Status, name)
			members++
		}
		assert.Equal(t, len(want), members, name)
		again, err := json.Marshal(got)
		require.NoError(t, err)
		assert.Len(t, text, len(again), "a member stands there twice: %s", name)
	}
}

func TestReceiptsAreFoundInAnyOrder(t *testing.T) {
	for name, order := range map[string][]string{
		"as the records":  {"a", "b", "c", "d"},
		"another":         {"d", "a", "c", "b"},
		"with one broken": {"a", "c", "b", "d"},
		"with one less":   {"a", "c", "d"},
		"none":            nil,
	} {
		known := givenReceipts{}
		have := map[string]bool{}
		for _, id := range order {
			known.list = append(known.list, audit.Receipt{RecordID: id, State: audit.StateStored})
			have[id] = true
		}
		for _, id := range []string{"a", "b", "c", "d"} {
			got, ok := known.of(id)
			assert.Equal(t, have[id], ok, name)
			if ok {
				assert.Equal(t, id, got.RecordID, name)
			}
		}
	}
}
