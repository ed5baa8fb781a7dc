package ldap

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.uber.org/goleak"

	"github.com/otelaudit/otelaudit/internal/directory"
	"github.com/otelaudit/otelaudit/internal/directory/directorytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	rootDN   = "cn=admin,dc=example,dc=com"
	password = "t0p-secret"
	people   = 25 // beside those of testdata
)

// slapd is a server of OpenLDAP with its data in a temporary directory.
type slapd struct {
	dir, port, tlsPort, cert string
	process                  *exec.Cmd
}

const configuration = `
include %[2]s/core.schema
include %[2]s/cosine.schema
include %[2]s/inetorgperson.schema
include %[2]s/nis.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload retcode
sizelimit size.soft=10 size.hard=10 size.prtotal=unlimited
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
pidfile %[1]s/slapd.pid
database mdb
suffix "dc=example,dc=com"
rootdn "cn=manager,dc=example,dc=com"
rootpw %[3]s
directory %[1]s/data
overlay retcode
retcode-parent "ou=failing,dc=example,dc=com"
retcode-item "cn=busy" 0x33 text="canary"
retcode-item "cn=broken" 0x50 text="canary"
access to * by dn.exact="cn=admin,dc=example,dc=com" read by anonymous auth
`

// newSlapd starts a server, or skips the test where there is none to be had.
func newSlapd(t *testing.T) *slapd {
	t.Helper()
	const schemas = "/etc/ldap/schema"
	if _, err := exec.LookPath("/usr/sbin/slapd"); err != nil {
		t.Skip("there is no /usr/sbin/slapd: apt-get install slapd")
	}
	dir, err := os.MkdirTemp("", "slapd") // a short path
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	s := &slapd{dir: dir, port: directorytest.Port(t), tlsPort: directorytest.Port(t)}
	s.cert, _ = directorytest.Certificate(t, dir)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
	conf := filepath.Join(dir, "slapd.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, configuration, dir, schemas, password), 0o600))
	ldif := filepath.Join(dir, "data.ldif")
	text, err := os.ReadFile("testdata/example.ldif")
	require.NoError(t, err)
	for i := range people {
		text = fmt.Appendf(text, "\ndn: uid=p%[1]d,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nuid: p%[1]d\ncn: Person %[1]d\nsn: %[1]d\n", i)
	}
	require.NoError(t, os.WriteFile(ldif, text, 0o600))
	out, err := exec.Command("/usr/sbin/slapadd", "-f", conf, "-l", ldif).CombinedOutput()
	require.NoError(t, err, string(out))
	s.start(t)
	t.Cleanup(func() { s.stop(t) })
	return s
}

func (s *slapd) start(t *testing.T) {
	t.Helper()
	s.process = exec.Command("/usr/sbin/slapd", "-d", "0", "-f", filepath.Join(s.dir, "slapd.conf"),
		"-h", "ldap://127.0.0.1:"+s.port+" ldaps://127.0.0.1:"+s.tlsPort)
	var out bytes.Buffer
	s.process.Stdout, s.process.Stderr = &out, &out
	require.NoError(t, s.process.Start())
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 30*time.Second, 20*time.Millisecond, "slapd does not listen")
}

func (s *slapd) stop(t *testing.T) {
	t.Helper()
	if s.process == nil {
		return
	}
	require.NoError(t, s.process.Process.Kill())
	_ = s.process.Wait() // it says that it was killed
	s.process = nil
}

// change runs something as the manager.
func (s *slapd) change(t *testing.T, do func(conn *goldap.Conn) error) {
	t.Helper()
	conn, err := goldap.DialURL("ldap://127.0.0.1:" + s.port)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	require.NoError(t, conn.Bind("cn=manager,dc=example,dc=com", password))
	require.NoError(t, do(conn))
}

func (s *slapd) config() Config {
	cfg := NewDefaultConfig()
	cfg.Endpoint = "ldaps://127.0.0.1:" + s.tlsPort
	cfg.TLS.CAFile = s.cert
	cfg.BindDN, cfg.BindPassword = rootDN, password
	cfg.BaseDN = "ou=people,dc=example,dc=com"
	cfg.PageSize = 10
	cfg.Groups = configoptional.Some(Groups{BaseDN: "ou=groups,dc=example,dc=com", Filter: "(objectClass=groupOfNames)", Name: "cn", Member: "member"})
	return cfg
}

