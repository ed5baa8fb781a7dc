package questions

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// xanoItem and xanoPage are the "Response Structure" of Xano's document.
type xanoItem struct {
	ID        string         `json:"id"`
	CreatedAt string         `json:"created_at"`
	UpdatedAt string         `json:"updated_at"`
	Type      string         `json:"type"`
	Msg       string         `json:"msg"`
	Label     []string       `json:"label"`
	Data      map[string]any `json:"data"`
	Obj       map[string]any `json:"obj"`
	User      struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Email string `json:"email"`
	} `json:"user"`
	Workspace struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"workspace"`
	Branch struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Live *bool  `json:"is_live"`
	} `json:"branch"`
}

type xanoPage struct {
	Items         []xanoItem `json:"items"`
	ItemsReceived int        `json:"itemsReceived"`
	CurPage       int        `json:"curPage"`
	NextPage      *int       `json:"nextPage"`
	PrevPage      *int       `json:"prevPage"`
	Offset        int        `json:"offset"`
	PerPage       int        `json:"perPage"`
	ItemsTotal    int        `json:"itemsTotal"`
	PageTotal     int        `json:"pageTotal"`
}

const xanoRequest = `SELECT body FROM audit.xano_audit_log(page = {page:UInt64}, per_page = {page_size:UInt64}, include_data = {include_data:Bool},
	after = {after:String}, sort = {sort:String}, ` + searchFilters + `)`

func xanoAnswer(t *testing.T, page int, s search, data bool) string {
	t.Helper()
	p := s.params()
	p["page"], p["include_data"] = page, data
	return answer(t, xanoRequest, p)
}

// xanoItems gets all pages as a client of Xano's API would.
func xanoItems(t *testing.T, s search) (items []xanoItem) {
	t.Helper()
	for page := 1; ; page++ {
		var got xanoPage
		decoder := json.NewDecoder(strings.NewReader(xanoAnswer(t, page, s, true)))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&got))
		items = append(items, got.Items...)
		pages := (got.ItemsTotal + s.PageSize - 1) / s.PageSize
		want := xanoPage{Items: got.Items, ItemsReceived: len(got.Items), CurPage: page, Offset: (page - 1) * s.PageSize, PerPage: s.PageSize, ItemsTotal: got.ItemsTotal, PageTotal: pages}
		if page > 1 {
			want.PrevPage = some(page - 1)
		}
		if page < pages {
			want.NextPage = some(page + 1)
		}
		require.Equal(t, want, got)
		if got.NextPage == nil {
			require.Len(t, items, got.ItemsTotal)
			return items
		}
		last := items[len(items)-1]
		s.After = last.CreatedAt + " " + last.ID
	}
}

// TestXanoResponse is the example of the document: its item goes in, and its answer comes out. What differs is the id, which is
// text here, and the values below data and obj that the redaction does not let through.
func TestXanoResponse(t *testing.T) {
	s := search{Tenant: "xano-document", PageSize: 50}
	const want = `{
		"items": [{
			"id": "xano-document-1", "created_at": "2024-01-15T10:30:00Z", "updated_at": "2024-01-15T10:30:00Z",
			"type": "Create Table", "msg": "Table 'users' created in workspace 'Production'", "label": ["database", "table", "creation"],
			"data": {"table_name": "users", "fields": [{"name": "string", "type": "string"}], "relationships": []},
			"obj": {"table_id": "123", "workspace_id": "string"},
			"user": {"id": "789", "name": "John Developer", "email": "john@company.com"},
			"workspace": {"id": "456", "name": "Production Environment"},
			"branch": {"id": "branch-123", "name": "main", "is_live": true}
		}],
		"itemsReceived": 1, "curPage": 1, "nextPage": null, "prevPage": null, "offset": 0, "perPage": 50, "itemsTotal": 1, "pageTotal": 1
	}`
	assert.JSONEq(t, want, xanoAnswer(t, 1, s, true))
	// "include_data": no
	var page map[string]any
	require.NoError(t, json.Unmarshal([]byte(want), &page))
	delete(page["items"].([]any)[0].(map[string]any), "data")
	short, err := json.Marshal(page)
	require.NoError(t, err)
	assert.JSONEq(t, string(short), xanoAnswer(t, 1, s, false))
	// "Advanced Search API": a type and a time.
	s.Type, s.From = "Create Table", time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	assert.JSONEq(t, want, xanoAnswer(t, 1, s, true))
	s.Type = "Delete Table"
	assert.JSONEq(t, `{"items": [], "itemsReceived": 0, "curPage": 1, "nextPage": null, "prevPage": null, "offset": 0, "perPage": 50, "itemsTotal": 0, "pageTotal": 0}`,
		xanoAnswer(t, 1, s, true))
}

func TestXanoPages(t *testing.T) {
	s := search{Tenant: "team-xano", PageSize: 32}
	want := where(s.matches)
	slices.SortFunc(want, newest)
	for i, item := range xanoItems(t, s) {
		e := want[i]
		assert.Equal(t, []string{e.ID, e.Time.Format(time.RFC3339Nano), e.Name, e.Message, e.Actor, e.UserName, e.Email, e.BranchName},
			[]string{item.ID, item.CreatedAt, item.Type, item.Msg, item.User.ID, item.User.Name, item.User.Email, item.Branch.Name})
		assert.Equal(t, e.TargetName, item.Data[e.TargetType+"_name"])
		assert.Equal(t, e.Target, item.Obj[e.TargetType+"_id"])
	}
	p := s.params()
	p["page"], p["include_data"] = 2, true
	assert.Contains(t, refusal(t, xanoRequest, p), "after is empty: a page after the first begins after created_at and id of the last item")
}

// xanoChange is an element of criticalChanges, and of recentActivity.
type xanoChange struct {
	Time        time.Time `json:"time"`
	Type        string    `json:"type"`
	User        string    `json:"user"`
	Description string    `json:"description"`
}

func (item xanoItem) change(t *testing.T) xanoChange {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, item.CreatedAt)
	require.NoError(t, err)
	return xanoChange{at, item.Type, item.User.Name, item.Msg}
}

// TestComplianceReport holds the view against the document's generateComplianceReport, line by line, over the items of the API.
func TestComplianceReport(t *testing.T) {
	from, to := at(0, 0), today
	byType, byUser, critical := map[string]int{}, map[string]int{}, []xanoChange{}
	items := xanoItems(t, search{Tenant: "team-xano", From: from, To: to, PageSize: 1000})
	for _, item := range items {
		byType[item.Type]++
		byUser[item.User.Name]++
		if strings.Contains(item.Type, "Delete") || strings.Contains(item.Type, "Live Branch") {
			critical = append(critical, item.change(t))
		}
	}

	type row struct {
		Tenant   string         `json:"tenant_id"`
		First    string         `json:"first_day"`
		Last     string         `json:"last_day"`
		Total    int            `json:"total_events"`
		ByType   map[string]int `json:"events_by_type"`
		ByUser   map[string]int `json:"user_activity"`
		Critical []struct {
			xanoChange
			Reason string `json:"reason"`
		} `json:"critical_changes"`
	}
	reports := ask[row](t, `SELECT * FROM audit.compliance_report(from = {from:DateTime64(9)}, to = {to:DateTime64(9)}) WHERE tenant_id = 'team-xano'`, params{"from": from, "to": to})
	require.Len(t, reports, 1)
	report := reports[0]
	var named, emptied []xanoChange
	for _, c := range report.Critical {
		if c.Reason == "named" {
			named = append(named, c.xanoChange)
		} else {
			emptied = append(emptied, c.xanoChange)
		}
	}
	assert.Equal(t, row{"team-xano", from.Format(time.DateOnly), at(days-1, 0).Format(time.DateOnly), len(items), byType, byUser, report.Critical}, report)
	assert.ElementsMatch(t, critical, named, "the script's own")
	for _, c := range emptied {
		assert.Equal(t, "Truncate Table", c.Type)
	}
	assert.Len(t, emptied, byType["Truncate Table"], "and what deletes by another name")
	assert.True(t, slices.IsSortedFunc(report.Critical, func(a, b struct {
		xanoChange
		Reason string `json:"reason"`
	},
	) int {
		return a.Time.Compare(b.Time)
	}))
	assert.NotEmpty(t, critical)

	// Every tenant has one.
	assert.Equal(t, fmt.Sprint(len(groups(within(from, to, func(event) bool { return true }), func(e event) string { return e.Tenant }))),
		answer(t, `SELECT count() FROM audit.compliance_report(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"from": from, "to": to}))
}

