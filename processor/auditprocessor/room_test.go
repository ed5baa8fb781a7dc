package auditprocessor

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// TestWhatIsAddedFitsTheRoom says that the lists which the receiver has made are not copied here: what these records get has room.
func TestWhatIsAddedFitsTheRoom(t *testing.T) {
	for name, directory := range map[string]bool{"query": false, "login": false, "change": false, "query, directory": true, "login, directory": true, "change, directory": true} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig()
			if directory {
				withDirectory(cfg, "testdata/users.yaml")
				name = name[:len(name)-len(", directory")]
			}
			logs := plog.NewLogs()
			lr := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
			benchEvents[name](lr, 0)
			came := lr.Attributes().Len() - 1 // the time of receipt is the receiver's
			after := start(t, cfg).process(t, logs)
			assert.LessOrEqual(t, len(after), came+audit.RoomForDerived)
			assert.Greater(t, len(after), came)
		})
	}
}