func read(t *testing.T, cfg Config) (map[string]directory.User, error) {
	t.Helper()
	require.NoError(t, cfg.Validate())
	s := New(cfg)
	defer func() { require.NoError(t, s.Close()) }()
	users := map[string]directory.User{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err := s.Users(ctx, func(u directory.User) error {
		users[u.ID] = u
		return nil
	})
	return users, err
}

var (
	ada = directory.User{ID: "ada", Name: "Ada Example", Email: "ada@example.com", Department: "Finance", Roles: []string{"controller"}, Groups: []string{"finance", "all hands"}}
	bob = directory.User{ID: "bob", Name: "Bob Example", Email: "bob@example.com", Groups: []string{"all hands"}}
)

// Everything against one server, because starting one takes a second.
func TestOpenLDAP(t *testing.T) {
	server := newSlapd(t)
	t.Run("all users", func(t *testing.T) {
		for name, change := range map[string]func(*Config){
			"ldaps":    func(*Config) {},
			"StartTLS": func(cfg *Config) { cfg.Endpoint, cfg.StartTLS = "ldap://127.0.0.1:"+server.port, true },
			"plain": func(cfg *Config) {
				cfg.Endpoint, cfg.TLS.Insecure, cfg.TLS.CAFile = "ldap://127.0.0.1:"+server.port, true, ""
			},
		} {
			cfg := server.config()
			change(&cfg)
			users, err := read(t, cfg)
			require.NoError(t, err, name)
			assert.Len(t, users, people+2, "page by page: the server gives 10 entries at once")
			assert.Equal(t, ada, users["ada"], name)
			assert.Equal(t, bob, users["bob"], name)
		}
	})
	t.Run("memberUid", func(t *testing.T) {
		cfg := server.config()
		cfg.Groups = configoptional.Some(Groups{BaseDN: "ou=groups,dc=example,dc=com", Filter: "(objectClass=posixGroup)", Name: "cn", Member: "memberUid"})
		users, err := read(t, cfg)
		require.NoError(t, err)
		assert.Equal(t, []string{"unix"}, users["bob"].Groups)
	})
	t.Run("one user", func(t *testing.T) {
		s := New(server.config())
		defer func() { require.NoError(t, s.Close()) }()
		for _, q := range [][2]string{{"ada", ""}, {"ADA@example.com", ""}, {"no such id", "ada@example.com"}} {
			users, err := s.Find(t.Context(), q[0], q[1])
			require.NoError(t, err)
			require.Len(t, users, 1)
			slicesEqual(t, ada, users[0])
		}
		for _, id := range []string{"nobody", "*", "ada)(uid=bob", "a*"} {
			users, err := s.Find(t.Context(), id, "")
			require.NoError(t, err)
			assert.Empty(t, users, id)
		}
	})
	t.Run("refusals", func(t *testing.T) {
		for name, tc := range map[string]struct {
			change func(*Config)
			want   string
		}{
			"bad certificate": {func(cfg *Config) { cfg.TLS.CAFile = "" }, "certificate"},
			"bad certificate of StartTLS": {func(cfg *Config) {
				cfg.Endpoint, cfg.StartTLS, cfg.TLS.CAFile = "ldap://127.0.0.1:"+server.port, true, ""
			}, "certificate"},
			"wrong password": {func(cfg *Config) { cfg.BindPassword = "canary" }, "answered 49, Invalid Credentials"},
			"too busy":       {func(cfg *Config) { cfg.BaseDN = "cn=busy,ou=failing,dc=example,dc=com" }, "answered 51, Busy"},
			"broken":         {func(cfg *Config) { cfg.BaseDN = "cn=broken,ou=failing,dc=example,dc=com" }, "answered 80, Other"},
			"no such base":   {func(cfg *Config) { cfg.BaseDN = "ou=canary,dc=example,dc=com" }, "answered 32, No Such Object"},
		} {
			cfg := server.config()
			tc.change(&cfg)
			_, err := read(t, cfg)
			require.ErrorContains(t, err, tc.want, name)
			assert.NotContains(t, err.Error(), "canary")
		}
	})
	t.Run("a server that does not answer", func(t *testing.T) {
		mute, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer func() { require.NoError(t, mute.Close()) }()
		for _, scheme := range []string{"ldap", "ldaps"} {
			cfg := server.config()
			cfg.Endpoint, cfg.TLS.Insecure = scheme+"://"+mute.Addr().String(), true
			s := New(cfg)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			began := time.Now()
			_, err = s.Find(ctx, "ada", "")
			cancel()
			require.Error(t, err)
			assert.Less(t, time.Since(began), 5*time.Second)
			require.NoError(t, s.Close())
		}
	})
	t.Run("stopped, started again, a user removed", func(t *testing.T) { testFollowed(t, server) })
}

func slicesEqual(t *testing.T, want, got directory.User) {
	t.Helper()
	assert.ElementsMatch(t, want.Groups, got.Groups)
	got.Groups = want.Groups
	assert.Equal(t, want, got)
}

// watched remembers the readings of a directory.
type watched struct {
	mu   sync.Mutex
	last directory.Sync
}

func (w *watched) Synced(s directory.Sync) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = s
}

