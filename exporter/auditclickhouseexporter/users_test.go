package auditclickhouseexporter

import (
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// change is something that a directory says anew, as the processor sends it.
func change(kind, user, from, to, name string, groups ...string) audit.Event {
	e := eventtest.Minimal("directory:" + kind + user + from + to + name + fmt.Sprint(groups))
	a := e.Record.Attributes()
	a.PutStr(audit.AttrRecordHash, "hash of "+kind+user+from+to+name+fmt.Sprint(groups))
	a.PutStr(audit.AttrDirectoryChange, kind)
	a.PutStr(audit.AttrActorDirectory, "hr")
	a.PutInt(audit.AttrDirectoryValidFrom, day(from).UnixNano())
	if to != "" {
		a.PutInt(audit.AttrDirectoryValidTo, day(to).UnixNano())
	}
	if kind != audit.DirectorySnapshot {
		a.PutStr(audit.AttrActorID, user)
		a.PutStr(audit.AttrDirectoryName, name)
		list := a.PutEmptySlice(audit.AttrDirectoryGroups)
		for _, g := range groups {
			list.AppendEmpty().SetStr(g)
		}
	}
	return e
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

// export is an event.
func export(id, actor, on string, rows int64) audit.Event {
	e := eventtest.Minimal(id)
	e.Record.SetTimestamp(pcommon.NewTimestampFromTime(day(on).Add(time.Hour)))
	a := e.Record.Attributes()
	a.PutStr(audit.AttrAction, audit.ActionExport)
	a.PutStr(audit.AttrActorID, actor)
	a.PutStr(audit.AttrTargetName, "ledger")
	a.PutInt(audit.AttrExportRows, rows)
	return e
}

func TestUsersHaveAHistoryThatCanBeAskedFor(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	first := eventtest.Request(
		change("present", "1", "2026-03-01", "", "Ada", "finance"),
		change("present", "2", "2026-03-01", "", "Bob", "finance", "sales"),
		change("present", "3", "2026-03-01", "", "Cem", "finance"),
		change("dated", "4", "2026-01-01", "2026-03-10", "Dora", "finance"),
		change("dated", "4", "2026-03-10", "", "Dora", "legal"),
		change("snapshot", "", "2026-03-01", "", ""),
	)
	send(t, e, first)
	send(t, e, eventtest.Request(change("present", "1", "2026-03-10", "", "Ada", "legal"), change("removed", "2", "2026-03-20", "", "Bob", "finance", "sales")))
	send(t, e, first) // the answer was lost
	// A collector starts again. Cem was removed meanwhile; Eve is new.
	send(t, e, eventtest.Request(
		change("present", "1", "2026-04-01", "", "Ada", "legal"), change("present", "5", "2026-04-01", "", "Eve", "finance"),
		change("dated", "4", "2026-03-10", "2026-05-01", "Dora", "legal"), change("snapshot", "", "2026-04-01", "", ""),
	))
	send(t, e, eventtest.Request(change("present", "1", "2026-04-02", "", "Ada", "legal"), change("present", "5", "2026-04-02", "", "Eve", "finance"),
		change("snapshot", "", "2026-04-02", "", "")))
	send(t, e, eventtest.Request(change("present", "2", "2026-04-10", "", "Bob", "sales"))) // is back

	assert.Equal(t, []map[string]any{
		{"who": "Ada", "teams": "finance", "since": "2026-03-01", "until": "2026-03-10"},
		{"who": "Ada", "teams": "legal", "since": "2026-03-10", "until": "2100-01-01"},
		{"who": "Bob", "teams": "finance+sales", "since": "2026-03-01", "until": "2026-03-20"},
		{"who": "Bob", "teams": "sales", "since": "2026-04-10", "until": "2100-01-01"},
		{"who": "Cem", "teams": "finance", "since": "2026-03-01", "until": "2026-04-01"},
		{"who": "Dora", "teams": "finance", "since": "2026-01-01", "until": "2026-03-10"},
		{"who": "Dora", "teams": "legal", "since": "2026-03-10", "until": "2026-05-01"},
		{"who": "Eve", "teams": "finance", "since": "2026-04-01", "until": "2100-01-01"},
	}, query(t, server, "SELECT name AS who, arrayStringConcat(groups, '+') AS teams, toString(toDate(valid_from)) AS since, toString(toDate(valid_to)) AS until "+
		"FROM audit.users ORDER BY who, valid_from"))
	assert.Equal(t, "0", one(t, server, "SELECT toString(count()) FROM audit.events"), "changes are no events")
	assert.Equal(t, "0", one(t, server, "SELECT toString(count()) FROM audit.quarantine"))
	assert.Eventually(t, func() bool {
		return one(t, server, "SELECT concat(toString(sumIf(events, kind = 'generated')), ' of ', toString(sum(events))) FROM audit.ledger") == "16 of 16"
	}, patience, 50*time.Millisecond, "they are generated, once, and nothing else")

	send(t, e, eventtest.Request(
		export("e1", "1", "2026-03-05", 100), export("e2", "1", "2026-03-15", 1000), // has left finance
		export("e3", "2", "2026-03-19", 10), export("e4", "2", "2026-03-21", 10), // is gone
		export("e5", "4", "2026-03-09", 7), export("e6", "3", "2026-02-28", 1), export("e7", "unknown", "2026-03-05", 1),
	))
	sql := func(name string) string {
		text, err := os.ReadFile("../../docs/directories.md")
		require.NoError(t, err)
		found := regexp.MustCompile("(?s)<!-- test: " + name + " -->\n```sql\n(.*?)```").FindSubmatch(text)
		require.NotNil(t, found, name)
		return string(found[1])
	}
	assert.Equal(t, []map[string]any{
		{"who": "Ada", "what": "ledger", "exports": 1.0, "rows": 100.0},
		{"who": "Bob", "what": "ledger", "exports": 1.0, "rows": 10.0},
		{"who": "Dora", "what": "ledger", "exports": 1.0, "rows": 7.0},
	}, query(t, server, sql("finance")))
	assert.Empty(t, query(t, server, sql("left")), "Bob is back")
	assert.Equal(t, []map[string]any{
		{"team": "finance", "people": 2.0, "names": []any{"Bob", "Cem"}},
		{"team": "legal", "people": 2.0, "names": []any{"Ada", "Dora"}},
		{"team": "sales", "people": 1.0, "names": []any{"Bob"}},
	}, query(t, server, sql("day")))
	assert.Equal(t, []map[string]any{
		{"user_id": "2", "name": "Bob", "department": ""}, {"user_id": "3", "name": "Cem", "department": ""},
	}, query(t, server, sql("group")), "but not Ada, who had left it")
	send(t, e, eventtest.Request(export("e8", "3", "2026-04-15", 5)))
	left := query(t, server, sql("left"))
	require.Len(t, left, 1)
	assert.Equal(t, "Cem", left[0]["who"])
}

func TestAChangeThatCannotBeARowGoesToQuarantine(t *testing.T) {
	server := clickhousetest.New(t)
	e := startExporter(t, configFor(t, server), newHost())
	nameless := change("present", "1", "2026-03-01", "", "Ada")
	nameless.Record.Attributes().Remove(audit.AttrActorDirectory)
	raw := change("present", "2", "2026-03-01", "", "Canary")
	raw.Record.Attributes().Remove(audit.AttrRedactionOutcome)
	typed := change("present", "3", "2026-03-01", "", "Canary")
	typed.Record.Attributes().PutStr(audit.AttrDirectoryValidFrom, "canary")
	send(t, e, eventtest.Request(nameless, raw, typed, change("present", "4", "2026-03-01", "", "Ada"), eventtest.Minimal("event")))
	assert.Equal(t, []map[string]any{{"reason": "missing", "n": "1"}, {"reason": "not_redacted", "n": "1"}, {"reason": "wrong_type", "n": "1"}},
		query(t, server, "SELECT reason, toString(count()) AS n FROM audit.quarantine GROUP BY reason ORDER BY reason"))
	assert.Equal(t, "1", one(t, server, "SELECT toString(count()) FROM audit.user_versions"))
	assert.Equal(t, "1", one(t, server, "SELECT toString(count()) FROM audit.events"))
}
