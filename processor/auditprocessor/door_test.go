package auditprocessor

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/profile"
	"github.com/otelaudit/otelaudit/processor/auditprocessor/internal/metadata"
)

// kept is the end of a pipeline.
type kept struct {
	logs  []plog.Logs
	tally *audit.Tally
}

func (*kept) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: true}
}

func (k *kept) ConsumeLogs(ctx context.Context, logs plog.Logs) error {
	k.logs, k.tally = append(k.logs, logs), audit.TallyFrom(ctx)
	return nil
}

func startDoor(t *testing.T, profiles ProfilesConfig) (processor.Logs, *kept) {
	t.Helper()
	cfg := newConfig()
	cfg.Profiles = configoptional.Some(profiles)
	end := &kept{}
	p, err := NewFactory().CreateLogs(t.Context(), processortest.NewNopSettings(metadata.Type), cfg, end)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { assert.NoError(t, p.Shutdown(context.Background())) })
	return p, end
}

var recognising = ProfilesConfig{Config: profile.Config{Recognise: true}}

// lines are records as a receiver of files makes them.
func lines(service string, texts ...string) plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	if service != "" {
		rl.Resource().Attributes().PutStr(audit.AttrServiceName, service)
	}
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for _, text := range texts {
		records.AppendEmpty().Body().SetStr(text)
	}
	return logs
}

const (
	ofXano    = `{"id": 7, "created_at": "2026-02-06T10:30:00Z", "type": "Create Table", "msg": "Created", "label": [], "user": {"id": 1}, "workspace": {"id": 2}}`
	ofObserve = `{"operation": "logout", "time": "2026-02-06T16:24:56Z", "user_id": 1952}`
	noEvent   = `level=info msg="canary-line"`
)

func TestEventsOfOtherReceiversBecomeWhatTheAuditReceiverWouldMakeOfThem(t *testing.T) {
	p, end := startDoor(t, recognising)
	var ids [2][]any
	for round := range ids {
		require.NoError(t, p.ConsumeLogs(t.Context(), lines("host-1", ofXano, ofObserve, noEvent, ofObserve)))
		profiles := map[string]int{}
		byProfile := map[string]map[string]any{}
		for _, rl := range end.logs[round].ResourceLogs().All() {
			name := audit.Event{Resource: rl.Resource().Attributes()}.Str(audit.AttrProfile)
			for _, lr := range rl.ScopeLogs().At(0).LogRecords().All() {
				attrs := lr.Attributes().AsRaw()
				ids[round] = append(ids[round], attrs[audit.AttrRecordID], attrs[audit.AttrRecordHash])
				profiles[name]++
				byProfile[name] = attrs
				assert.Equal(t, plog.NewLogRecord().Body(), lr.Body(), "nothing of the line is left")
				assert.NotContains(t, attrs, audit.AttrReceivedHash)
				assert.NotEmpty(t, attrs[audit.AttrReceivedTime])
				assert.NotZero(t, lr.ObservedTimestamp())
				assert.NotEmpty(t, attrs[audit.AttrRedactionOutcome])
			}
		}
		assert.Equal(t, map[string]int{"xano": 1, "observe": 2, "": 1}, profiles)
		assert.Equal(t, "xano:host-1:7", byProfile["xano"][audit.AttrRecordID])
		assert.Equal(t, audit.ActionCreate, byProfile["xano"][audit.AttrAction])
		assert.Regexp(t, `^h1:k1:[A-Z2-7]{26}$`, byProfile["observe"][audit.AttrRecordID])
		assert.Equal(t, "unexplained", byProfile[""][audit.AttrQuarantineReason])
		assert.Equal(t, audit.AttrAction, byProfile[""][audit.AttrQuarantineField])
		got := map[audit.CountKey]uint64{}
		end.tally.Each(func(k audit.CountKey, n uint64) { got[k] = n })
		assert.Equal(t, map[audit.CountKey]uint64{{Source: "host-1", Kind: audit.KindReceived}: 4}, got)
	}
	assert.Equal(t, ids[0], ids[1], "what is read again has the same ids and hashes")
}

