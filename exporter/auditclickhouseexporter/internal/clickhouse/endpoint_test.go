package clickhouse

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEndpoint(t *testing.T) {
	for text, want := range map[string]struct {
		endpoint       Endpoint
		native, secure bool
		url            string
	}{
		"clickhouse://db":          {Endpoint{"clickhouse", "db:9000", ""}, true, false, "clickhouse://db:9000/"},
		"clickhouse://db:9001/":    {Endpoint{"clickhouse", "db:9001", "/"}, true, false, "clickhouse://db:9001/"},
		"clickhouses://db":         {Endpoint{"clickhouses", "db:9440", ""}, true, true, "clickhouses://db:9440/"},
		"http://[::1]":             {Endpoint{"http", "[::1]:8123", ""}, false, false, "http://[::1]:8123/"},
		"https://db/clickhouse":    {Endpoint{"https", "db:8443", "/clickhouse"}, false, true, "https://db:8443/clickhouse"},
		"https://db.example:443/a": {Endpoint{"https", "db.example:443", "/a"}, false, true, "https://db.example:443/a"},
	} {
		endpoint, err := ParseEndpoint(text)
		require.NoError(t, err, text)
		assert.Equal(t, want.endpoint, endpoint, text)
		assert.Equal(t, want.native, endpoint.Native(), text)
		assert.Equal(t, want.secure, endpoint.Secure(), text)
		assert.Equal(t, want.url, endpoint.URL(), text)
	}
}

func TestEndpointThatIsNone(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "must be clickhouse://host:port",
		"127.0.0.1:9000":                "must be clickhouse://host:port",
		"tcp://db:9000":                 `"tcp://db:9000" must be`,
		"clickhouse://":                 "must be clickhouse://host:port",
		"clickhouse://db:9000/audit":    "must not have a path",
		"http://db:8123/?database=x":    "must not have parameters",
		"http://ann:hunter2@db:8123":    "must not hold credentials",
		"http://ann:hunter2\x7f@db":     "is not a URL",
		"clickhouse://ann:hunter2@[::1": "is not a URL",
	} {
		_, err := ParseEndpoint(text)
		require.ErrorContains(t, err, want, text)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}
