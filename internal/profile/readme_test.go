package profile

import (
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

func TestTheExampleOfTheREADMEWorks(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	example := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(text)
	require.NotNil(t, example)
	set, err := Builtin().With(File{Name: "README.md", Data: example[1]})
	require.NoError(t, err)

	record := plog.NewLogRecord()
	record.Body().SetStr(`{"what": "Door.Slammed", "when": "2026-02-06T10:22:47Z", "guard": {"name": "Jo"}, "badge": "", "tookMs": 20, "result": "ok"}`)
	p := set.Recognise(record)
	require.NotNil(t, p)
	require.Nil(t, p.Apply(pcommon.NewMap(), record))
	assert.Equal(t, map[string]any{
		"audit.action": "UPDATE", "audit.target.type": "door", "audit.outcome": "success", "audit.actor.id": "Jo", "audit.actor.type": "user",
		"audit.duration": 0.02,
	}, record.Attributes().AsRaw())
	assert.Equal(t, "Door.Slammed", record.EventName())
}

func TestProfilesServeManyCallersAtOnce(t *testing.T) {
	events := map[string]golden{}
	for _, product := range products {
		events[product] = readGolden(t, product)[0]
	}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 50 {
				for product, g := range events {
					record := plog.NewLogRecord()
					if !assert.NoError(t, record.Body().SetEmptyMap().FromRaw(g.In)) {
						return
					}
					p := Builtin().Recognise(record)
					if !assert.NotNil(t, p, product) || !assert.Nil(t, p.Apply(pcommon.NewMap(), record)) {
						return
					}
					assert.Equal(t, g.Out.EventName, record.EventName())
					assert.Nil(t, audit.ValidateRecord(record))
				}
			}
		})
	}
	callers.Wait()
}
