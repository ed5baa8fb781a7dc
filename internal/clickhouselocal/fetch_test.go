package clickhouselocal

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// registry stands in for npm and what it fetches.
type registry struct {
	t       *testing.T
	dir     string
	tarball string
}

// newRegistry puts an npm on the PATH that runs script, with the package's tarball as $TARBALL, and writes a line to calls.
func newRegistry(t *testing.T, script string, files map[string]string) registry {
	t.Helper()
	dir := t.TempDir()
	r := registry{t: t, dir: dir, tarball: filepath.Join(dir, "package.tgz")}
	require.NoError(t, os.WriteFile(r.tarball, pack(t, files), 0o600))
	script = "#!/bin/sh\necho \"$@\" >> '" + dir + "/calls'\nTARBALL='" + r.tarball + "'\n" + script + "\n"
	bin := filepath.Join(dir, "bin")
	require.NoError(t, os.Mkdir(bin, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o700))
	t.Setenv("PATH", joinPath(bin, "/usr/bin", "/bin"))
	return r
}

func pack(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for name, content := range files {
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}))
		_, err := archive.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	return out.Bytes()
}

func (r registry) calls() []string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, "calls"))
	require.NoError(r.t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func (r registry) integrity() string {
	r.t.Helper()
	file, err := os.Open(r.tarball)
	require.NoError(r.t, err)
	defer func() { _ = file.Close() }()
	integrity, err := integrityOf(file)
	require.NoError(r.t, err)
	return integrity
}

const copyTarball = `cp "$TARBALL" chdb-lib-test.tgz`

var testPackage = map[string]string{"package/package.json": "{}", "package/libchdb.so": "a library"}

func newFetcher(t *testing.T, integrity string) fetcher {
	t.Helper()
	return fetcher{
		platform:  platform{pkg: "@chdb/lib-test", integrity: integrity},
		cache:     t.TempDir(),
		progress:  newProgress(t.Output()),
		freeBytes: func(string) (uint64, error) { return 10 * spaceNeeded, nil },
	}
}

// assertNothingLeft checks that a failed fetch left nothing that takes space.
func assertNothingLeft(t *testing.T, f fetcher) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(f.cache, "clickhouse"))
	require.NoError(t, err)
	for _, entry := range entries {
		assert.Equal(t, "fetch.lock", entry.Name())
	}
}

func TestLibraryIsFetchedOnceAndThenTakenFromTheCache(t *testing.T) {
	npm := newRegistry(t, copyTarball, testPackage)
	f := newFetcher(t, npm.integrity())
	for range 2 {
		library, err := f.library(t.Context())
		require.NoError(t, err)
		content, err := os.ReadFile(library)
		require.NoError(t, err)
		assert.Equal(t, "a library", string(content))
	}
	require.Len(t, npm.calls(), 1)
	assert.Contains(t, npm.calls()[0], "pack ")
	assert.Contains(t, npm.calls()[0], "@chdb/lib-test@"+libraryVersion)
	assert.NotContains(t, npm.calls()[0], "registry", "the registry is the user's own choice")
}

func TestWithoutPinnedIntegrityNpmsCheckCounts(t *testing.T) {
	newRegistry(t, copyTarball, testPackage)
	f := newFetcher(t, "")
	var said bytes.Buffer
	f.progress = newProgress(&said)
	_, err := f.library(t.Context())
	require.NoError(t, err)
	assert.Contains(t, said.String(), "no checksum of @chdb/lib-test@"+libraryVersion+" is known here")
}

func TestFetchersAtTheSameTimeFetchOnce(t *testing.T) {
	npm := newRegistry(t, "sleep 0.3; "+copyTarball, testPackage)
	f := newFetcher(t, npm.integrity())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := f.library(t.Context())
			assert.NoError(t, err)
		})
	}
	all.Wait()
	assert.Len(t, npm.calls(), 1)
}

func TestWaitForTheLockEndsWithTheContext(t *testing.T) {
	f := newFetcher(t, "")
	path := filepath.Join(f.cache, "lock")
	release, err := lock(t.Context(), path, f.progress)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = lock(ctx, path, f.progress)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	release()
	release, err = lock(t.Context(), path, f.progress)
	require.NoError(t, err)
	release()
}

func TestTarballWithAnotherIntegrityIsRefusedBeforeItIsUnpacked(t *testing.T) {
	npm := newRegistry(t, copyTarball, testPackage)
	f := newFetcher(t, "sha512-AAAA")
	_, err := f.library(t.Context())
	assert.ErrorContains(t, err, "has integrity "+npm.integrity()+", and sha512-AAAA is expected")
	assert.ErrorContains(t, err, "check npm's registry setting and try again, or set CLICKHOUSE_ENDPOINT")
	assertNothingLeft(t, f)
}

