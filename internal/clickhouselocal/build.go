package clickhouselocal

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// launcherSource is the program that loads the library. It is built apart, rather than run from the program that uses this
// package, so that no other program holds its machinery or needs a hook at its start.
//
//go:embed cmd/clickhouse-local-server/*.go
var launcherSource embed.FS

const launcherPackage = "internal/clickhouselocal/cmd/clickhouse-local-server"

// buildLauncher returns the path of the program that loads the library, which it builds when its source has changed.
func buildLauncher(ctx context.Context, cache string, progress *progress) (string, error) {
	digest, err := launcherDigest()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "clickhouse")
	target := filepath.Join(dir, "clickhouse-local-server-"+digest)
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", advise(err, "set %s to a directory that can be written", EnvCache)
	}
	release, err := lock(ctx, filepath.Join(dir, "build.lock"), progress)
	if err != nil {
		return "", err
	}
	defer release()
	if _, err := os.Stat(target); err == nil {
		return target, nil // another process was faster
	}
	if err := build(ctx, target); err != nil {
		return "", fmt.Errorf("build the program that runs ClickHouse's library: %w", err)
	}
	return target, nil
}

func build(ctx context.Context, target string) error {
	root, ok := checkout()
	if !ok {
		return advise(errors.New("its source is not here"), "run this inside a checkout of %s, or set %s", modulePath, elsewhere)
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return advise(err, "put go on the PATH, or set %s", elsewhere)
	}
	partial := target + ".partial"
	//nolint:gosec // go from the user's PATH, and a path below the user's cache directory
	command := exec.CommandContext(ctx, goCommand, "build", "-buildvcs=false", "-o", partial, "./"+launcherPackage)
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(output)))
	}
	return os.Rename(partial, target)
}

// launcherDigest changes with whatever the program is made from.
func launcherDigest() (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, runtime.GOOS, runtime.GOARCH, runtime.Version())
	err := fs.WalkDir(launcherSource, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := launcherSource.ReadFile(name)
		_, _ = fmt.Fprintln(sum, name, len(text))
		_, _ = sum.Write(text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:16], err
}