func TestCriticalChanges(t *testing.T) {
	from, to := at(3, 7*time.Hour), at(25, 3*time.Minute)
	var want []string
	for _, e := range within(from, to, func(e event) bool { return true }) {
		named := strings.Contains(strings.ToLower(e.Name), "delete") || strings.Contains(e.Name, "Live Branch")
		if named {
			want = append(want, e.ID+"\tnamed")
		} else if e.Action == "DELETE" {
			want = append(want, e.ID+"\temptied")
		}
	}
	got := answer(t, `SELECT record_id, reason FROM audit.critical_changes(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`, params{"from": from, "to": to})
	assert.ElementsMatch(t, want, strings.Split(got, "\n"))
}

// TestSecurityEvents holds the view against the document's monitorSecurityEvents, and against a reading of its rules in Go.
func TestSecurityEvents(t *testing.T) {
	listed := []string{"Delete Workspace", "Delete Table", "Impersonate Tenant", "Update Tenant License", "Set Live Branch"}
	from, to := at(days-20, 0), today
	query := `SELECT record_id, rule FROM audit.security_events(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`

	var alerts []string // const securityAlerts = data.items.filter(event => securityEvents.includes(event.type))
	for _, item := range xanoItems(t, search{Tenant: "team-xano", From: from, To: to, PageSize: 1000}) {
		if slices.Contains(listed, item.Type) {
			alerts = append(alerts, item.ID+"\tlisted")
		}
	}
	assert.NotEmpty(t, alerts)
	assert.ElementsMatch(t, alerts, strings.Split(answer(t, query+` WHERE rule = 'listed'`, params{"from": from, "to": to}), "\n"))

	readOnly := []string{"READ", "LOGIN", "LOGOUT", "EXECUTE", "REPORT", "INVOKE", "EXPORT", "NOTIFY"}
	access := func(kind string) bool {
		return slices.Contains([]string{"user", "group", "role", "permission", "policy", "share_link", "org", "organization", "member"}, kind) ||
			strings.HasPrefix(kind, "rbac") || strings.HasSuffix(kind, "token") || strings.HasSuffix(kind, "key")
	}
	var want []string
	for _, e := range within(from, to, func(event) bool { return true }) {
		rule := ""
		switch failed := e.Outcome == "failure"; {
		case slices.Contains(listed, e.Name):
			rule = "listed"
		case e.OnBehalfOf != "":
			rule = "impersonation"
		case !slices.Contains(readOnly, e.Action) && (e.Action == "SHARE" || access(e.TargetType)):
			rule = "access_control"
		case e.Action == "LOGIN" && failed:
			rule = "failed_login"
		case failed && strings.Contains(e.Reason, "forbidden"):
			rule = "denied"
		}
		if rule != "" {
			want = append(want, e.ID+"\t"+rule)
		}
	}
	assert.ElementsMatch(t, want, strings.Split(answer(t, query, params{"from": from, "to": to}), "\n"))
}

