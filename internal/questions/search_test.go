package questions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// search are the parameters of the view of that name; what is empty means any.
type search struct {
	Tenant, Text, Type, User, Label, Target, Workspace, Branch, Sort, After string
	From, To                                                                time.Time
	PageSize                                                                int
}

func (s search) params() params {
	text := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339Nano)
	}
	return params{
		"tenant": s.Tenant, "text": s.Text, "type": s.Type, "user": s.User, "label": s.Label, "target": s.Target, "workspace": s.Workspace,
		"branch": s.Branch, "from": text(s.From), "to": text(s.To), "sort": s.Sort, "after": s.After, "page_size": s.PageSize,
	}
}

const searchFilters = `tenant = {tenant:String}, text = {text:String}, type = {type:String}, user = {user:String}, label = {label:String}, target = {target:String},
	workspace = {workspace:String}, branch = {branch:String}, from = {from:String}, to = {to:String}`

// matches is what a search is about, by Go.
func (s search) matches(e event) bool {
	fits := func(wanted string, values ...string) bool { return wanted == "" || slices.Contains(values, wanted) }
	for _, word := range strings.Fields(s.Text) {
		if !strings.Contains(strings.ToLower(e.Name+" "+e.Message+" "+e.TargetName), strings.ToLower(word)) {
			return false
		}
	}
	return fits(s.Tenant, e.Tenant) && fits(s.Type, e.Name, e.TargetType) && fits(s.User, e.Actor, e.UserName, e.Email) && fits(s.Label, e.Labels...) &&
		fits(s.Target, e.Target, e.TargetName) && fits(s.Workspace, e.Workspace, e.WorkspaceName) &&
		(fits(s.Branch, e.Branch, e.BranchName) || s.Branch == "live" && value(e.Live)) &&
		(s.From.IsZero() || !e.Time.Before(s.From)) && (s.To.IsZero() || e.Time.Before(s.To))
}

// newest puts the newest first, and of one time the highest id.
func newest(a, b event) int { return -cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.ID, b.ID)) }

func TestSearch(t *testing.T) {
	for name, s := range map[string]search{
		"all":               {Tenant: "team-xano", PageSize: 13},
		"oldest":            {Tenant: "team-xano", Sort: "oldest", PageSize: 13},
		"words, any case":   {Tenant: "team-xano", Text: "create TABLE users"},
		"of the document":   {Tenant: "team-xano", Text: "Set Live Branch"},
		"no such text":      {Tenant: "team-xano", Text: "nobody wrote this"},
		"type":              {Tenant: "team-xano", Type: "Update Table"},
		"operations on":     {Tenant: "team-xano", Type: "table"},
		"user by id":        {Tenant: "team-xano", User: "789"},
		"user by name":      {Tenant: "team-xano", User: "Mia Maintainer"},
		"user by e-mail":    {Tenant: "team-xano", User: "omar@company.com"},
		"label":             {Tenant: "team-xano", Label: "delete"},
		"target by id":      {Tenant: "team-xano", Target: "101"},
		"target by name":    {Tenant: "team-xano", Target: "login"},
		"workspace":         {Tenant: "team-xano", Workspace: "Production Environment"},
		"another workspace": {Tenant: "team-xano", Workspace: "457"},
		"branch":            {Tenant: "team-xano", Branch: "feature"},
		"live branches":     {Tenant: "team-xano", Branch: "live"},
		"time":              {Tenant: "team-xano", From: at(5, 6*time.Hour), To: at(17, 8*time.Hour+1)},
		"one instant":       {Tenant: "team-xano", From: at(17, 8*time.Hour), To: at(17, 8*time.Hour+1), Sort: "oldest", PageSize: 4},
		"many at once":      {Tenant: "team-xano", Text: "branch", User: "John Developer", Branch: "live", From: at(2, 0), Sort: "oldest"},
		"another tenant":    {Tenant: "globex"},
	} {
		t.Run(name, func(t *testing.T) {
			want := where(s.matches)
			slices.SortFunc(want, newest)
			if s.Sort == "oldest" {
				slices.Reverse(want)
			}
			ids := []string{}
			for _, e := range want {
				ids = append(ids, e.ID)
			}
			got := []string{}
			s.PageSize = cmp.Or(s.PageSize, 100)
			for pages := 0; ; pages++ {
				require.LessOrEqual(t, pages, len(want)/s.PageSize+1, "pages end")
				text := answer(t, `SELECT cursor, record_id FROM audit.search(`+searchFilters+`, sort = {sort:String}, after = {after:String}, page_size = {page_size:UInt64})`, s.params())
				rows := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
				for _, row := range rows {
					cursor, id, _ := strings.Cut(row, "\t")
					got, s.After = append(got, id), cursor
				}
				if len(rows) < s.PageSize {
					break
				}
			}
			assert.Equal(t, ids, got)
			assert.Equal(t, fmt.Sprint(len(want)), answer(t, `SELECT total FROM audit.search_total(`+searchFilters+`)`, s.params()))
		})
	}
}

