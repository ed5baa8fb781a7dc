package auditprocessor

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// watcher logs and counts what happens to one directory. What it is told holds nothing of the users.
type watcher struct {
	log       *zap.Logger
	telemetry *telemetry

	id      metric.MeasurementOption
	results map[string]metric.MeasurementOption
	problem string // of the last reading, so that it is logged once
}

func newWatcher(log *zap.Logger, t *telemetry, name string) *watcher {
	w := &watcher{log: log.With(zap.String("directory", name)), telemetry: t, results: map[string]metric.MeasurementOption{}}
	source := attribute.String(labelDirectory, name)
	w.id = metric.WithAttributeSet(attribute.NewSet(t.id, source))
	for _, result := range []string{"ok", "failed", "found", "none", "busy"} {
		w.results[result] = metric.WithAttributeSet(attribute.NewSet(t.id, source, attribute.String("result", result)))
	}
	for _, problem := range []string{"skipped", "cut"} {
		w.results[problem] = metric.WithAttributeSet(attribute.NewSet(t.id, source, attribute.String("problem", problem)))
	}
	return w
}

var _ directory.Observer = (*watcher)(nil)

func (w *watcher) load(err error) {
	result := "ok"
	if err != nil {
		result = "failed"
	}
	w.telemetry.builder.ProcessorAuditDirectoryLoads.Add(context.Background(), 1, w.results[result])
}

// loaded is told of every attempt to load a file.
func (w *watcher) loaded(users int, err error) {
	w.load(err)
	if err != nil {
		w.log.Error("Directory cannot be read, the users from before stay. Events say stale until it can.", zap.Int("users", users), zap.Error(err))
		return
	}
	w.log.Info("Directory loaded", zap.Int("users", users))
}

// Synced implements [directory.Observer].
func (w *watcher) Synced(s directory.Sync) {
	ctx, b := context.Background(), w.telemetry.builder
	w.load(s.Err)
	b.ProcessorAuditDirectoryLoadDuration.Record(ctx, s.Took.Seconds(), w.id)
	for problem, n := range map[string]int{"skipped": s.Skipped, "cut": s.Cut} {
		if n > 0 {
			b.ProcessorAuditDirectoryUnfitUsers.Add(ctx, int64(n), w.results[problem])
		}
	}
	if s.Err != nil {
		if problem := s.Err.Error(); problem != w.problem {
			w.problem = problem
			w.log.Error("Directory cannot be read, the users from before stay. Events say stale until it can.", zap.Int("users", s.Users), zap.Error(s.Err))
		}
		return
	}
	level := w.log.Debug
	if s.Full || w.problem != "" {
		level = w.log.Info
	}
	w.problem = ""
	level("Directory read", zap.Bool("full", s.Full), zap.Int("users", s.Users), zap.Int("changed", s.Changed),
		zap.Int("skipped", s.Skipped), zap.Int("cut", s.Cut), zap.Duration("took", s.Took))
}

// Asked implements [directory.Observer].
func (w *watcher) Asked(outcome directory.AskOutcome, took time.Duration, err error) {
	w.telemetry.builder.ProcessorAuditDirectoryLookupDuration.Record(context.Background(), took.Seconds(), w.results[string(outcome)])
	if outcome == directory.AskFailed {
		w.log.Warn("A user could not be looked up. No other is for a moment.", zap.Error(err))
	}
}
