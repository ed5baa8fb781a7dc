package clickhouselocal

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const modulePath = "github.com/otelaudit/otelaudit"

// CacheDir is the directory for what is fetched and built: that of OTELAUDIT_CACHE, or .cache of the checkout this runs in,
// or the user's cache directory.
func CacheDir() (string, error) {
	if dir := os.Getenv(EnvCache); dir != "" {
		return filepath.Abs(dir)
	}
	if root, ok := checkout(); ok {
		return filepath.Join(root, ".cache"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", advise(fmt.Errorf("no directory for ClickHouse's library: %w", err), "set %s to a directory", EnvCache)
	}
	return filepath.Join(dir, "otelaudit"), nil
}

// checkout finds the root of this module's source: above the working directory, or where this file was compiled.
func checkout() (string, bool) {
	if dir, err := os.Getwd(); err == nil {
		if root, ok := moduleRoot(dir); ok {
			return root, true
		}
	}
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", false
	}
	return moduleRoot(filepath.Dir(file))
}

// moduleRoot is the nearest directory at or above dir that holds this module's go.mod.
func moduleRoot(dir string) (string, bool) {
	for {
		if isModule(filepath.Join(dir, "go.mod")) {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

func isModule(goMod string) bool {
	file, err := os.Open(goMod)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "module "+modulePath {
			return true
		}
	}
	return false
}