// TestSearchColumns because a row must show what was searched for.
func TestSearchColumns(t *testing.T) {
	type row struct {
		Tenant     string    `json:"tenant_id"`
		Cursor     string    `json:"cursor"`
		Time       time.Time `json:"timestamp"`
		ID         string    `json:"record_id"`
		Name       string    `json:"event_name"`
		Message    string    `json:"message"`
		Action     string    `json:"action"`
		Outcome    string    `json:"outcome"`
		Labels     []string  `json:"labels"`
		Actor      string    `json:"actor_id"`
		UserName   string    `json:"actor_name"`
		Email      string    `json:"actor_email"`
		DirName    string    `json:"directory_name"`
		DirEmail   string    `json:"directory_email"`
		TargetType string    `json:"target_type"`
		Target     string    `json:"target_id"`
		TargetName string    `json:"target_name"`
		Workspace  string    `json:"workspace_id"`
		Space      string    `json:"workspace_name"`
		Branch     string    `json:"branch_id"`
		BranchName string    `json:"branch_name"`
		Live       *bool     `json:"branch_live"`
		Before     string    `json:"change_before"`
		After      string    `json:"change_after"`
		Details    string    `json:"details"`
	}
	s := search{Tenant: "xano-document", PageSize: 2}
	rows := ask[row](t, `SELECT * FROM audit.search(`+searchFilters+`, sort = {sort:String}, after = {after:String}, page_size = {page_size:UInt64})`, s.params())
	require.Len(t, rows, 1)
	assert.JSONEq(t, `{"data":{"fields":[{"name":"string","type":"string"}],"relationships":[]},"id":"int","obj":{"workspace_id":"string"},"updated_at":"string"}`, rows[0].Details)
	rows[0].Details = ""
	assert.Equal(t, []row{{
		Tenant: "xano-document", Cursor: "2024-01-15T10:30:00Z xano-document-1", Time: time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC), ID: "xano-document-1",
		Name: "Create Table", Message: "Table 'users' created in workspace 'Production'", Action: "CREATE", Outcome: "success", Labels: []string{"database", "table", "creation"},
		Actor: "789", UserName: "John Developer", Email: "john@company.com", TargetType: "table", Target: "123", TargetName: "users",
		Workspace: "456", Space: "Production Environment", Branch: "branch-123", BranchName: "main", Live: some(true),
	}}, rows)
}

func TestSearchSaysWhatIsWrong(t *testing.T) {
	for name, value := range map[string]string{"sort": "sideways", "after": "17", "from": "yesterday", "to": "soon"} {
		p := search{Tenant: "team-xano", PageSize: 1}.params()
		p[name] = value
		assert.Contains(t, refusal(t, `SELECT * FROM audit.search(`+searchFilters+`, sort = {sort:String}, after = {after:String}, page_size = {page_size:UInt64})`, p), name+" is ")
	}
}
