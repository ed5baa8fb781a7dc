package scim

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configauth"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/directory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func configFor(s *service) Config {
	cfg := NewDefaultConfig()
	cfg.HTTP.Endpoint = s.URL + "/scim/v2"
	cfg.Token = bearer
	return cfg
}

// watched remembers what a directory did.
type watched struct {
	syncs chan directory.Sync
	mu    sync.Mutex
	asked map[directory.AskOutcome]int
	errs  []string
}

func newWatched() *watched {
	return &watched{syncs: make(chan directory.Sync, 1000), asked: map[directory.AskOutcome]int{}}
}

func (w *watched) Synced(s directory.Sync) { w.syncs <- s }

func (w *watched) Asked(o directory.AskOutcome, _ time.Duration, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[o]++
	if err != nil {
		w.errs = append(w.errs, err.Error())
	}
}

func (w *watched) count(o directory.AskOutcome) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[o]
}

// next gives the next reading.
func (w *watched) next(t *testing.T) directory.Sync {
	t.Helper()
	select {
	case s := <-w.syncs:
		return s
	case <-time.After(30 * time.Second):
		t.Fatal("the directory is not read")
		return directory.Sync{}
	}
}

// until gives the next reading that is as wanted.
func (w *watched) until(t *testing.T, wanted func(directory.Sync) bool) directory.Sync {
	t.Helper()
	for {
		if s := w.next(t); wanted(s) {
			return s
		}
	}
}

const interval = 30 * time.Millisecond

func options(w *watched) directory.RemoteOptions {
	return directory.RemoteOptions{
		Name: "scim", SyncInterval: interval, FullSyncInterval: time.Hour, SyncTimeout: 10 * time.Second, MaxUsers: 1000,
		Lookup: true, LookupTimeout: 5 * time.Second, TTL: time.Minute, NegativeTTL: time.Minute, MaxAnswers: 100, MaxConcurrent: 4,
		Keep: time.Hour, Observer: w,
	}
}

