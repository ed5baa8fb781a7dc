package auditreceiver

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// The document stands beside the draft only as long as what it points to is there.
func TestTheConformanceTableNamesTestsThatExist(t *testing.T) {
	const root = "../.."
	var code strings.Builder
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		code.Write(text)
		return err
	}))
	table, err := os.ReadFile(root + "/docs/otep-0267.md")
	require.NoError(t, err)
	named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllSubmatch(table, -1)
	require.NotEmpty(t, named)
	for _, name := range named {
		assert.Contains(t, code.String(), "func "+string(name[1])+"(", "docs/otep-0267.md")
	}
}

func TestEveryRequiredFieldIsAskedForByName(t *testing.T) {
	s := startServer(t, nil)
	spoil := map[string]func(plog.Logs){
		"timestamp":           func(logs plog.Logs) { record(logs, 0).SetTimestamp(0) },
		"event_name":          func(logs plog.Logs) { record(logs, 0).SetEventName("") },
		audit.AttrServiceName: func(logs plog.Logs) { logs.ResourceLogs().At(0).Resource().Attributes().Clear() },
	}
	for _, name := range []string{audit.AttrRecordID, audit.AttrActorID, audit.AttrActorType, audit.AttrAction, audit.AttrOutcome} {
		spoil[name] = func(logs plog.Logs) { record(logs, 0).Attributes().Remove(name) }
	}
	for field, spoil := range spoil {
		for _, enc := range []*encoding{protobufEncoding, jsonEncoding} {
			logs := events(1)
			spoil(logs)
			response, answer := postAudit(t, s, enc, encode(enc, logs))
			assert.Equal(t, http.StatusBadRequest, response.StatusCode, field)
			assert.Equal(t, "rejected_schema_invalid", answer["status"], field)
			assert.Contains(t, answer["reason"], "record 1: "+field+": ", field)
		}
	}
	assert.Empty(t, s.pipeline.records())
}
