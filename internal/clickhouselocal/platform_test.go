package clickhouselocal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlatformsHaveTheirPackage(t *testing.T) {
	for system, pkg := range map[string]string{
		"linux/amd64": "@chdb/lib-linux-x64-gnu", "linux/arm64": "@chdb/lib-linux-arm64-gnu",
		"darwin/amd64": "@chdb/lib-darwin-x64", "darwin/arm64": "@chdb/lib-darwin-arm64",
	} {
		goos, goarch, _ := strings.Cut(system, "/")
		p, err := platformOf(goos, goarch, false)
		require.NoError(t, err)
		assert.Equal(t, pkg+"@"+libraryVersion, p.spec())
	}
}

func TestOtherPlatformsAreToldWhatToDo(t *testing.T) {
	for _, system := range []struct {
		goos, goarch string
		musl         bool
	}{{"windows", "amd64", false}, {"linux", "riscv64", false}, {"freebsd", "amd64", false}, {"linux", "amd64", true}} {
		_, err := platformOf(system.goos, system.goarch, system.musl)
		assert.ErrorContains(t, err, system.goos+"/"+system.goarch)
		assert.ErrorContains(t, err, "set CLICKHOUSE_ENDPOINT to the address of a ClickHouse server")
		assert.ErrorContains(t, err, "or put a clickhouse binary on the PATH")
	}
}

func TestMuslIsTheLoaderThatIsAlone(t *testing.T) {
	for want, loaders := range map[bool][][]string{
		true:  {{"lib/ld-musl-x86_64.so.1"}},
		false: {{}, {"lib64/ld-linux-x86-64.so.2"}, {"lib/ld-linux-aarch64.so.1"}, {"lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2"}},
	} {
		for _, present := range loaders {
			root := t.TempDir()
			for _, loader := range present {
				require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, loader)), 0o700))
				require.NoError(t, os.WriteFile(filepath.Join(root, loader), nil, 0o600))
			}
			assert.Equal(t, want, hasMusl(root), present)
		}
	}
}
