package integration

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// canary is planted wherever nothing readable may come through.
const canary = "CANARYx7Qk"

// hostile is an event with a secret in every place that may not come through.
func hostile(id string) plog.Logs {
	logs := plog.NewLogs()
	e := event(logs, id)
	a := e.Record.Attributes()
	a.PutStr(audit.AttrQueryText, "['orders'] | where email == '"+canary+"@example.com'")
	a.PutStr(audit.AttrQueryLanguage, "apl")
	a.PutStr(audit.AttrAIPrompt, "tell me about "+canary)
	a.PutStr(audit.AttrExceptionStacktrace, "at "+canary+"()")
	a.PutStr("acme.unknown", canary)
	a.PutStr(canary, "1")
	a.PutEmptyMap(audit.AttrDetails).PutStr("field", canary)
	a.PutEmptyMap(audit.AttrChangeAfter).PutEmptySlice("list").AppendEmpty().SetStr(canary)
	a.PutEmptyMap(audit.AttrQueryParameters).PutStr(canary+"@example.com", canary)
	a.PutStr(audit.AttrMessage, "mail from "+canary+"@example.com")
	a.PutStr(audit.AttrTargetName, canary+"@example.com")
	e.Record.Body().SetStr(canary)
	e.Record.SetSeverityText(canary)
	e.Resource.PutStr("host.secret", canary)
	scope := logs.ResourceLogs().At(0).ScopeLogs().At(0).Scope()
	scope.SetName(canary)
	scope.Attributes().PutStr("k", canary)
	return logs
}

func TestAnEventGoesTheWholeWay(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			server := clickhousetest.New(t)
			c := startCollector(t, server, scheme, readable)

			mustSend(t, c, hostile("http-1"))
			conn, err := grpc.NewClient(c.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
			require.NoError(t, err)
			defer func() { _ = conn.Close() }()
			ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
			_, err = plogotlp.NewGRPCClient(conn).Export(ctx, plogotlp.NewExportRequestFromLogs(hostile("grpc-1")))
			require.NoError(t, err)
			awaitRows(t, server, 2, time.Minute)

			assert.Equal(t, "updateDashboard\tUPDATE\tsuccess\tu-1\tAda Example\tada@example.com\tplatform\thit\tdash-7",
				scalar(t, server, `SELECT event_name, action, outcome, actor_id, directory_name, directory_email, directory_groups[1], actor_enrichment, target_id
					FROM %s.events WHERE record_id = 'grpc-1' FORMAT TSV`, database))
			assert.Equal(t, "['orders'] | where email == ?\tredacted\torders\t24",
				scalar(t, server, `SELECT query_representation, if(query_fingerprint = '', 'missing', 'redacted'), datasets[1], ai_prompt_length
					FROM %s.events WHERE record_id = 'http-1' FORMAT TSVRaw`, database))
			assert.NotContains(t, scalar(t, server, `SELECT * FROM %s.events FORMAT JSONEachRow`, database), canary)

			// Who knows an address and has the key finds the events that mention it.
			assert.Equal(t, "grpc-1\nhttp-1", scalar(t, server, "SELECT record_id FROM (%s) ORDER BY record_id",
				lookUp(t, strings.ToLower(canary)+"@example.com")))

			// Nothing readable in what is kept on disk either: ClickHouse's files are compressed, so they are asked above; the
			// block log and the collector's log are read.
			c.stop(t)
			assertNoCanary(t, c.state)
			assertNoCanary(t, c.log.Name())
		})
	}
}

// lookUp gives the query of cmd/audit-pseudonym for a value.
func lookUp(t *testing.T, value string) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte(pseudonymKey), 0o600))
	cmd := exec.Command("go", "run", "../../cmd/audit-pseudonym", "-key", "k1="+key, "-sql", "-database", database)
	cmd.Stdin = strings.NewReader(value)
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}

// The log is read while ClickHouse is away and the events are in it.
func TestTheBlockLogHoldsNothingReadable(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t, ownProcess)
	require.NoError(t, server.Kill())
	c := startCollector(t, server, "clickhouse", readable)
	mustSend(t, c, hostile("queued-1"))
	c.kill()
	files := assertNoCanary(t, c.state)
	assert.Positive(t, files, "the log is on disk")
	assertNoCanary(t, c.log.Name())
}

// readable leaves what is in the block log as it is, so that a secret in it would be found.
const readable = "COMPRESSION=none"

// assertNoCanary reads every file below a path and gives how many there were.
func assertNoCanary(t *testing.T, path string) (files int) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		files++
		assert.False(t, bytes.Contains(text, []byte(canary)), "canary in %s", name)
		return err
	}))
	return files
}
