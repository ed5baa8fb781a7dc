package follow

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const interval = 20 * time.Millisecond

// write replaces a file at once, so that a slow machine shows no half of it.
func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".tmp", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".tmp", path))
}

// followed gives a file with content, and where what is taken of it goes: texts, or errors.
func followed(t *testing.T, content string) (*File, string, chan any) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, content)
	told := make(chan any, 100)
	f := New(Options{
		Path: path, Interval: interval, MaxBytes: 100,
		Take: func(data []byte) error {
			if string(data) == "bad" {
				return errors.New("it is bad")
			}
			told <- string(data)
			return nil
		},
		Failed: func(err error) { told <- err },
	})
	return f, path, told
}

func next(t *testing.T, told chan any) any {
	t.Helper()
	select {
	case what := <-told:
		return what
	case <-time.After(10 * time.Second):
		t.Fatal("the file is not looked at")
		return nil
	}
}

func TestContentIsTakenAtStartAndWhenItChanges(t *testing.T) {
	f, path, told := followed(t, "")
	require.NoError(t, f.Start(t.Context()))
	assert.Empty(t, next(t, told), "an empty file has content too")
	write(t, path, "two")
	assert.Equal(t, "two", next(t, told))
	assert.True(t, f.Fresh())
	write(t, path, "bad")
	assert.EqualError(t, next(t, told).(error), "it is bad")
	assert.False(t, f.Fresh())
	time.Sleep(5 * interval)
	assert.Empty(t, told, "a problem is told once")
	write(t, path, "two")
	require.Eventually(t, f.Fresh, 10*time.Second, interval)
	assert.Empty(t, told, "what was taken is not taken again")
	require.NoError(t, f.Shutdown(t.Context()))
}

func TestStartFailsWhereNothingIsTaken(t *testing.T) {
	f, _, told := followed(t, "bad")
	require.EqualError(t, f.Start(t.Context()), "it is bad")
	assert.Empty(t, told)
	require.NoError(t, f.Shutdown(t.Context()), "what did not start can be shut down")
}

func TestAFileThatIsBeingWrittenIsLeftAlone(t *testing.T) {
	f, path, told := followed(t, "one")
	require.NoError(t, f.load())
	assert.Equal(t, "one", next(t, told))

	write(t, path, "half of a te")
	f.pause = func(context.Context) bool { // it goes on being written
		write(t, path, "half of a text")
		return true
	}
	f.poll(t.Context())
	assert.Empty(t, told)
	assert.True(t, f.Fresh(), "a file that is being written is not a broken one")

	f.pause = func(context.Context) bool { return true } // it keeps still
	f.poll(t.Context())
	assert.Equal(t, "half of a text", next(t, told))
}

func TestShutdownEndsAPause(t *testing.T) {
	f, path, told := followed(t, "one")
	old := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(path, old, old))
	f.pause = pauseFor(time.Hour)
	require.NoError(t, f.Start(t.Context()))
	assert.Equal(t, "one", next(t, told))
	write(t, path, "two")
	time.Sleep(5 * interval)
	require.NoError(t, f.Shutdown(t.Context()))
	assert.Empty(t, told, "what was taken stays")
}