func start(t *testing.T, cfg Config, o directory.RemoteOptions, host component.Host) *directory.Remote {
	t.Helper()
	source, err := New(t.Context(), cfg, host, componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	r := directory.NewRemote(source, o)
	require.NoError(t, r.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
	return r
}

func find(d directory.Directory, id string) directory.Answer {
	return d.Lookup(directory.Query{ID: id, Wait: &directory.Wait{Left: 5 * time.Second}})
}

func noted(u *directory.User) directory.User {
	return directory.User{ID: u.ID, Name: u.Name, Email: u.Email, Department: u.Department, Roles: u.Roles, Groups: u.Groups, Active: u.Active}
}

var babs = directory.User{
	ID: "bjensen@example.com", Name: "Babs Jensen", Email: "bjensen@example.com", Department: "Tour Operations",
	Roles: []string{"guide", "plain"}, Groups: []string{"Tour Guides"}, Active: directory.Active,
}

func ok(s directory.Sync) bool { return s.Err == nil }

func TestUsersAndGroupsAreReadAndFollowed(t *testing.T) {
	s := newService(t, httptest.NewServer)
	w := newWatched()
	r := start(t, configFor(s), options(w), componenttest.NewNopHost())
	first := w.next(t)
	require.NoError(t, first.Err)
	assert.True(t, first.Full)
	assert.Equal(t, 2, first.Users)
	assert.Equal(t, babs, noted(find(r, "bjensen@example.com").User), "page by page")
	jim := find(r, "jsmith@example.com").User
	assert.Equal(t, directory.User{ID: "jsmith", Name: "Jim Smith", Email: "jsmith@example.com", Active: directory.Inactive}, noted(jim), "by address")

	// A user changes, one comes, and one joins a group.
	changed := resource(t, strings.Replace(bjensen, "Tour Operations", "Sales", 1))
	s.put(s.users, changed, true)
	got := w.until(t, func(s directory.Sync) bool { return s.Changed > 0 })
	assert.False(t, got.Full, "by meta.lastModified")
	assert.Equal(t, 1, got.Changed)
	assert.Equal(t, "Sales", find(r, "bjensen@example.com").User.Department)
	before := r.Lookup(directory.Query{ID: "bjensen@example.com", At: time.Now().Add(-time.Minute).UnixNano()})
	assert.Equal(t, "Tour Operations", before.User.Department, "an event from before has what was so then")

	s.put(s.users, map[string]any{"id": "7", "userName": "new", "displayName": "New \"One\""}, true)
	w.until(t, func(s directory.Sync) bool { return s.Users == 3 })
	guides := resource(t, tourGuides)
	guides["members"] = []any{map[string]any{"value": "c75ad752-64ae-4823-840d-ffa80929976c"}, map[string]any{"value": "7"}}
	s.put(s.groups, guides, true)
	w.until(t, func(s directory.Sync) bool { return s.Changed >= 2 })
	assert.Equal(t, []string{"Tour Guides"}, find(r, "jsmith").User.Groups)
	assert.Equal(t, []string{"Tour Guides"}, find(r, "new").User.Groups)
}

func TestARemovedUserIsAMissFromThenOn(t *testing.T) {
	s := newService(t, httptest.NewServer)
	w := newWatched()
	o := options(w)
	o.FullSyncInterval = 10 * time.Millisecond
	var changes []directory.Change
	told := make(chan struct{}, 100)
	o.OnChange = func(_ context.Context, all iter.Seq[directory.Change]) {
		for c := range all {
			changes = append(changes, c)
		}
		told <- struct{}{}
	}
	r := start(t, configFor(s), o, componenttest.NewNopHost())
	w.until(t, ok)
	seen := time.Now().UnixNano()
	<-told
	s.remove("c75ad752-64ae-4823-840d-ffa80929976c")
	w.until(t, func(s directory.Sync) bool { return s.Err == nil && s.Users == 1 })
	a := find(r, "jsmith")
	assert.Nil(t, a.User)
	assert.True(t, a.Fresh)
	assert.NotNil(t, r.Lookup(directory.Query{ID: "jsmith", At: seen}).User, "an event from before still finds him")
	require.NoError(t, r.Shutdown(context.Background()))
	kinds := map[directory.ChangeKind]int{}
	for _, c := range changes {
		kinds[c.Kind]++
	}
	assert.Equal(t, map[directory.ChangeKind]int{directory.Present: 2, directory.Snapshot: 1, directory.Removed: 1}, kinds)
}

func TestWhoWasNotReadIsLookedUp(t *testing.T) {
	s := newService(t, httptest.NewServer)
	w := newWatched()
	o := options(w)
	o.SyncInterval = 0
	r := start(t, configFor(s), o, componenttest.NewNopHost())
	for range 3 {
		assert.Equal(t, babs, noted(find(r, "bjensen@example.com").User))
		a := find(r, `nobody" or "1" eq "1`)
		assert.Nil(t, a.User)
		assert.True(t, a.Fresh)
	}
	assert.Equal(t, 1, w.count(directory.AskFound), "and remembered")
	assert.Equal(t, 1, w.count(directory.AskNone), "that there is none too")

	// One question a user, however many ask at once; and none waits longer than it may.
	s.asked()
	release := make(chan struct{})
	s.setFault(func(http.ResponseWriter, *http.Request) bool { <-release; return false })
	var late atomic.Int64
	var waiting sync.WaitGroup
	for range 20 {
		waiting.Go(func() {
			a := r.Lookup(directory.Query{ID: "jsmith", Wait: &directory.Wait{Left: 20 * time.Millisecond}})
			if a.User == nil && !a.Fresh {
				late.Add(1)
			}
		})
	}
	waiting.Wait()
	assert.EqualValues(t, 20, late.Load(), "a slow service is an error")
	close(release)
	assert.Eventually(t, func() bool { return r.Lookup(directory.Query{ID: "jsmith"}).User != nil }, 10*time.Second, time.Millisecond, "the answer is there for those who come later")
	users := 0
	for _, request := range s.asked() {
		if strings.HasPrefix(request, "/scim/v2/Users?") {
			users++
		}
	}
	assert.Equal(t, 1, users)
}

func TestAServiceThatFails(t *testing.T) {
	for name, tc := range map[string]struct {
		fault func(w http.ResponseWriter, r *http.Request) bool
		want  string
	}{
		"500": {func(w http.ResponseWriter, _ *http.Request) bool { fail(w, 500); return true }, "the service answered 500"},
		"429": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Retry-After", "3600")
			fail(w, 429)
			return true
		}, "the service answered 429"},
		"401": {func(w http.ResponseWriter, _ *http.Request) bool { fail(w, 401); return true }, "the service answered 401"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return true
		}, "the service answered 302"},
		"no JSON": {func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("canary")); return true }, "not the JSON of SCIM"},
		"fewer": {func(w http.ResponseWriter, _ *http.Request) bool {
			write(w, map[string]any{"totalResults": 5})
			return true
		}, "fewer resources"},
		"slow": {func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, "no answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, httptest.NewServer)
			w := newWatched()
			o := options(w)
			o.SyncTimeout, o.LookupTimeout, o.TTL = 500*time.Millisecond, 200*time.Millisecond, time.Millisecond
			r := start(t, configFor(s), o, componenttest.NewNopHost())
			w.until(t, ok)
			s.setFault(tc.fault)
			failed := w.until(t, func(s directory.Sync) bool { return s.Err != nil })
			assert.ErrorContains(t, failed.Err, tc.want)
			assert.NotContains(t, failed.Err.Error(), "canary")
			a := find(r, "jsmith")
			assert.NotNil(t, a.User, "who is known stays known")
			assert.False(t, a.Fresh, "as of before")
			began := time.Now()
			for range 100 {
				a = r.Lookup(directory.Query{ID: "unknown", Wait: &directory.Wait{Left: 50 * time.Millisecond}})
				assert.Nil(t, a.User)
				assert.False(t, a.Fresh)
			}
			assert.Less(t, time.Since(began), 5*time.Second, "no event waits for a service that fails")
			w.mu.Lock()
			for _, text := range w.errs {
				assert.NotContains(t, text, "unknown", "errors hold no id")
				assert.NotContains(t, text, "canary")
			}
			w.mu.Unlock()
			if name == "429" {
				return // it asked to be left alone for an hour
			}
			s.setFault(nil)
			w.until(t, ok)
			assert.True(t, find(r, "jsmith").Fresh)
		})
	}
}

