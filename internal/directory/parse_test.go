package directory

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheFormatsSayTheSame(t *testing.T) {
	want := []User{
		{ID: "42"},
		{ID: "u-1", Name: "Ada Example", Email: "Ada@example.com", Department: "Engineering", Roles: []string{"admin", "viewer"}, Groups: []string{"platform"}, Active: Active},
		{ID: "u-2", Name: `Bob "B" O'Brien, Jr`, Department: "Zürich", Active: Inactive},
	}
	for _, ext := range []string{"yaml", "json", "csv"} {
		path := filepath.Join("testdata", "users."+ext)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		x, err := parse(path, data)
		require.NoError(t, err, ext)
		assert.Equal(t, want, sorted(x), ext)
		x, err = parse(strings.ToUpper(path), append([]byte("\xef\xbb\xbf"), data...))
		require.NoError(t, err, "a byte order mark is not content")
		assert.Len(t, x.byID, 3)
	}
}

// sorted gives the newest versions, by id.
func sorted(t *table) []User {
	users := make([]User, 0, len(t.byID))
	for _, u := range t.byID {
		users = append(users, *u)
	}
	slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.ID, b.ID) })
	return users
}

func TestPathsNameTheFormat(t *testing.T) {
	for _, path := range []string{"a.yaml", "a.yml", "a.json", "/x/a.CSV"} {
		require.NoError(t, CheckPath(path))
	}
	for _, path := range []string{"", "a", "a.txt", "yaml"} {
		require.EqualError(t, CheckPath(path), fmt.Sprintf("path %q must end in .yaml, .yml, .json or .csv", path))
	}
}

