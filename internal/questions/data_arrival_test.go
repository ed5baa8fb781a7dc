package questions

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestEveryEventArrived as the tests of the questions take it for granted.
func TestEveryEventArrived(t *testing.T) {
	type row struct {
		ID       string    `json:"record_id"`
		Tenant   string    `json:"tenant_id"`
		Time     time.Time `json:"timestamp"`
		Name     string    `json:"event_name"`
		Action   string    `json:"action"`
		Target   string    `json:"target_id"`
		Shape    string    `json:"query_representation"`
		Cost     *float64  `json:"query_cost"`
		Datasets []string  `json:"datasets"`
	}
	var want []row
	for _, e := range within(start, today, func(event) bool { return true }) {
		datasets := e.Datasets
		if datasets == nil {
			datasets = []string{}
		}
		want = append(want, row{e.ID, e.Tenant, e.Time, e.Name, e.Action, e.Target, e.Shape, e.Cost, datasets})
	}
	got := ask[row](t, `SELECT record_id, tenant_id, timestamp, event_name, action, target_id, query_representation, query_cost, datasets FROM audit.events
		WHERE timestamp >= {start:DateTime64(9)}`, params{"start": start})
	assert.ElementsMatch(t, want, got)
}
