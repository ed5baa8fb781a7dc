package auditclickhouseexporter

import (
	"errors"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/schema"
)

// health tells the collector when the exporter starts to fail and when it works again, and whoever reads its log how the
// schema comes about.
type health struct {
	host   component.Host
	logger *zap.Logger

	mu      sync.Mutex
	failing bool
}

func newHealth(host component.Host, logger *zap.Logger) *health {
	return &health{host: host, logger: logger}
}

// schema hears of each attempt to bring the schema about.
func (h *health) schema(err error) {
	if err == nil {
		h.logger.Info("The schema is ready.")
	} else {
		h.logger.Error("The schema is not ready: inserts wait, and it is tried again.", zap.Error(err))
	}
	h.update(err)
}

// update reports changes, and each finding of the schema's check anew, because it may be another one by then. All are
// reported as errors that the exporter recovers from: it keeps trying, and what is wrong is mended at the server.
func (h *health) update(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var wrong *schema.Error
	switch {
	case err == nil && h.failing:
		h.failing = false
		componentstatus.ReportStatus(h.host, componentstatus.NewEvent(componentstatus.StatusOK))
	case err != nil && (!h.failing || errors.As(err, &wrong)):
		h.failing = true
		componentstatus.ReportStatus(h.host, componentstatus.NewRecoverableErrorEvent(err))
	}
}
