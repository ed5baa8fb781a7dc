package clickhouselocal

import (
	"context"
	"os"
	"os/exec"
	"syscall"
)

// engine is a way to run ClickHouse with a configuration written by this package.
type engine interface {
	// command is the command that runs a server with the files of paths.
	command(p paths) *exec.Cmd
	// requestStop asks a running server to shut down cleanly.
	requestStop(p *process) error
}

// findEngine takes the clickhouse binary on the PATH, or else the library.
func findEngine(ctx context.Context, progress *progress) (engine, error) {
	if binary, err := exec.LookPath("clickhouse"); err == nil {
		return binaryEngine{binary: binary}, nil
	}
	platform, err := thisPlatform()
	if err != nil {
		return nil, err
	}
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	// What fails fast goes before the download.
	launcher, err := buildLauncher(ctx, cache, progress)
	if err != nil {
		return nil, err
	}
	f := fetcher{platform: platform, cache: cache, progress: progress, freeBytes: freeBytes}
	library, err := f.library(ctx)
	if err != nil {
		return nil, err
	}
	return libraryEngine{launcher: launcher, library: library}, nil
}

// binaryEngine is an installed ClickHouse.
type binaryEngine struct{ binary string }

func (e binaryEngine) command(p paths) *exec.Cmd {
	return &exec.Cmd{Path: e.binary, Args: []string{"clickhouse", "server", "--config-file=" + p.ServerConfig}}
}

func (binaryEngine) requestStop(p *process) error {
	return p.command.Process.Signal(syscall.SIGTERM)
}

// libraryEngine is libchdb, run by the program of cmd/clickhouse-local-server.
type libraryEngine struct{ launcher, library string }

func (e libraryEngine) command(p paths) *exec.Cmd {
	return &exec.Cmd{
		Path: e.launcher,
		Args: []string{e.launcher, e.library, "--config-file=" + p.ServerConfig, "--path=" + p.Data, "--log-level=information"},
		// clickhouse-local takes the system's time zone, whatever the configuration says.
		Env: append(os.Environ(), "TZ=UTC"),
	}
}

func (libraryEngine) requestStop(p *process) error {
	return p.input.Close()
}
