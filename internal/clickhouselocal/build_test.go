package clickhouselocal

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLauncherIsBuiltOnce(t *testing.T) {
	cache := t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			launcher, err := buildLauncher(t.Context(), cache, newProgress(t.Output()))
			assert.NoError(t, err)
			assert.FileExists(t, launcher)
		})
	}
	all.Wait()

	// Without go it can only come from the cache.
	t.Setenv("PATH", t.TempDir())
	launcher, err := buildLauncher(t.Context(), cache, newProgress(t.Output()))
	require.NoError(t, err)

	require.NoError(t, os.Remove(launcher))
	_, err = buildLauncher(t.Context(), cache, newProgress(t.Output()))
	assert.ErrorContains(t, err, "put go on the PATH, or set CLICKHOUSE_ENDPOINT")
}