// TestTeamActivity holds the view against the document's getTeamActivity over the items of the API, for its seven days.
func TestTeamActivity(t *testing.T) {
	from, to := at(days-7, 0), today
	items := xanoItems(t, search{Tenant: "team-xano", From: from, To: to, PageSize: 1000})
	users, byDay, top := map[string]bool{}, map[string]int{}, map[string]int{}
	recent := []xanoChange{}
	for i, item := range items {
		users[item.User.Name] = true
		byDay[strings.Split(item.CreatedAt, "T")[0]]++
		top[item.Type]++
		if i < 10 { // data.items.slice(0, 10)
			recent = append(recent, item.change(t))
		}
	}
	type row struct {
		Tenant string         `json:"tenant_id"`
		ID     string         `json:"workspace_id"`
		Name   string         `json:"workspace_name"`
		Total  int            `json:"total_activity"`
		Users  int            `json:"active_users"`
		ByDay  map[string]int `json:"activity_by_day"`
		Top    map[string]int `json:"top_actions"`
		Recent []struct {
			xanoChange
			ID string `json:"id"`
		} `json:"recent_activity"`
	}
	got := ask[row](t, `SELECT * FROM audit.team_activity(from = {from:DateTime64(9)}, to = {to:DateTime64(9)}) WHERE tenant_id = 'team-xano'`, params{"from": from, "to": to})
	require.Len(t, got, 1)
	assert.Equal(t, row{"team-xano", "456", "Production Environment", len(items), len(users), byDay, top, got[0].Recent}, got[0])
	shown := []xanoChange{}
	for i, r := range got[0].Recent {
		shown = append(shown, r.xanoChange)
		assert.Equal(t, items[i].ID, r.ID)
	}
	assert.Equal(t, recent, shown)

	// The largest first.
	text := answer(t, `SELECT arrayStringConcat(mapKeys(top_actions), ',') FROM audit.team_activity(from = {from:DateTime64(9)}, to = {to:DateTime64(9)}) WHERE tenant_id = 'team-xano'`, params{"from": from, "to": to})
	assert.True(t, slices.IsSortedFunc(strings.Split(text, ","), func(a, b string) int { return top[b] - top[a] }), text)
	// Teams of other products are their workspaces.
	teams := groups(within(from, to, func(event) bool { return true }), func(e event) [2]string { return [2]string{e.Tenant, e.Workspace} })
	var want []string
	for team, events := range teams {
		want = append(want, fmt.Sprintf("%s\t%s\t%d", team[0], team[1], len(events)))
	}
	assert.ElementsMatch(t, want, strings.Split(answer(t, `SELECT tenant_id, workspace_id, total_activity FROM audit.team_activity(from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`,
		params{"from": from, "to": to}), "\n"))
}
