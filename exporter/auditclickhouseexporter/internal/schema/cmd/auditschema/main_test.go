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
		"-roles":                   "CREATE ROLE IF NOT EXISTS audit_owner;\n",
		"-roles -cluster c":        "CREATE ROLE IF NOT EXISTS audit_owner ON CLUSTER 'c';\n",
		"-tenant a'b":              "FOR SELECT USING tenant_id = 'a\\'b' TO `audit_tenant_a'b`;\n",
	} {
		var out strings.Builder
		require.NoError(t, run(strings.Fields(args), &out), args)
		assert.Contains(t, out.String(), want, args)
	}
	var out strings.Builder
	assert.ErrorContains(t, run([]string{"audit"}, &out), "only flags are")
	assert.ErrorContains(t, run([]string{"-roles", "-tenant", "a"}, &out), "one at a time")
	assert.Error(t, run([]string{"-nonsense"}, &out))
}
