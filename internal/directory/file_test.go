package directory

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const interval = 20 * time.Millisecond

// load is what OnLoad was told.
type load struct {
	users int
	err   error
}

// started gives a directory that follows a file with content, and what its OnLoad is told.
func started(t *testing.T, content string) (*File, string, chan load) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.csv")
	write(t, path, content)
	loads := make(chan load, 100)
	f := NewFile(FileOptions{Path: path, ReloadInterval: interval, MaxBytes: 1 << 20, OnLoad: func(users int, err error) { loads <- load{users, err} }})
	require.NoError(t, f.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, f.Shutdown(context.Background())) })
	require.Equal(t, load{strings.Count(content, "\n") - 1, nil}, <-loads)
	return f, path, loads
}

// write replaces a file at once, so that a slow machine shows no half of it.
func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".tmp", []byte(content), 0o600))
	require.NoError(t, os.Rename(path+".tmp", path))
}

func find(d Directory, id string) (*User, bool) {
	a := d.Lookup(Query{ID: id})
	return a.User, a.Fresh
}

func next(t *testing.T, loads chan load) load {
	t.Helper()
	select {
	case l := <-loads:
		return l
	case <-time.After(10 * time.Second):
		t.Fatal("the file is not looked at")
		return load{}
	}
}

func TestLookupByIDThenByEmail(t *testing.T) {
	f, _, _ := started(t, "id,email\nu1,Ada@Example.com\nu2,shared@example.com\nu3,shared@example.com\nx@example.com,other@example.com\nu5,x@example.com\n")
	for _, tc := range []struct{ id, email, want string }{
		{"u1", "", "u1"},
		{"u1", "shared@example.com", "u1"},
		{"unknown", "ada@example.COM", "u1"},
		{"ADA@example.com", "", "u1"},
		{"ADA@example.com", "x@example.com", "u1"},
		{"x@example.com", "", "x@example.com"},
		{"U1", "", ""},
		{"unknown", "", ""},
		{"", "", ""},
		{"unknown", "shared@example.com", ""}, // of two users: it identifies neither
	} {
		a := f.Lookup(Query{ID: tc.id, Email: tc.email})
		u := a.User
		assert.True(t, a.Fresh)
		if tc.want == "" {
			assert.Nil(t, u, tc)
		} else if assert.NotNil(t, u, tc) {
			assert.Equal(t, tc.want, u.ID)
		}
	}
	assert.Equal(t, 5, f.Stats().Users)
	assert.Equal(t, "file", f.Name())
}

func TestStartFailsWithoutAGoodFile(t *testing.T) {
	dir := t.TempDir()
	broken, large := filepath.Join(dir, "broken.json"), filepath.Join(dir, "large.csv")
	write(t, broken, `{"users": [{"id": "canary"`)
	write(t, large, strings.Repeat("x", 101))
	for path, want := range map[string]string{
		filepath.Join(dir, "missing.csv"): "no such file or directory",
		broken:                            "line 1: not valid JSON",
		large:                             "101 bytes are more than the 100 of max_bytes",
		dir + "/":                         "is not a regular file",
	} {
		err := NewFile(FileOptions{Path: path, ReloadInterval: interval, MaxBytes: 100}).Start(t.Context())
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "directory "+path)
		assert.NotContains(t, err.Error(), "canary")
	}
	f := NewFile(FileOptions{Path: broken})
	require.NoError(t, f.Shutdown(t.Context()), "what did not start can be shut down")
}

func TestAChangedFileIsReloaded(t *testing.T) {
	f, path, loads := started(t, "id\nu1\n")
	write(t, path, "id\nu1\nu2\n")
	assert.Equal(t, load{2, nil}, next(t, loads))
	u, fresh := find(f, "u2")
	assert.NotNil(t, u)
	assert.True(t, fresh)
}

func TestAFileThatIsReplacedIsReloaded(t *testing.T) {
	_, path, loads := started(t, "id\nu1\n")
	write(t, path+".new", "id\nu1\nu2\nu3\n")
	require.NoError(t, os.Remove(path)) // some editors leave a moment without the file
	require.NoError(t, os.Rename(path+".new", path))
	assert.Equal(t, 3, next(t, loads).users)
}

func TestAChangeOfTheSameSizeWithinTheGranularityOfTimesIsSeen(t *testing.T) {
	_, path, loads := started(t, "id\nu1\n")
	info, err := os.Stat(path)
	require.NoError(t, err)
	write(t, path, "id\nu2\n")
	require.NoError(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
	assert.Equal(t, load{1, nil}, next(t, loads))
}

func TestABrokenFileKeepsTheUsersFromBeforeAndIsToldOnce(t *testing.T) {
	f, path, loads := started(t, "id,name\nu1,Ada\n")
	write(t, path, "id,name\nu1,Ada\nu1,Canary\n")
	l := next(t, loads)
	require.EqualError(t, l.err, "line 3: field id: stands twice")
	assert.Equal(t, 1, l.users)
	u, fresh := find(f, "u1")
	require.NotNil(t, u)
	assert.Equal(t, "Ada", u.Name)
	assert.False(t, fresh)
	confirmed := f.Stats().Confirmed
	time.Sleep(10 * interval)
	assert.Empty(t, loads, "the same problem is not told again")
	assert.Equal(t, confirmed, f.Stats().Confirmed, "the age grows while the file is broken")

	write(t, path, "id,name\nu1,Ada\n") // as it was
	require.Eventually(t, func() bool { _, fresh := find(f, "u1"); return fresh }, 10*time.Second, interval)
	assert.Empty(t, loads, "nothing new was loaded")

	require.NoError(t, os.Remove(path))
	require.ErrorIs(t, next(t, loads).err, os.ErrNotExist)
	_, fresh = find(f, "u1")
	assert.False(t, fresh)
	write(t, path, "id,name\nu2,Bob\n")
	assert.Equal(t, load{1, nil}, next(t, loads))
	// A load is told before it is confirmed.
	require.Eventually(t, func() bool { _, fresh := find(f, "u1"); return fresh }, 10*time.Second, interval)
}

func TestLookupsGoOnDuringReloads(t *testing.T) {
	f, path, loads := started(t, "id\nu1\n")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if u, _ := find(f, "u1"); u == nil {
					t.Error("a user was away during a reload")
					return
				}
			}
		})
	}
	for i := range 3 {
		write(t, path, "id\nu1\n"+strings.Repeat("x", i+1)+"\n")
		require.NoError(t, next(t, loads).err)
	}
	close(stop)
	wg.Wait()
}
