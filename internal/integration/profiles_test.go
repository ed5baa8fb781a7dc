package integration

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/clickhouselocal/clickhousetest"
)

// samples are the quickstart's events of a product in its own shape.
func samples(t *testing.T, product string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile("../../examples/quickstart/events/" + product + ".json")
	require.NoError(t, err)
	var events []map[string]any
	if json.Unmarshal(text, &events) == nil {
		return events
	}
	var kinds map[string][]map[string]any
	require.NoError(t, json.Unmarshal(text, &kinds))
	for _, kind := range []string{"unauthenticated", "authenticated", "exporter"} {
		events = append(events, kinds[kind]...)
	}
	return events
}

var products = []string{"arize", "axiom", "datagrok", "observe", "xano"}

// rawLogs are these events as a product would send them that knows nothing of the conventions.
func rawLogs(t *testing.T, product string) plog.Logs {
	t.Helper()
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr(audit.AttrServiceName, product)
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for _, event := range samples(t, product) {
		require.NoError(t, records.AppendEmpty().Body().SetEmptyMap().FromRaw(event))
	}
	return logs
}

// The events of each product go in as they are, and what is asked of an audit log is in its columns. What is expected here is
// written by hand from the events.
const storedEvents = `arize	authenticatedAuditLog	CREATE	success	dmitri.kessler@example.com			\N	createMonitor	mutation CreateMonitor($input: CreateMonitorInput!) {createMonitor(input: $input) {monitor {id name}}}
arize	authenticatedAuditLog	CREATE	success	noor.haddad@example.com			\N	inviteMember	mutation InviteMember {inviteMember(input: {email: ?, role: ?}) {user {id}}}
arize	exporterAuditLog	EXPORT	success	nadia.fournier@example.com	model	fraud-scoring-v7	\N	fraud-scoring-v7	
arize	unauthenticatedAuditLog	LOGIN	failure	rosa.beltran@example.com			\N		
arize	unauthenticatedAuditLog	LOGIN	success	hugo.lammers@example.com			\N		
axiom	createAPIToken	CREATE	success	1799	api_token	tok_91ac	\N		
axiom	deleteSession	DELETE	success	1751	session	ses_77f0	\N		
axiom	runAPLQuery	EXECUTE	success	1709	dataset	http-logs	\N	http-logs	['http-logs'] | where service == ? and status >= ? and customer_email == ? | take ?
axiom	runAPLQueryCost	REPORT	success	1709	dataset	http-logs	412.75	http-logs	
axiom	runAPLQueryCost	REPORT	success	axiom-monitors	monitor	mon_q7Kx06	46210.5	cdn-edge,http-logs	
axiom	updateMonitor	UPDATE	success	1704	monitor	mon_q7Kx06	\N		
axiom	usageCalculated	REPORT	success	axiom	dataset	cdn-edge	\N		
`

