package clickhouselocal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPortsAndUserComeFromTheEnvironment(t *testing.T) {
	for _, name := range []string{EnvTCPPort, EnvHTTPPort, EnvUser, EnvPassword} {
		t.Setenv(name, "")
	}
	options, err := FromEnv()
	require.NoError(t, err)
	assert.Equal(t, Options{TCPPort: 9000, HTTPPort: 8123}, options)

	t.Setenv(EnvTCPPort, "19000")
	t.Setenv(EnvHTTPPort, "18123")
	t.Setenv(EnvUser, "ann")
	t.Setenv(EnvPassword, "p")
	options, err = FromEnv()
	require.NoError(t, err)
	assert.Equal(t, Options{TCPPort: 19000, HTTPPort: 18123, User: "ann", Password: "p"}, options)

	for _, name := range []string{EnvHTTPPort, EnvTCPPort} {
		for _, wrong := range []string{"x", "0", "-1", "65536"} {
			t.Setenv(name, wrong)
			_, err = FromEnv()
			assert.EqualError(t, err, name+`="`+wrong+`" is not a port: set it to a number from 1 to 65535`)
		}
	}
}

func TestCacheIsInTheCheckoutOrWhereTheUserWantsIt(t *testing.T) {
	t.Setenv(EnvCache, "")
	dir, err := CacheDir()
	require.NoError(t, err)
	assert.Equal(t, ".cache", filepath.Base(dir))
	assert.True(t, isModule(filepath.Join(filepath.Dir(dir), "go.mod")))

	t.Setenv(EnvCache, "relative")
	dir, err = CacheDir()
	require.NoError(t, err)
	assert.True(t, filepath.IsAbs(dir))

	_, found := moduleRoot(t.TempDir())
	assert.False(t, found)
	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.org/other\n"), 0o600))
	_, found = moduleRoot(other)
	assert.False(t, found)
}
