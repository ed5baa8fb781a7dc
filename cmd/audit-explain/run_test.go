package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const event = `{"resourceLogs": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
  "scopeLogs": [{"logRecords": [{"timeUnixNano": "1795257000000000000", "eventName": "report.export", "attributes": [
    {"key": "audit.actor.id", "value": {"stringValue": "ann"}}, {"key": "audit.action", "value": {"stringValue": "EXPORT"}},
    {"key": "audit.message", "value": {"stringValue": "canary"}}, {"key": "acme.x", "value": {"stringValue": "canary"}}]}]}]}]}`

func policyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestAnEventIsExplained(t *testing.T) {
	path := policyFile(t, "name: acme\nversion: 7\nrules:\n- {name: exports, match: {action: EXPORT}, level: metadata, retention_days: 30}\n")
	var out bytes.Buffer
	require.NoError(t, run([]string{"-policy", path}, strings.NewReader(event), &out, &out))
	assert.Regexp(t, `^event 1: stored at the level metadata, by rules\[0\] \(exports\) of acme@7\+[0-9a-f]{12}
  - rules\[0\] \(exports\) asks for the level metadata
  - it is kept for 30 days, because the rule says so
  acme.x +left out +capture_level +
  audit.action +kept +- +
  audit.actor.id +kept +- +
  audit.message +left out +capture_level +
$`, out.String())
	assert.NotContains(t, out.String(), "canary")
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	good := policyFile(t, "name: a\nversion: 1\n")
	for want, tc := range map[string]struct {
		args  []string
		stdin string
	}{
		"no policy: give -policy":                            {nil, event},
		"no such file":                                       {[]string{"-policy", good + "x"}, event},
		"line 2: version is 0":                               {[]string{"-policy", policyFile(t, "name: a\nversion: 0\n")}, event},
		"standard input must hold events as OTLP/JSON":       {[]string{"-policy", good}, "{}"},
		"standard input must hold events as OTLP/JSON: {\"r": {[]string{"-policy", good}, "canary"},
	} {
		var out bytes.Buffer
		err := run(tc.args, strings.NewReader(tc.stdin), &out, &out)
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error()+out.String(), "canary")
	}
}
