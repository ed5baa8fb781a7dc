package auditreceiver

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// sums adds up a counter by the values of one label.
func sums(t *testing.T, got metricdata.Metrics, label string) map[string]int64 {
	t.Helper()
	sum, ok := got.Data.(metricdata.Sum[int64])
	require.True(t, ok)
	out := map[string]int64{}
	for _, point := range sum.DataPoints {
		value, _ := point.Attributes.Value(attribute.Key(label))
		out[value.AsString()] += point.Value
	}
	return out
}

func nonZero(counts map[string]int64) map[string]int64 {
	for label, n := range counts {
		if n == 0 {
			delete(counts, label)
		}
	}
	return counts
}