func (w *watched) Asked(directory.AskOutcome, time.Duration, error) {}

func (w *watched) until(t *testing.T, wanted func(directory.Sync) bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return wanted(w.last)
	}, 30*time.Second, 10*time.Millisecond)
}

func testFollowed(t *testing.T, server *slapd) {
	t.Helper()
	w := &watched{}
	r := directory.NewRemote(New(server.config()), directory.RemoteOptions{
		Name: "ldap", SyncInterval: 30 * time.Millisecond, FullSyncInterval: time.Hour, SyncTimeout: 10 * time.Second, MaxUsers: 1000,
		Lookup: true, LookupTimeout: 5 * time.Second, TTL: time.Minute, NegativeTTL: 10 * time.Millisecond, MaxAnswers: 100, MaxConcurrent: 4, Keep: time.Hour, Observer: w,
	})
	require.NoError(t, r.Start(t.Context()))
	defer func() { require.NoError(t, r.Shutdown(context.Background())) }()
	find := func(id string) directory.Answer {
		return r.Lookup(directory.Query{ID: id, Wait: &directory.Wait{Left: 5 * time.Second}})
	}
	w.until(t, func(s directory.Sync) bool { return s.Users == people+2 })
	seen := time.Now().UnixNano()
	assert.Equal(t, "Ada Example", find("ada").User.Name)

	server.change(t, func(conn *goldap.Conn) error {
		return conn.Del(goldap.NewDelRequest("uid=bob,ou=people,dc=example,dc=com", nil))
	})
	w.until(t, func(s directory.Sync) bool { return s.Users == people+1 })
	a := find("bob")
	assert.Nil(t, a.User, "who was removed is a miss")
	assert.True(t, a.Fresh)
	assert.NotNil(t, r.Lookup(directory.Query{ID: "bob", At: seen}).User, "but for events from before")

	server.stop(t)
	w.until(t, func(s directory.Sync) bool { return s.Err != nil })
	a = find("ada")
	assert.NotNil(t, a.User)
	assert.False(t, a.Fresh, "stale")
	a = find("nobody")
	assert.Nil(t, a.User)
	assert.False(t, a.Fresh, "an error")
	server.start(t)
	w.until(t, func(s directory.Sync) bool { return s.Err == nil && s.Users > 0 })
	assert.True(t, find("ada").Fresh)
}

func TestValues(t *testing.T) {
	for value, want := range map[string]string{
		"cn=finance,ou=groups,dc=example,dc=com": "finance", `CN=Legal\, Inc,DC=example`: "Legal, Inc", "plain": "plain", "a=b": "a=b", "x, y=z": "x, y=z", "": "",
	} {
		assert.Equal(t, want, firstName(value), value)
	}
	assert.Equal(t, []string{"true"}, enabled([]string{"512"}))
	assert.Equal(t, []string{"false"}, enabled([]string{"514"}))
	assert.Nil(t, enabled([]string{"x"}))
	assert.Nil(t, enabled(nil))
	assert.True(t, strings.HasPrefix(equals("uid", "a*(b"), `(uid=a\2a\28b`))
}

// FuzzEntry takes what a server may say of an entry.
func FuzzEntry(f *testing.F) {
	f.Add("cn=finance,ou=groups,dc=example,dc=com", "uid=ada,ou=people,dc=example,dc=com", "512")
	f.Add(`CN=Legal\, Inc,DC=example`, `cn=a+sn=b,dc=\c3\a9`, "-1")
	f.Add("a=b,", "=,", "9223372036854775808")
	cfg := NewDefaultConfig()
	cfg.Groups = configoptional.Some(Groups{Member: "member"})
	s := New(cfg)
	f.Fuzz(func(t *testing.T, value, dn, flags string) {
		e := goldap.NewEntry(dn, map[string][]string{"uid": {value}, "cn": {value}, "mail": {value}, "memberOf": {value, dn}, "userAccountControl": {flags}})
		_ = s.key(e)
		u := s.user(e, []string{value})
		_, _ = u.Fit()
		assert.NotContains(t, equals("uid", value), "\x00")
		assert.Equal(t, 1, strings.Count(equals("uid", value), "("), "a value cannot become a part of the filter")
	})
}