func TestAStoppedServiceAndOneThatComesLater(t *testing.T) {
	s := newService(t, httptest.NewUnstartedServer)
	address := s.Listener.Addr().String()
	cfg := configFor(s)
	cfg.HTTP.Endpoint = "http://" + address + "/scim/v2"
	require.NoError(t, s.Listener.Close())
	w := newWatched()
	r := start(t, cfg, options(w), componenttest.NewNopHost())
	assert.ErrorContains(t, w.next(t).Err, "connection refused")
	assert.Equal(t, directory.Answer{}, find(r, "jsmith"), "an error: nothing is known, not even that there is nobody")
	assert.True(t, r.Stats().Confirmed.IsZero())
}

func TestAPageThatFailsIsTriedAgain(t *testing.T) {
	s := newService(t, httptest.NewServer)
	var failures atomic.Int32
	s.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("startIndex") == "2" && failures.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			fail(w, http.StatusTooManyRequests)
			return true
		}
		return false
	})
	w := newWatched()
	start(t, configFor(s), options(w), componenttest.NewNopHost())
	first := w.next(t)
	require.NoError(t, first.Err)
	assert.Equal(t, 2, first.Users)
}

func TestMoreUsersThanAllowedAreNotRead(t *testing.T) {
	s := newService(t, httptest.NewServer)
	w := newWatched()
	o := options(w)
	o.MaxUsers = 1
	start(t, configFor(s), o, componenttest.NewNopHost())
	assert.ErrorContains(t, w.next(t).Err, "more users than the 1 of max_users")
}

func TestCertificates(t *testing.T) {
	s := newService(t, httptest.NewTLSServer)
	s.Config.ErrorLog = nil
	w := newWatched()
	start(t, configFor(s), options(w), componenttest.NewNopHost())
	assert.ErrorContains(t, w.next(t).Err, "certificate", "a certificate that nobody vouches for")

	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	cfg := configFor(s)
	cfg.HTTP.TLS.CAFile = ca
	w = newWatched()
	start(t, cfg, options(w), componenttest.NewNopHost())
	require.NoError(t, w.next(t).Err)
}

// clientCredentials is an extension that gets a token as RFC 6749, section 4.4, says, as oauth2client does.
type clientCredentials struct {
	component.StartFunc
	component.ShutdownFunc
	endpoint string
}

func (c *clientCredentials) RoundTripper(base http.RoundTripper) (http.RoundTripper, error) {
	return &authorizing{base: base, endpoint: c.endpoint}, nil
}

type authorizing struct {
	base     http.RoundTripper
	endpoint string
	mu       sync.Mutex
	token    string
}

