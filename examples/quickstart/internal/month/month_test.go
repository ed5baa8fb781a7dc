package month

import (
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/otelaudit/otelaudit/internal/audit"
)

var until = time.Date(2026, 11, 20, 15, 42, 7, 0, time.UTC)

func directory(tb testing.TB) []Person {
	tb.Helper()
	text, err := os.ReadFile("../../users.yaml")
	require.NoError(tb, err)
	people, err := ParsePeople(text)
	require.NoError(tb, err)
	return people
}

func config(tb testing.TB) Config {
	tb.Helper()
	return Config{Seed: 1, Until: until, Events: MinEvents, People: directory(tb)}
}

// month generates all events of a month.
func month(tb testing.TB, c Config) []Event {
	tb.Helper()
	events, err := Events(c)
	require.NoError(tb, err)
	return slices.Collect(events)
}

var (
	smallOnce  sync.Once
	smallMonth []Event
)

// small is the smallest month, made once for all tests.
func small(t *testing.T) []Event {
	t.Helper()
	smallOnce.Do(func() { smallMonth = month(t, config(t)) })
	return smallMonth
}

func attributes(r log.Record) map[string]attribute.Value {
	m := map[string]attribute.Value{}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		m[string(kv.Key)] = kv.Value
		return true
	})
	return m
}

// fingerprint covers all that an event holds.
func fingerprint(events []Event) uint64 {
	h := fnv.New64a()
	for _, e := range events {
		_, _ = h.Write([]byte(e.RecordID + e.Record.EventName() + e.Record.Timestamp().String()))
		e.Record.WalkAttributes(func(kv attribute.KeyValue) bool {
			_, _ = h.Write([]byte(kv.Key))
			_, _ = h.Write([]byte(kv.Value.String()))
			return true
		})
	}
	return h.Sum64()
}

func TestTheSameConfigurationGivesTheSameMonth(t *testing.T) {
	c := config(t)
	first := small(t)
	assert.Equal(t, fingerprint(first), fingerprint(month(t, c)))

	c.Seed = 2
	second := month(t, c)
	assert.NotEqual(t, fingerprint(first), fingerprint(second))
	assert.NotEqual(t, first[0].RecordID, second[0].RecordID)
}

func TestTheDefaultMonth(t *testing.T) {
	c := config(t)
	c.Events = 200_000
	events, err := Events(c)
	require.NoError(t, err)
	ids, services, total := map[string]bool{}, map[int]int{}, 0
	email, secret := map[string]bool{}, map[string]bool{}
	last, ordered := c.Start(), true
	for e := range events {
		total++
		services[e.Service]++
		ids[e.RecordID] = true
		at := e.Record.Timestamp()
		ordered = ordered && !at.Before(last)
		last = at
		e.Record.WalkAttributes(func(kv attribute.KeyValue) bool {
			name := string(kv.Key)
			if (email[name] && secret[name]) || (kv.Value.Type() != attribute.STRING && kv.Value.Type() != attribute.MAP) {
				return true
			}
			text := kv.Value.String()
			email[name] = email[name] || strings.Contains(text, CanaryEmail)
			secret[name] = secret[name] || strings.Contains(text, CanarySecret)
			return true
		})
	}
	t.Run("has two hundred thousand events of five products", func(t *testing.T) {
		assert.GreaterOrEqual(t, total, 200_000)
		assert.Len(t, ids, total, "record ids are unique")
		assert.Len(t, services, len(Services()))
	})
	t.Run("is in order of time and reaches up to its end", func(t *testing.T) {
		assert.True(t, ordered)
		assert.True(t, last.Before(until))
		assert.Greater(t, last, until.Add(-10*time.Minute))
	})
	t.Run("has canaries in every place that is redacted, and none that acts", func(t *testing.T) {
		for _, name := range []string{
			audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace, audit.AttrExceptionMessage, audit.AttrMessage,
			audit.AttrOutcomeReason, audit.AttrChangeBefore, audit.AttrDetails, audit.AttrQueryParameters, audit.AttrFunctionInputs,
		} {
			assert.True(t, email[name], "%s holds the canary's address", name)
		}
		for _, name := range []string{audit.AttrQueryText, audit.AttrAIPrompt, audit.AttrExceptionStacktrace, audit.AttrDetails, audit.AttrFunctionInputs} {
			assert.True(t, secret[name], "%s holds the canary's secret", name)
		}
		for _, name := range []string{audit.AttrActorID, audit.AttrUserEmail, audit.AttrUserName} {
			assert.False(t, email[name], name)
		}
	})
}