func TestProductsOwnEventsGoTheWholeWay(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	c := startCollector(t, server, "clickhouse", "UNEXPLAINED=quarantine", readable)
	sent := 0
	for _, product := range products {
		logs := rawLogs(t, product)
		sent += logs.LogRecordCount()
		mustSend(t, c, logs)
	}
	unknown := rawLogs(t, "axiom")
	record := unknown.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	record.Body().Map().PutStr("action", canary+"!")
	rest := plog.NewLogRecord()
	rest.Body().SetStr(canary + " is no event")
	rest.CopyTo(unknown.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(1))
	unknown.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().RemoveIf(func() func(plog.LogRecord) bool {
		n := 0
		return func(plog.LogRecord) bool { n++; return n > 2 }
	}())
	mustSend(t, c, unknown)
	awaitRows(t, server, sent, time.Minute)

	assert.Equal(t, "arize\t5\naxiom\t7\ndatagrok\t5\nobserve\t8\nxano\t5", scalar(t, server,
		"SELECT profile, count() FROM %s.events GROUP BY profile ORDER BY profile FORMAT TSV", database))
	assert.Equal(t, strings.TrimSpace(storedEvents), scalar(t, server, `SELECT profile, event_name, action, outcome, actor_id, target_type, target_id, query_cost, arrayStringConcat(datasets, ','), query_representation
		FROM %s.events WHERE profile IN ('arize', 'axiom') ORDER BY ALL FORMAT TSVRaw`, database))
	assert.Equal(t, "67645734912\t3600", scalar(t, server,
		"SELECT ingest_bytes, ingest_period_seconds FROM %s.events WHERE event_name = 'usageCalculated' FORMAT TSV", database))
	assert.Equal(t, "8d1f0c9a7b3e4412\t2", scalar(t, server,
		"SELECT query_id, count() FROM %s.events WHERE query_id LIKE '8d1f%%' GROUP BY query_id FORMAT TSV", database))

	// Xano's ids, branches and messages; Datagrok's functions, queries and errors; Observe's logins and models.
	assert.Equal(t, "xano:xano:88120\tCREATE\ttable\t123\t456\tb-7\tfalse", scalar(t, server, `SELECT record_id, action, target_type, target_id, workspace_id, branch_id, branch_live
		FROM %s.events WHERE event_name = 'Create Table' FORMAT TSV`, database))
	assert.Equal(t, "failure\tgreta.vondrak@example.com\t1", scalar(t, server, `SELECT outcome, actor_email, error_fingerprint != ''
		FROM %s.events WHERE profile = 'datagrok' AND event_name = 'error' FORMAT TSV`, database))
	assert.Equal(t, "EXECUTE\t12\tSELECT o.id, o.total FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id WHERE c.email = ? AND o.total > ?", scalar(t, server,
		"SELECT action, returned_rows, query_representation FROM %s.events WHERE event_name = 'query-start' FORMAT TSVRaw", database))
	assert.Equal(t, "local\tfailure\t203.0.113.67\nsaml\tsuccess\t198.51.100.13", scalar(t, server,
		"SELECT auth_method, outcome, source_address FROM %s.events WHERE profile = 'observe' AND action = 'LOGIN' ORDER BY auth_method FORMAT TSV", database))
	assert.Equal(t, "o11y_help\topenai\tgpt-4.1-2025-04-14\t1\ntrace_analysis\tanthropic\tclaude-sonnet-4-5-20250929\t1", scalar(t, server,
		"SELECT ai_feature, ai_provider, ai_model, ai_prompt_length > 50 FROM %s.events WHERE action = 'INVOKE' ORDER BY ai_feature FORMAT TSV", database))

	// What nothing explains is in quarantine with the reason and the field, and counted.
	assert.Equal(t, "unexplained\taudit.action\t1\nunexplained\tbody.action\t1", scalar(t, server,
		"SELECT reason, field, count() FROM %s.quarantine GROUP BY reason, field ORDER BY field FORMAT TSV", database))
	require.Eventually(t, func() bool {
		return scalar(t, server, "SELECT sum(events) FROM %s.ledger WHERE kind = 'quarantined' AND reason = 'unexplained'", database) == "2"
	}, 30*time.Second, 200*time.Millisecond)

	// Nothing raw is anywhere: neither what could not be explained, nor the people in queries, prompts and details.
	for _, table := range []string{"events", "quarantine", "ledger"} {
		rows := scalar(t, server, "SELECT * FROM %s."+table+" FORMAT JSONEachRow", database)
		for _, secret := range []string{canary, "customer.example.net", "ada.moreau", "eva.horak", "slowest spans"} {
			assert.NotContains(t, rows, secret, table)
		}
	}
	c.stop(t)
	assertNoCanary(t, c.state)
	assertNoCanary(t, c.log.Name())
}

// What was taken before is taken once, also where the products number their events and no sender gives them ids.
func TestProductsOwnEventsAreStoredOnceHoweverOftenTheyCome(t *testing.T) {
	t.Parallel()
	server := clickhousetest.New(t)
	c := startCollector(t, server, "clickhouse")
	for range 2 {
		mustSend(t, c, rawLogs(t, "xano"))
		mustSend(t, c, rawLogs(t, "arize"))
	}
	awaitRows(t, server, 10, time.Minute)
}