// Every file is wrong and holds the canary: in a value, or as a name that nobody meant as one.
func TestWrongFilesAreRefusedByLineAndFieldAndNeverQuoted(t *testing.T) {
	const canary = "Jane-Canary"
	long := strings.Repeat("x", maxTextBytes+1)
	for _, tc := range []struct{ ext, content, want string }{
		{"csv", "", "line 1: must begin with the names of the columns"},
		{"csv", "Jane-Canary,x@y.z\n", "line 1: column 1 is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"csv", "id,canary\n1,2\n", "line 1: column 2 is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"csv", "id,id\n", "line 1: field id: stands twice"},
		{"csv", "name\nJane-Canary\n", "line 1: field id: required"},
		{"csv", "id,name\nu1\n", "line 2: must have as many columns as the first line"},
		{"csv", "id,name\nu1,Jane-Canary,x\n", "line 2: must have as many columns as the first line"},
		{"csv", "id,name\nu1,Jane-Canary\nu1,x\n", "line 3: field id: stands twice"},
		{"csv", "id,name\n,Jane-Canary\n", "line 2: field id: required"},
		{"csv", "id,name,active\nu1,\"a\nb\",Jane-Canary\n", "line 3: field active: must be true or false"},
		{"csv", "id,name\nu1,\"Jane-Canary\n", "line 2: not valid CSV: quotes do not match"},
		{"csv", "id,name\nu1,Jane\"Canary\n", "line 2: not valid CSV: quotes do not match"},
		{"csv", "id,name\nu1," + long + "\n", "line 2: field name: must have at most 1024 bytes"},
		{"csv", "id,roles\nu1," + long + "\n", "line 2: field roles: must have at most 1024 bytes"},
		{"csv", "id,roles\nu1," + strings.Repeat("a;", 257) + "\n", "line 2: field roles: must have at most 256 entries"},
		{"csv", "id,name\nu1,Jane\xff\n", "line 2: must be UTF-8"},
		{"json", "", "line 1: not valid JSON"},
		{"json", "[]", `line 1: must be a map with the list "users" and nothing else`},
		{"json", `{"Jane-Canary": []}`, `line 1: must be a map with the list "users" and nothing else`},
		{"json", `{"users": {}}`, `line 1: must be a map with the list "users" and nothing else`},
		{"json", "{\"users\": [],\n\"more\": 1}", `line 2: must be a map with the list "users" and nothing else`},
		{"json", "{\"users\": []}\nJane-Canary", `line 2: must be a map with the list "users" and nothing else`},
		{"json", "{\"users\": []} {}", `line 1: must be a map with the list "users" and nothing else`},
		{"json", "{\"users\": [\n\"Jane-Canary\"]}", "line 2: must be a map of the fields of a user"},
		{"json", "{\"users\": [\n{\"id\": 7}]}", "line 2: field id: must be a string, in quotes where it looks like something else"},
		{"json", "{\"users\": [{\"id\": \"Jane-Canary\",\n\"Jane-Canary\": 1}]}", "line 2: field unknown: is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"json", "{\"users\": [{\"id\": \"a\",\n\"departement\": \"x\"}]}", "line 2: field departement: is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"json", "{\"users\": [{\"id\": \"a\", \"ID\": \"x\"}]}", "line 1: field unknown: is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"csv", "id,valid_from\na,yesterday\n", "line 2: field valid_from: must be a time such as 2026-03-01T08:00:00Z, or a date, from 1970 on"},
		{"csv", "id,valid_from,valid_to\na,2026-03-01,2026-03-01\n", "line 2: field valid_to: must be later than valid_from"},
		{"csv", "id,valid_from,valid_to\na,2026-03-01,2026-04-01\na,2026-03-31,\n", "line 3: field id: stands twice"},
		{"json", `{"users": [{"id": "a", "valid_from": 7}]}`, "line 1: field valid_from: must be a time such as 2026-03-01T08:00:00Z, or a date, from 1970 on"},
		{"yaml", "users:\n  - id: a\n    valid_to: 1890-01-01", "line 3: field valid_to: must be a time such as 2026-03-01T08:00:00Z, or a date, from 1970 on"},
		{"json", `{"users": [{"id": "a", "id": "b"}]}`, "line 1: field id: stands twice"},
		{"json", `{"users": [{"id": "a", "roles": "Jane-Canary"}]}`, "line 1: field roles: must be a list of strings"},
		{"json", `{"users": [{"id": "a", "roles": ["x", 1]}]}`, "line 1: field roles: must be a list of strings"},
		{"json", `{"users": [{"id": "a", "roles": [["x"]]}]}`, "line 1: field roles: must be a list of strings"},
		{"json", `{"users": [{"id": "a", "active": "Jane-Canary"}]}`, "line 1: field active: must be true or false"},
		{"json", `{"users": [{"id": "a", "name": {"Jane-Canary": 1}}]}`, "line 1: field name: must be a string, in quotes where it looks like something else"},
		{"json", `{"users": [{"id": "a"}, {"id": "Jane-Canary"`, "line 1: not valid JSON"},
		{"json", `{"users": [{"id": "a", "roles": ["Jane-Canary`, "line 1: not valid JSON"},
		{"json", `{"users": [{"id": "a"} Jane-Canary]}`, "line 1: not valid JSON"},
		{"json", `{"users": [{"name": "Jane-Canary"}]}`, "line 1: field id: required"},
		{"json", "{\"users\": [{\"id\": \"a\"},\n{\"id\": \"a\"}]}", "line 2: field id: stands twice"},
		{"json", `{"users": [{"id": "` + long + `"}]}`, "line 1: field id: must have at most 1024 bytes"},
		{"json", `{"users": [{"id": "a", "groups": ["` + long + `"]}]}`, "line 1: field groups: must have at most 1024 bytes"},
		{"json", `{"users": [{"id": "a", "groups": [` + strings.Repeat(`"g",`, 256) + `"g"]}]}`, "line 1: field groups: must have at most 256 entries"},
		{"yaml", "", `line 1: must be a map with the list "users" and nothing else`},
		{"yaml", "Jane-Canary", `line 1: must be a map with the list "users" and nothing else`},
		{"yaml", "# only this\n", `line 1: must be a map with the list "users" and nothing else`},
		{"yaml", "users: Jane-Canary", `line 1: must be a map with the list "users" and nothing else`},
		{"yaml", "users: []\nmore: 1", `line 1: must be a map with the list "users" and nothing else`},
		{"yaml", "users:\n  - Jane-Canary", "line 2: must be a map of the fields of a user"},
		{"yaml", "users:\n  - id: 7", "line 2: field id: must be a string, in quotes where it looks like something else"},
		{"yaml", "users:\n  - id: a\n    name: 2020-01-01", "line 3: field name: must be a string, in quotes where it looks like something else"},
		{"yaml", "users:\n  - id: a\n    Jane-Canary: x", "line 3: field unknown: is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"yaml", "users:\n  - id: a\n    mail: Jane-Canary", "line 3: field mail: is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"yaml", "users:\n  - id: a\n    ? [Jane-Canary]\n    : x", "line 3: field unknown: is not one of id, name, email, roles, groups, department, active, valid_from, valid_to"},
		{"yaml", "users:\n  - id: a\n    id: Jane-Canary", "line 3: field id: stands twice"},
		{"yaml", "users:\n  - id: a\n    roles: Jane-Canary", "line 3: field roles: must be a list of strings"},
		{"yaml", "users:\n  - id: a\n    roles: [x, 1]", "line 3: field roles: must be a list of strings"},
		{"yaml", "users:\n  - id: a\n    active: yes-Jane-Canary", "line 3: field active: must be true or false"},
		{"yaml", "users:\n  - id: &Jane-Canary a\n    name: *Jane-Canary", "line 3: field name: must be a string, in quotes where it looks like something else"},
		{"yaml", "users:\n  - id: *Jane-Canary", "line 1: not valid YAML"},
		{"yaml", "users:\n  - id: a\n  Jane-Canary", "line 3: not valid YAML"},
		{"yaml", "users:\n  - id: a\n---\nJane-Canary: 1", "line 3: must be one document"},
		{"yaml", "users:\n  - name: Jane-Canary", "line 2: field id: required"},
		{"yaml", "users:\n  - id: a\n  - id: a", "line 3: field id: stands twice"},
		{"yaml", "users:\n  - id: " + long, "line 2: field id: must have at most 1024 bytes"},
		{"yaml", "users: []" + strings.Repeat(" ", maxYAMLBytes), "line 1: larger than 8 MiB, write such a directory as CSV or JSON"},
	} {
		_, err := parse("users."+tc.ext, []byte(tc.content))
		if assert.Error(t, err, tc.want) {
			assert.Equal(t, tc.want, err.Error(), "%s: %.60q", tc.ext, tc.content)
			assert.NotContains(t, strings.ToLower(err.Error()), strings.ToLower(canary[5:]))
		}
	}
}

func fuzz(f *testing.F, ext string, seeds ...string) {
	f.Helper()
	if data, err := os.ReadFile(filepath.Join("testdata", "users."+ext)); err == nil {
		f.Add(data)
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := parse("users."+ext, data)
		if err != nil {
			if len(err.Error()) > 160 {
				t.Fatal("an error is longer than any that quotes nothing")
			}
			return
		}
		for _, u := range x.byID {
			for v := u; v != nil; v = v.older {
				at := max(v.ValidFrom, 1)
				if x.find(&Query{ID: u.ID, At: at}) != v || len(u.ID) > maxTextBytes || len(u.Roles) > maxListItems {
					t.Fatal("a user cannot be found by its id")
				}
			}
		}
	})
}

func FuzzParseCSV(f *testing.F)  { fuzz(f, "csv", "id\n", "id,roles\n1,a;b\n", "id,name\n1,\"x\ny\"\n") }
func FuzzParseJSON(f *testing.F) { fuzz(f, "json", `{"users":[]}`, `{"users":[{"id":"a"}]}`) }
func FuzzParseYAML(f *testing.F) { fuzz(f, "yaml", "users: []", "users:\n- id: a", "---\n", "&a [*a]") }
