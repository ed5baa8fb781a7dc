package clickhouselocal

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestEndpointsAreUnderstood(t *testing.T) {
	tests := map[string]struct {
		url  string
		env  map[string]string
		want parsedEndpoint
	}{
		"everything": {
			url: "clickhouse://ann:s%40crt@db.example:9001/audit",
			want: parsedEndpoint{
				endpoint:    endpoint{native: "db.example:9001", http: "http://db.example:8123", user: "ann", password: "s@crt", database: "audit"},
				nativeGiven: true,
			},
		},
		"defaults": {
			url: "tcp://db",
			want: parsedEndpoint{
				endpoint:    endpoint{native: "db:9000", http: "http://db:8123", user: "default", database: "default"},
				nativeGiven: true,
			},
		},
		"native over TLS, old parameters": {
			url: "clickhouse://db?secure=true&username=ann&password=p&database=audit",
			want: parsedEndpoint{
				endpoint:    endpoint{native: "db:9440", nativeTLS: true, http: "https://db:8443", user: "ann", password: "p", database: "audit"},
				nativeGiven: true,
			},
		},
		"HTTP": {
			url: "http://[::1]:18123/", env: map[string]string{EnvUser: "bob", EnvPassword: "q"},
			want: parsedEndpoint{
				endpoint:  endpoint{native: "[::1]:9000", http: "http://[::1]:18123", user: "bob", password: "q", database: "default"},
				httpGiven: true,
			},
		},
		"HTTPS": {
			url: "https://ann:p@db", env: map[string]string{EnvUser: "bob", EnvPassword: "q"},
			want: parsedEndpoint{
				endpoint:  endpoint{native: "db:9440", nativeTLS: true, http: "https://db:8443", user: "ann", password: "p", database: "default"},
				httpGiven: true,
			},
		},
		"both": {
			url: "clickhouse://db:1", env: map[string]string{EnvHTTPEndpoint: "https://proxy/"},
			want: parsedEndpoint{
				endpoint:    endpoint{native: "db:1", http: "https://proxy:8443", user: "default", database: "default"},
				nativeGiven: true, httpGiven: true,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseEndpoint(test.url, environment(test.env))
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestOtherEndpointsAreRefusedWithoutTheirPassword(t *testing.T) {
	for url, want := range map[string]string{
		"localhost:9000":                 "CLICKHOUSE_ENDPOINT ",
		"clickhouse://ann:hunter2":       "CLICKHOUSE_ENDPOINT is not of the form",
		"clickhouse://a:hunter2@x:1,y:2": "with one host",
		"clickhouse://":                  "CLICKHOUSE_ENDPOINT is not of the form",
		"mysql://ann:hunter2@db":         `scheme "mysql": it must be clickhouse, tcp`,
	} {
		_, err := parseEndpoint(url, environment(nil))
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	for _, url := range []string{"db:8123", "ftp://ann:hunter2@db", "http://ann:hunter2@", "http://ann:hunter2"} {
		_, err := parseEndpoint("tcp://db", environment(map[string]string{EnvHTTPEndpoint: url}))
		assert.ErrorContains(t, err, "CLICKHOUSE_HTTP_ENDPOINT is not of the form http://host:port")
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func FuzzParseEndpoint(f *testing.F) {
	f.Add("clickhouse://ann:hunter2@db:9000/audit?secure=true", "https://db")
	f.Add("http://[::1", "")
	f.Fuzz(func(t *testing.T, url, httpURL string) {
		e, err := parseEndpoint(url, environment(map[string]string{EnvHTTPEndpoint: httpURL}))
		if err == nil {
			assert.NotEmpty(t, e.native)
			assert.True(t, strings.HasPrefix(e.http, "http"))
			assert.True(t, e.nativeGiven || e.httpGiven)
		}
	})
}

// running returns the endpoint of a server whose user with all rights is ann.
func running(t *testing.T) endpoint {
	t.Helper()
	server, err := Start(t.Context(), Options{DataDir: t.TempDir(), OwnProcess: true, User: "ann", Password: "p"})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Stop(context.Background())) })
	return server.endpoint
}

// nobody is an address at which nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	port, err := FreePort(t.Context())
	require.NoError(t, err)
	return loopback(port)
}

func TestServerOfTheEnvironmentIsUsed(t *testing.T) {
	there := running(t)
	t.Setenv(EnvEndpoint, "clickhouse://"+there.native)
	t.Setenv(EnvHTTPEndpoint, there.http)
	t.Setenv(EnvUser, "ann")
	t.Setenv(EnvPassword, "p")

	server, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	assert.True(t, server.External())
	assert.Equal(t, there.native, server.NativeAddr())
	assert.Equal(t, there.http, server.HTTPURL())
	assert.False(t, server.NativeTLS())
	assert.Equal(t, "default", server.Database())
	assert.Empty(t, server.Notes())
	assert.NoError(t, server.WaitReady(t.Context()))
	answer, err := server.Query(t.Context(), "SELECT currentUser()")
	require.NoError(t, err)
	assert.Equal(t, "ann\n", answer)

	assert.ErrorIs(t, server.Kill(), ErrNotOurs)
	assert.ErrorIs(t, server.Restart(t.Context()), ErrNotOurs)
	assert.NoError(t, server.Stop(t.Context()))
	assert.NoError(t, server.WaitReady(t.Context()), "it is not ours to stop")

	_, err = Start(t.Context(), Options{Users: []User{{Name: "x"}}})
	assert.ErrorContains(t, err, "unset CLICKHOUSE_ENDPOINT")
}

func TestProtocolThatIsNotThereIsNoted(t *testing.T) {
	there := running(t)

	e := parsedEndpoint{endpoint: there, httpGiven: true}
	e.native = nobody(t)
	server, err := connect(t.Context(), e)
	require.NoError(t, err)
	assert.Empty(t, server.NativeAddr())
	require.Len(t, server.Notes(), 1)
	assert.Contains(t, server.Notes()[0], "the native protocol is not at "+e.native)

	e = parsedEndpoint{endpoint: there, nativeGiven: true}
	e.http = "http://" + nobody(t)
	server, err = connect(t.Context(), e)
	require.NoError(t, err)
	assert.Empty(t, server.HTTPURL())
	require.Len(t, server.Notes(), 1)
	assert.Contains(t, server.Notes()[0], "the HTTP interface is not at "+e.http)
	_, err = server.Query(t.Context(), "SELECT 1")
	assert.ErrorContains(t, err, "set CLICKHOUSE_HTTP_ENDPOINT")
}

func TestServerThatDoesNotAnswerIsExplained(t *testing.T) {
	there := running(t)
	t.Setenv(EnvUser, "ann")
	t.Setenv(EnvPassword, "p")
	tests := map[string]struct{ endpoint, http, want string }{
		"nobody, native": {endpoint: "tcp://" + nobody(t), want: "over native protocol at 127.0.0.1:"},
		"nobody, HTTP":   {endpoint: "http://" + nobody(t), want: "over HTTP at http://127.0.0.1:"},
		"HTTP elsewhere": {endpoint: "tcp://" + there.native, http: "http://" + nobody(t), want: "which CLICKHOUSE_HTTP_ENDPOINT names"},
		"wrong protocol": {endpoint: "tcp://" + strings.TrimPrefix(there.http, "http://"), want: "over native protocol"},
		"wrong password": {endpoint: "tcp://ann:hunter2@" + there.native, want: "Authentication failed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(EnvEndpoint, test.endpoint)
			t.Setenv(EnvHTTPEndpoint, test.http)
			_, err := Start(t.Context(), Options{})
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "or unset it to have one started here")
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}
