package auditprocessor

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// allActions are rules that take every action there is to what hostile records are full of.
func allActions() []AttributeRule {
	return []AttributeRule{
		{Prefix: "client.", Action: "mask_address"},
		{Prefix: "audit.source.", Action: "mask_address"},
		{Prefix: "audit.change.", Action: "mask_address"},
		{Prefix: "audit.function.", Action: "bucket"},
		{Prefix: "audit.query.", Action: "bucket"},
		{Name: "audit.details", Action: "pseudonymize"},
		{Prefix: "acme.x1", Action: "mask_address"},
		{Prefix: "acme.x2", Action: "bucket"},
		{Prefix: "acme.x3", Action: "skeleton"},
		{Prefix: "acme.x4", Action: "withhold"},
		{Prefix: "acme.x5", Action: "drop"},
		{Prefix: "acme.", Action: "pseudonymize"},
		{Prefix: "plain", Action: "mask_address"},
		{Prefix: "body", Action: "bucket"},
		{Prefix: "attributes", Action: "bucket"},
		{Prefix: "k8s.", Action: "mask_address"},
		{Name: "otel.scope.name", Action: "mask_address"},
		{Name: "otel.scope.version", Action: "bucket"},
	}
}

// What can be seen of a running processor beside the records: logs at every level, errors, metrics. Whatever the rules, and while the
// directory is broken by a file that is full of what a sender might send.
func TestNothingOfACanaryIsInLogsErrorsOrMetricsUnderAnyAction(t *testing.T) {
	for name, cfg := range map[string]*Config{
		"table":               newConfig(),
		"every action":        newConfig(allActions()...),
		"names as pseudonyms": func() *Config { cfg := newConfig(); cfg.Queries.Names = namesPseudonymize; return cfg }(),
		"prompts masked":      func() *Config { cfg := newConfig(); cfg.Prompts.Text = promptsMask; return cfg }(),
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, cfg)
			var visible bytes.Buffer
			for seed := range uint64(seeds) {
				if err := r.ConsumeLogs(context.Background(), newPlanter(seed).logs()); err != nil {
					visible.WriteString(err.Error())
				}
			}
			for _, entry := range r.logs.TakeAll() {
				fmt.Fprint(&visible, entry.Message, entry.ContextMap(), entry.Stack)
			}
			visible.Write(r.metrics(t))
			for seed := range uint64(seeds) {
				newPlanter(seed).absent(t, seed, visible.Bytes())
			}
		})
	}
}

// Nor is it in the records under rules that tell a form only.
func TestNothingOfACanaryComesThroughMaskedAddressesAndBuckets(t *testing.T) {
	r := start(t, newConfig(allActions()...))
	for seed := range uint64(seeds) {
		testCanary(t, r, seed)
	}
}

func TestACanaryInADirectoryIsInNoLogErrorOrMetric(t *testing.T) {
	p := newPlanter(1)
	path := filepath.Join(t.TempDir(), "users.yaml")
	broken := "users:\n  - id: u-1\n    " + p.canary + ": " + p.canary + "\n"
	require.NoError(t, os.WriteFile(path, []byte(broken), 0o600))
	refused := newRunning(t, withDirectory(newConfig(), path))
	err := refused.Start(context.Background(), componenttest.NewNopHost())
	require.Error(t, err)
	p.absent(t, 1, []byte(err.Error()))
	require.NoError(t, refused.Shutdown(context.Background()))
	require.NoError(t, refused.telemetry.Shutdown(context.Background()))

	require.NoError(t, os.WriteFile(path, []byte("users:\n  - id: u-1\n"), 0o600))
	r := start(t, withDirectory(newConfig(), path))
	replace(t, path, broken)
	require.Eventually(t, func() bool { return r.logs.FilterMessageSnippet("cannot be read").Len() > 0 }, 20*time.Second, 20*time.Millisecond)
	require.NoError(t, r.ConsumeLogs(context.Background(), p.logs()))
	var visible bytes.Buffer
	for _, entry := range r.logs.TakeAll() {
		fmt.Fprint(&visible, entry.Message, entry.ContextMap())
	}
	visible.Write(r.metrics(t))
	p.absent(t, 1, visible.Bytes())
}

// Canaries that have the form of what the new actions read: a zone, a port, the last bytes of an address, the digits of a number.
func TestNothingBehindTheNetworkOrTheSizeComesThrough(t *testing.T) {
	r := start(t, newConfig(AttributeRule{Prefix: "net.", Action: "mask_address"}, AttributeRule{Prefix: "size.", Action: "bucket"},
		AttributeRule{Name: audit.AttrClientAddress, Action: "mask_address"}, AttributeRule{Name: audit.AttrReturnedRows, Action: "bucket"}))
	const digits = 7391846251739
	ld, event := one()
	a := event.Record.Attributes()
	a.PutStr(audit.AttrClientAddress, "fe80::7391:8462%canaryzone")
	a.PutStr("net.port", "[2001:db8::7391:8462]:47391")
	a.PutStr("net.mapped", "::ffff:203.0.113.173")
	a.PutStr("net.sixtofour", "2002:cb00:71ad::7391")
	a.PutStr("net.none", "canaryhost:47391")
	a.PutInt(audit.AttrReturnedRows, digits)
	a.PutInt("size.negative", -digits)
	a.PutDouble("size.double", digits/1e9)
	a.PutDouble("size.nan", math.Float64frombits(0x7ff8_6361_6e61_7279)) // "canary"
	a.PutStr("size.text", "7391846251739")
	after := r.process(t, ld)
	assert.Equal(t, audit.RedactionWithheld, after[audit.AttrRedactionOutcome])
	assert.Equal(t, "not_an_address", after[audit.AttrRedactionReason])
	for name, want := range map[string]any{
		audit.AttrClientAddress: "fe80::/48", "net.port": "2001:db8::/48", "net.mapped": "203.0.113.0/24", "net.sixtofour": "2002:cb00:7100::/40",
		audit.AttrReturnedRows: int64(5e12), "size.negative": int64(-5e12), "size.double": 5000.0,
	} {
		assert.Equal(t, want, after[name], name)
	}
	nan, _ := event.Record.Attributes().Get("size.nan")
	assert.Equal(t, math.Float64bits(math.NaN()), math.Float64bits(nan.Double()))
	a.Remove("size.nan")
	ld, second := one()
	a.CopyTo(second.Record.Attributes())
	seen := string(seen(t, r, ld))
	for _, canary := range []string{"7391", "8462", "canaryz", "canaryh", "47391", ".173", "71ad"} {
		assert.NotContains(t, seen, canary)
	}
}
