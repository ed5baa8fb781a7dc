package questions

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// connection is what Arize's three queries ask for, below account and the log's name.
type connection[T any] struct {
	PageInfo struct {
		HasNextPage bool    `json:"hasNextPage"`
		EndCursor   *string `json:"endCursor"`
	} `json:"pageInfo"`
	Edges []struct {
		Node T `json:"node"`
	} `json:"edges"`
}

// arizeLogs are the HTTP requests of docs/coming-from-arize.md: each gives a row that is the connection of the GraphQL query.
var arizeLogs = map[string]string{
	"unauthenticated": "id, user, ip, success, mutationName, loggedAt",
	"authenticated":   "id, user, operationName, operationText, variables, loggedAt",
	"exporter":        "id, user, model, loggedAt",
}

func arizeRequest(log string) string {
	return `SELECT
		tuple(any(more) AS hasNextPage, if(hasNextPage, argMin(cursor, (loggedAt, id)), NULL) AS endCursor) AS pageInfo,
		groupArray(tuple(node)) AS edges
	FROM
	(
		SELECT loggedAt, id, cursor, hasNextPage AS more, tuple(` + arizeLogs[log] + `) AS node
		FROM audit.` + log + `_audit_logs(num = {num:UInt64}, startTime = {startTime:String}, endTime = {endTime:String}, cursor = {cursor:String}, tenant = {tenant:String})
	)
	SETTINGS enable_named_columns_in_function_tuple = 1`
}

// arizeNodes is the loop of the document: "Loop through all pages".
func arizeNodes[T any](t *testing.T, log string, num int, startTime, endTime string) (nodes []T, pages int) {
	t.Helper()
	p := params{"num": num, "startTime": startTime, "endTime": endTime, "cursor": "", "tenant": "team-arize"}
	for {
		var got connection[T]
		decoder := json.NewDecoder(strings.NewReader(answer(t, arizeRequest(log)+" FORMAT JSONEachRow", p)))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&got))
		pages++
		for _, edge := range got.Edges {
			nodes = append(nodes, edge.Node)
		}
		require.Equal(t, got.PageInfo.HasNextPage, got.PageInfo.EndCursor != nil)
		if got.PageInfo.EndCursor == nil {
			return nodes, pages
		}
		require.Len(t, got.Edges, num, "a page is full while there is another")
		p["cursor"] = *got.PageInfo.EndCursor
	}
}

type arizeUser struct {
	Email string `json:"email"`
}

// arizeTest asks for all of a log by the document's loop, in pages that end within one instant, and for parts of it.
func arizeTest[T any](t *testing.T, log, name string, node func(event) T) {
	t.Helper()
	expect := func(from, to time.Time) (nodes []T) {
		found := within(from, to, func(e event) bool { return e.Tenant == "team-arize" && e.Name == name })
		slices.SortFunc(found, newest)
		for _, e := range found {
			nodes = append(nodes, node(e))
		}
		return nodes
	}
	now := time.Now()
	lastDays := expect(now.AddDate(0, 0, -30), now)
	got, pages := arizeNodes[T](t, log, 5, "", "")
	assert.Equal(t, lastDays, got, "the last thirty days, where no time is said")
	assert.Equal(t, (len(lastDays)+4)/5, pages)

	got, pages = arizeNodes[T](t, log, 1000, at(-20, 0).Format(time.RFC3339), "")
	assert.Equal(t, expect(at(-20, 0), now), got, "since a time")
	assert.Greater(t, len(got), len(lastDays))
	assert.Equal(t, 1, pages)

	got, _ = arizeNodes[T](t, log, 4, at(10, 0).Format(time.RFC3339), at(20, 10*time.Hour).Add(time.Nanosecond).Format(time.RFC3339Nano))
	assert.Equal(t, expect(at(10, 0), at(20, 10*time.Hour+1)), got, "between times")

	got, pages = arizeNodes[T](t, log, 4, at(-20, 0).Format(time.RFC3339), at(-19, 0).Format(time.RFC3339))
	assert.Empty(t, got)
	assert.Equal(t, 1, pages)
}

func TestUnauthenticatedAuditLogs(t *testing.T) {
	type node struct {
		ID       string    `json:"id"`
		User     arizeUser `json:"user"`
		IP       string    `json:"ip"`
		Success  bool      `json:"success"`
		Mutation string    `json:"mutationName"`
		LoggedAt time.Time `json:"loggedAt"`
	}
	arizeTest(t, "unauthenticated", "unauthenticatedAuditLog", func(e event) node {
		return node{e.ID, arizeUser{e.Email}, e.Address, e.Outcome == "", e.Operation, e.Time}
	})
}

func TestAuthenticatedAuditLogs(t *testing.T) {
	type node struct {
		ID        string    `json:"id"`
		User      arizeUser `json:"user"`
		Operation string    `json:"operationName"`
		Text      string    `json:"operationText"`
		Variables string    `json:"variables"`
		LoggedAt  time.Time `json:"loggedAt"`
	}
	arizeTest(t, "authenticated", "authenticatedAuditLog", func(e event) node {
		return node{e.ID, arizeUser{e.Email}, e.Operation, e.Shape, `{"title":"string"}`, e.Time}
	})
}

func TestExporterAuditLogs(t *testing.T) {
	type model struct {
		Name string `json:"name"`
	}
	type node struct {
		ID       string    `json:"id"`
		User     arizeUser `json:"user"`
		Model    model     `json:"model"`
		LoggedAt time.Time `json:"loggedAt"`
	}
	arizeTest(t, "exporter", "exporterAuditLog", func(e event) node {
		return node{e.ID, arizeUser{e.Email}, model{e.TargetName}, e.Time}
	})
}

func TestArizeLogsSayWhatIsWrong(t *testing.T) {
	for name, value := range map[string]any{"num": 0, "startTime": "yesterday", "endTime": "soon", "cursor": "17"} {
		p := params{"num": 1, "startTime": "", "endTime": "", "cursor": "", "tenant": "team-arize"}
		p[name] = value
		for log := range arizeLogs {
			assert.Contains(t, refusal(t, arizeRequest(log), p), name+" ")
		}
	}
}