func (a *authorizing) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == "" {
		form := url.Values{"grant_type": {"client_credentials"}}
		request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, a.endpoint, strings.NewReader(form.Encode()))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetBasicAuth("s6BhdRkqt3", "gX1fBat3bV")
		response, err := a.base.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		defer func() { _ = response.Body.Close() }()
		var answer struct {
			Token string `json:"access_token"`
		}
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			return nil, err
		}
		a.token = answer.Token
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+a.token)
	return a.base.RoundTrip(r)
}

type hostWith struct {
	component.Host
	extensions map[component.ID]component.Component
}

func (h hostWith) GetExtensions() map[component.ID]component.Component { return h.extensions }

func TestAnExtensionCanIdentifyTheCollector(t *testing.T) {
	s := newService(t, httptest.NewServer)
	cfg := configFor(s)
	id := component.MustNewID("oauth2client")
	cfg.Token, cfg.HTTP.Auth = "", configoptional.Some(configauth.Config{AuthenticatorID: id})
	s.setFault(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/token" {
			return false
		}
		client, secret, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || client != "s6BhdRkqt3" || secret != "gX1fBat3bV" {
			fail(w, http.StatusUnauthorized)
			return true
		}
		write(w, map[string]any{"access_token": bearer, "token_type": "bearer", "expires_in": 3600})
		return true
	})
	w := newWatched()
	start(t, cfg, options(w), hostWith{componenttest.NewNopHost(), map[component.ID]component.Component{id: &clientCredentials{endpoint: s.URL + "/token"}}})
	first := w.next(t)
	require.NoError(t, first.Err)
	assert.Equal(t, 2, first.Users)
}

func TestPaths(t *testing.T) {
	r := resource(t, bjensen)
	for text, want := range map[string][]string{
		"userName": {"bjensen@example.com"}, "USERNAME": {"bjensen@example.com"}, "name.formatted": {"Ms. Barbara J Jensen, III"},
		"emails": {"bjensen@example.com", "babs@jensen.org"}, `emails[type eq "home"].value`: {"babs@jensen.org"}, `emails[type eq "none"].value`: nil,
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": {"Tour Operations"}, "active": {"true"}, "groups.display": {"Tour Guides"},
		"roles": {"guide", "plain"}, "missing": nil, "missing.value": nil, "urn:x:missing": nil,
	} {
		p, err := ParsePath(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, p.values(r), text)
	}
	for _, text := range []string{"", ".", "a.", "a b", "emails[", "emails[type eq work]", `emails[type gt "a"]`, `emails[type eq "a"]value`, "a.b.c", strconv.Itoa(1) + "\n"} {
		_, err := ParsePath(text)
		assert.Error(t, err, text)
	}
}

func FuzzParsePath(f *testing.F) {
	for _, text := range []string{"userName", `emails[type eq "work"].value`, "urn:a:b", "a.b"} {
		f.Add(text)
	}
	r := map[string]any{"a": []any{map[string]any{"type": "b", "value": "c"}}}
	f.Fuzz(func(_ *testing.T, text string) {
		if p, err := ParsePath(text); err == nil {
			p.values(r)
			_ = p.filtered()
		}
	})
}

// FuzzResources takes what a service may say of users and groups: whatever it is, a user comes of it who can be kept, or none.
func FuzzResources(f *testing.F) {
	for _, text := range []string{bjensen, tourGuides, `{"id":1,"emails":[{"value":{}},"a"],"meta":[]}`, `{"members":[{"value":"a"},{"value":1},null],"displayName":{}}`} {
		f.Add(`{"totalResults":1,"Resources":[`+text+`,null]}`, `{"Resources":[`+tourGuides+`]}`)
	}
	s, err := New(f.Context(), NewDefaultConfig(), componenttest.NewNopHost(), componenttest.NewNopTelemetrySettings())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, users, groups string) {
		var people, lists list
		if json.Unmarshal([]byte(users), &people) != nil || json.Unmarshal([]byte(groups), &lists) != nil {
			return
		}
		read := newGroups()
		affected := map[string]bool{}
		for _, r := range lists.Resources {
			read.add(r)
			read.clone().replace(r, affected)
		}
		assert.Empty(t, affected, "nothing has changed")
		of := read.byMember()
		var changed cursor
		for _, r := range people.Resources {
			changed.saw(r)
			id := text(r, "id")
			assert.Equal(t, of[id], read.of(id))
			u := s.user(r, of[id])
			if _, fits := u.Fit(); fits {
				assert.NotEmpty(t, u.ID)
			}
		}
		assert.Equal(t, changed.empty(), changed.at.IsZero())
	})
}