func TestNothingHappensOutsideOfTheMonth(t *testing.T) {
	c := config(t)
	for _, e := range small(t) {
		require.False(t, e.Record.Timestamp().Before(c.Start()))
		require.True(t, e.Record.Timestamp().Before(c.Until))
	}
}

func TestPeopleWorkByDayAndOnWeekdays(t *testing.T) {
	var night, noon, weekday, weekend float64
	for _, e := range small(t) {
		if attributes(e.Record)[audit.AttrActorType].AsString() != audit.ActorUser || e.Record.EventName() == "user.login.failure" {
			continue
		}
		at := e.Record.Timestamp()
		switch at.Hour() {
		case 2:
			night++
		case 10:
			noon++
		}
		switch at.Weekday() {
		case time.Saturday, time.Sunday:
			weekend += 1.0 / 2
		default:
			weekday += 1.0 / 5
		}
	}
	assert.Greater(t, noon, 5*night)
	assert.Greater(t, weekday, 3*weekend)
}

func TestAFewMonitorsCostMostOfAll(t *testing.T) {
	cost := map[string]float64{}
	var sum float64
	for _, e := range small(t) {
		a := attributes(e.Record)
		if v, ok := a[audit.AttrQueryCost]; ok && a[audit.AttrOrigin].AsString() == audit.OriginMonitor {
			cost[a[audit.AttrTargetName].AsString()] += v.AsFloat64()
			sum += v.AsFloat64()
		}
	}
	assert.Len(t, cost, len(monitors))
	var most []float64
	for _, c := range cost {
		most = append(most, c)
	}
	slices.Sort(most)
	slices.Reverse(most)
	assert.Greater(t, most[0], sum/2)
	assert.Greater(t, most[0], 1000*most[len(most)-1])
}

func TestEveryQueryThatRanHasItsCost(t *testing.T) {
	ran, costed := map[string]bool{}, map[string]bool{}
	for _, e := range small(t) {
		id := attributes(e.Record)[audit.AttrQueryID].AsString()
		switch e.Record.EventName() {
		case "runAPLQuery":
			ran[id] = true
		case "runAPLQueryCost":
			costed[id] = true
			assert.True(t, ran[id], "the cost comes after the query")
		}
	}
	// A query of the last seconds may be costed after the end of the month.
	assert.InDelta(t, len(ran), len(costed), 5)
}

func TestOneNightLooksLikeAnAttack(t *testing.T) {
	perHour := map[time.Time]int{}
	broken := false
	for _, e := range small(t) {
		a := attributes(e.Record)
		switch e.Record.EventName() {
		case "user.login.failure":
			perHour[e.Record.Timestamp().Truncate(time.Hour)]++
		case "user.login.success":
			broken = broken || strings.HasPrefix(a["client.address"].AsString(), "203.0.113.")
		}
	}
	attacks := 0
	for _, n := range perHour {
		if n > 1000 {
			attacks++
		} else {
			assert.Less(t, n, 60)
		}
	}
	assert.Equal(t, 1, attacks)
	assert.True(t, broken, "it ends with a login that works")
}

func TestAMonthThatCannotBeIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"too small":  func(c *Config) { c.Events = MinEvents - 1 },
		"no end":     func(c *Config) { c.Until = time.Time{} },
		"no admins":  func(c *Config) { c.People = c.People[1:3] },
		"no people":  func(c *Config) { c.People = nil },
		"all active": func(c *Config) { c.People = c.People[:20] },
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t)
			change(&c)
			_, err := Events(c)
			assert.Error(t, err)
		})
	}
}

func BenchmarkEvents(b *testing.B) {
	c := config(b)
	b.ReportAllocs()
	for b.Loop() {
		events, err := Events(c)
		require.NoError(b, err)
		n := 0
		for range events {
			n++
		}
		b.ReportMetric(float64(n), "events/op")
	}
}