func TestDamagedLibraryIsFetchedAgain(t *testing.T) {
	npm := newRegistry(t, copyTarball, testPackage)
	f := newFetcher(t, npm.integrity())
	library, err := f.library(t.Context())
	require.NoError(t, err)
	damages := []func(){
		func() { require.NoError(t, os.Truncate(library, 3)) },
		func() { require.NoError(t, os.Remove(library)) },
		func() { require.NoError(t, os.Remove(filepath.Join(filepath.Dir(library), stampFile))) },
		func() {
			require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(library), stampFile), []byte("{"), 0o600))
		},
	}
	for i, damage := range damages {
		damage()
		_, err = f.library(t.Context())
		require.NoError(t, err)
		assert.Len(t, npm.calls(), 2+i)
	}
}

func TestInterruptedFetchLeavesNoHalfLibrary(t *testing.T) {
	npm := newRegistry(t, copyTarball+"; exec sleep 60", testPackage)
	f := newFetcher(t, npm.integrity())
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := f.library(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assertNothingLeft(t, f)

	// A killed process could not clean up.
	newRegistry(t, copyTarball, testPackage)
	left := filepath.Join(f.cache, "clickhouse", "chdb-lib-test@"+libraryVersion+".partial", "whole")
	require.NoError(t, os.MkdirAll(left, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(left, "libchdb.so"), []byte("half"), 0o600))
	f.platform.integrity = ""
	library, err := f.library(t.Context())
	require.NoError(t, err)
	content, err := os.ReadFile(library)
	require.NoError(t, err)
	assert.Equal(t, "a library", string(content))
}

func TestFailedFetchSaysWhatToDo(t *testing.T) {
	tests := map[string]struct {
		script string
		files  map[string]string
		want   []string
	}{
		"npm fails": {
			script: "echo 'npm error code E404' >&2; exit 1", files: testPackage,
			want: []string{"npm pack @chdb/lib-test@" + libraryVersion, "npm error code E404", "check npm's registry and network, or set CLICKHOUSE_ENDPOINT"},
		},
		"npm leaves nothing": {script: "true", files: testPackage, want: []string{"npm pack left 0 tarballs"}},
		"package without a library": {
			script: copyTarball, files: map[string]string{"package/index.js": ""},
			want: []string{"the package holds no library (libchdb.so or libchdb.dylib)"},
		},
		"not a tarball": {script: "echo > x.tgz", files: testPackage, want: []string{"unpack: "}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			newRegistry(t, test.script, test.files)
			f := newFetcher(t, "")
			_, err := f.library(t.Context())
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			assertNothingLeft(t, f)
		})
	}
}

func TestMissingNpmSaysWhatToDo(t *testing.T) {
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.Symlink(goCommand, filepath.Join(bin, "go")))
	t.Setenv("PATH", bin)
	t.Setenv(EnvCache, t.TempDir())
	_, err = Start(t.Context(), Options{DataDir: t.TempDir(), OwnProcess: true})
	assert.ErrorContains(t, err, "npm is not on the PATH")
	assert.ErrorContains(t, err, "install npm, or set CLICKHOUSE_ENDPOINT to the address of a ClickHouse server")
	assert.ErrorContains(t, err, "or put a clickhouse binary on the PATH")
}

func TestFullDiskSaysWhatToDo(t *testing.T) {
	npm := newRegistry(t, copyTarball, testPackage)
	f := newFetcher(t, npm.integrity())
	f.freeBytes = func(string) (uint64, error) { return 12_300_000, nil }
	_, err := f.library(t.Context())
	assert.ErrorContains(t, err, "has 12.3 MB free, and fetching needs 1100.0 MB")
	assert.ErrorContains(t, err, "set OTELAUDIT_CACHE to a directory on a larger disk")
	assertNothingLeft(t, f)
}

func TestUnwritableCacheSaysWhatToDo(t *testing.T) {
	f := newFetcher(t, "")
	f.cache = filepath.Join(f.cache, "file")
	require.NoError(t, os.WriteFile(f.cache, nil, 0o600))
	_, err := f.library(t.Context())
	assert.ErrorContains(t, err, "set OTELAUDIT_CACHE to a directory that can be written")
}

func TestFreeSpaceOfThisDiskIsKnown(t *testing.T) {
	free, err := freeBytes(t.TempDir())
	require.NoError(t, err)
	assert.Positive(t, free)
}