func TestWhatIsNoSoundEventIsMarkedWhereNobodyCanBeTold(t *testing.T) {
	p, end := startDoor(t, ProfilesConfig{})
	logs, event := one()
	event.Record.Attributes().Remove(audit.AttrOutcome)
	event.Record.Attributes().PutStr(audit.AttrReceivedHash, "forged")
	event.Record.Attributes().PutStr(audit.AttrQuarantineField, "forged")
	require.NoError(t, p.ConsumeLogs(t.Context(), logs))
	attrs := end.logs[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
	assert.Equal(t, "invalid", attrs[audit.AttrQuarantineReason])
	assert.Equal(t, audit.AttrOutcome, attrs[audit.AttrQuarantineField])

	require.NoError(t, p.ConsumeLogs(t.Context(), lines("", ofXano)))
	attrs = end.logs[1].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
	assert.Equal(t, "unexplained", attrs[audit.AttrQuarantineReason], "nothing is recognised here")

	p, end = startDoor(t, recognising)
	require.NoError(t, p.ConsumeLogs(t.Context(), lines("", ofXano)))
	attrs = end.logs[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
	assert.Equal(t, "invalid", attrs[audit.AttrQuarantineReason])
	assert.Equal(t, audit.AttrServiceName, attrs[audit.AttrQuarantineField])

	named := recognising
	named.ServiceName = "xano-eu"
	p, end = startDoor(t, named)
	require.NoError(t, p.ConsumeLogs(t.Context(), lines("", ofXano)))
	attrs = end.logs[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
	assert.Equal(t, "xano:xano-eu:7", attrs[audit.AttrRecordID])
}

func TestWhatTheAuditReceiverTookIsNotLookedAtAgain(t *testing.T) {
	p, end := startDoor(t, recognising)
	logs, event := one()
	event.Record.Attributes().Remove(audit.AttrAction)
	event.Record.Attributes().PutStr(audit.AttrQuarantineReason, audit.QuarantineUnexplained)
	event.Record.Attributes().PutStr(audit.AttrQuarantineField, "body.action")
	tally := &audit.Tally{}
	require.NoError(t, p.ConsumeLogs(audit.ContextWithTally(t.Context(), tally), logs))
	attrs := end.logs[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().AsRaw()
	assert.Equal(t, "body.action", attrs[audit.AttrQuarantineField])
	assert.Same(t, tally, end.tally)
}

func TestProfilesThatCannotBeReadKeepTheProcessorFromStarting(t *testing.T) {
	cfg := newConfig()
	cfg.Profiles = configoptional.Some(ProfilesConfig{Config: profile.Config{Files: []string{"missing.yaml"}}})
	p, err := NewFactory().CreateLogs(t.Context(), processortest.NewNopSettings(metadata.Type), cfg, &kept{})
	require.NoError(t, err)
	assert.ErrorContains(t, p.Start(t.Context(), componenttest.NewNopHost()), "profiles.files: profile: open missing.yaml")
}

func TestAPlaceInAFileTellsEventsApartThatHaveNoID(t *testing.T) {
	p, end := startDoor(t, recognising)
	logs := lines("host-1", ofObserve, ofObserve, ofXano, ofXano)
	for i, lr := range logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		lr.Attributes().PutInt("log.file.record_offset", int64(100*i))
	}
	require.NoError(t, p.ConsumeLogs(t.Context(), logs))
	ids, hashes := map[any]int{}, map[any]int{}
	audit.Events(end.logs[0], func(e audit.Event) bool {
		ids[e.Str(audit.AttrRecordID)]++
		hashes[e.Str(audit.AttrRecordHash)]++
		assert.NotContains(t, e.Record.Attributes().AsRaw(), "log.file.record_offset")
		return true
	})
	assert.Len(t, ids, 3, "the product's id is the same wherever the event stands")
	assert.Len(t, hashes, 2, "and so is what it says")
}
