package scim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// service is a service of SCIM as RFC 7644 describes it: lists with filter, startIndex, count and attributes (section 3.4.2), single
// resources (3.4.1), errors as in 3.12. It begins with the resources of RFC 7643, sections 8.2 to 8.4.
type service struct {
	*httptest.Server
	mu       sync.Mutex
	users    map[string]map[string]any
	groups   map[string]map[string]any
	clock    time.Time
	maxCount int                                               // the page size that the service allows
	fault    func(w http.ResponseWriter, r *http.Request) bool // answers in its place
	requests []string
}

const bearer = "h480djs93hd8" // RFC 7644, section 3.3

const bjensen = `{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
  "id": "2819c223-7f76-453a-919d-413861904646",
  "externalId": "701984",
  "userName": "bjensen@example.com",
  "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
  "displayName": "Babs Jensen",
  "emails": [{"value": "babs@jensen.org", "type": "home"}, {"value": "bjensen@example.com", "type": "work", "primary": true}],
  "userType": "Employee",
  "title": "Tour Guide",
  "active": true,
  "roles": [{"value": "guide"}, "plain"],
  "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "$ref": "../Groups/e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "Tour Guides"}],
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "701984", "costCenter": "4130", "department": "Tour Operations"},
  "meta": {"resourceType": "User", "lastModified": "2011-05-13T04:42:34Z"}
}`

const jsmith = `{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
  "id": "c75ad752-64ae-4823-840d-ffa80929976c",
  "userName": "jsmith",
  "name": {"formatted": "Jim Smith"},
  "emails": [{"value": "jsmith@example.com"}],
  "active": false,
  "meta": {"resourceType": "User", "lastModified": "2011-05-14T04:42:34Z"}
}`

const tourGuides = `{
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
  "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
  "displayName": "Tour Guides",
  "members": [{"value": "2819c223-7f76-453a-919d-413861904646", "display": "Babs Jensen"}],
  "meta": {"resourceType": "Group", "lastModified": "2011-05-13T04:42:34Z"}
}`

func newService(t *testing.T, serve func(http.Handler) *httptest.Server) *service {
	t.Helper()
	s := &service{users: map[string]map[string]any{}, groups: map[string]map[string]any{}, clock: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), maxCount: 1}
	s.put(s.users, resource(t, bjensen), false)
	s.put(s.users, resource(t, jsmith), false)
	s.put(s.groups, resource(t, tourGuides), false)
	s.Server = serve(s)
	t.Cleanup(s.Close)
	return s
}

func resource(t *testing.T, text string) map[string]any {
	t.Helper()
	var r map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &r))
	return r
}

// put stores a resource, as modified now where it says so.
func (s *service) put(in map[string]map[string]any, r map[string]any, now bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now {
		s.clock = s.clock.Add(time.Minute)
		r["meta"] = map[string]any{"lastModified": s.clock.Format(time.RFC3339)}
	}
	in[r["id"].(string)] = r
}

func (s *service) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.users, id)
}

func (s *service) setFault(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// asked gives how many requests there were, and forgets them.
func (s *service) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests
	s.requests = nil
	return r
}

// ServeHTTP implements [http.Handler].
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fault := s.fault
	s.requests = append(s.requests, r.URL.Path+"?"+r.URL.RawQuery)
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+bearer {
		fail(w, http.StatusUnauthorized)
		return
	}
	path, found := strings.CutPrefix(r.URL.Path, "/scim/v2/")
	kind, id, one := strings.Cut(path, "/")
	resources := map[string]map[string]map[string]any{"Users": s.users, "Groups": s.groups}[kind]
	switch {
	case !found || resources == nil:
		fail(w, http.StatusNotFound)
	case one && resources[id] == nil:
		fail(w, http.StatusNotFound)
	case one:
		write(w, resources[id])
	default:
		s.list(w, r.URL.Query(), resources)
	}
}

func (s *service) list(w http.ResponseWriter, query url.Values, resources map[string]map[string]any) {
	var found []map[string]any
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		ok, err := matches(query.Get("filter"), resources[id])
		if err != nil {
			fail(w, http.StatusBadRequest)
			return
		}
		if ok {
			found = append(found, resources[id])
		}
	}
	total := len(found)
	start, _ := strconv.Atoi(query.Get("startIndex"))
	count, err := strconv.Atoi(query.Get("count"))
	if err != nil || count > s.maxCount {
		count = s.maxCount
	}
	found = found[min(max(start-1, 0), total):]
	found = found[:min(count, len(found))]
	write(w, map[string]any{
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, "totalResults": total, "startIndex": max(start, 1),
		"itemsPerPage": len(found), "Resources": found,
	})
}

var comparison = regexp.MustCompile(`^(\S+) (eq|ge) ("(?:[^"\\]|\\.)*")$`)

// matches understands what RFC 7644, section 3.4.2.2, calls eq, ge and and, with brackets around both sides of it.
func matches(filter string, r map[string]any) (bool, error) {
	if filter == "" {
		return true, nil
	}
	if left, right, both := strings.Cut(filter, ") and ("); both {
		a, err := matches(strings.TrimPrefix(left, "("), r)
		b, err2 := matches(strings.TrimSuffix(right, ")"), r)
		if err == nil {
			err = err2
		}
		return a && b, err
	}
	m := comparison.FindStringSubmatch(filter)
	if m == nil {
		return false, fmt.Errorf("filter %s", filter)
	}
	p, err := ParsePath(m[1])
	if err != nil {
		return false, err
	}
	value, err := strconv.Unquote(m[3])
	for _, have := range p.values(r) {
		if m[2] == "ge" && have >= value || m[2] == "eq" && strings.EqualFold(have, value) {
			return true, err
		}
	}
	return false, err
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/scim+json")
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": "canary of the service", "status": "%d"}`, status)
}
