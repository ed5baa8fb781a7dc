package auditprocessor

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
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
			stored := new(consumertest.LogsSink)
			p, err := NewFactory().CreateLogs(context.Background(), processorSettings(t), cfg, stored)
			require.NoError(t, err)
			require.NoError(t, p.Start(context.Background(), componenttest.NewNopHost()))
			defer func() { require.NoError(t, p.Shutdown(context.Background())) }()
			logs := plog.NewLogs()
			lr := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
			benchEvents[name](lr, 0)
			came := lr.Attributes().Len() - 1 // the time of receipt is the receiver's
			require.NoError(t, p.ConsumeLogs(context.Background(), logs))
			attrs := stored.AllLogs()[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes()
			assert.LessOrEqual(t, attrs.Len(), came+audit.RoomForDerived)
			assert.Greater(t, attrs.Len(), came)
		})
	}
}
