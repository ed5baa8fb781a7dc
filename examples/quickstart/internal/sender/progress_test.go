package sender

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watch shows progress for eleven seconds, in which half of the work is done.
func watch(t *testing.T, inPlace bool) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second)
		defer cancel()
		Progress{
			Out:     &out,
			InPlace: inPlace,
			Done:    func() float64 { return 0.5 },
			Totals:  func() Totals { return Totals{Acknowledged: 1100, Rejected: 2} },
		}.Show(ctx)
	})
	return out.String()
}

func TestProgressIsALineEveryFewSeconds(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(watch(t, false)), "\n")
	require.Len(t, lines, 3)
	assert.Contains(t, lines[2], "[###############...............]")
	assert.Contains(t, lines[2], " 50 %  1100 acknowledged, 100 a second, 2 rejected, 0 failed")
}

func TestProgressIsDrawnInPlaceOnATerminal(t *testing.T) {
	text := watch(t, true)
	assert.Equal(t, 1, strings.Count(text, "\n"))
	assert.Greater(t, strings.Count(text, "\r"), 50)
}

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/file")
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	assert.False(t, IsTerminal(f))
}
