package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrintsTheLayoutOfItsFlags(t *testing.T) {
	for args, want := range map[string]string{
		"":                         "CREATE TABLE IF NOT EXISTS audit.events\n",
		"-database log":            "CREATE TABLE IF NOT EXISTS log.events\n",
		"-cluster c":               "CREATE TABLE IF NOT EXISTS audit.events_local ON CLUSTER 'c'\n",
		"-cluster c -on-cluster=0": "CREATE TABLE IF NOT EXISTS audit.events_local\n",
		"-cluster c -replicated":   "ENGINE = ReplicatedMergeTree\n",
		"-cluster c -replicated=0": "ENGINE = MergeTree\n",
	} {
		var out strings.Builder
		require.NoError(t, run(strings.Fields(args), &out), args)
		assert.Contains(t, out.String(), want, args)
	}
	var out strings.Builder
	assert.ErrorContains(t, run([]string{"audit"}, &out), "only flags are")
	assert.Error(t, run([]string{"-nonsense"}, &out))
}
