// Command clickhouse starts a ClickHouse for people, prints where it listens, and stops it at Ctrl-C. Its data stays and is
// there at the next start.
//
// Which ClickHouse that is, and with which ports, is told by package clickhouselocal and its environment variables.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/otelaudit/otelaudit/internal/clickhouselocal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "clickhouse:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	options, err := parseArgs(args)
	if err != nil {
		return err
	}
	server, err := clickhouselocal.Start(ctx, options)
	if err != nil {
		return err
	}
	describe(out, server)
	if server.External() {
		return nil
	}
	select {
	case <-server.Exited():
		return fmt.Errorf("the server has ended by itself; its log is %s", server.LogPath())
	case <-ctx.Done():
		say(out, "stopping")
		return server.Stop(context.WithoutCancel(ctx))
	}
}

func parseArgs(args []string) (clickhouselocal.Options, error) {
	options, err := clickhouselocal.FromEnv()
	if err != nil {
		return options, err
	}
	cache, err := clickhouselocal.CacheDir()
	if err != nil {
		return options, err
	}
	flags := flag.NewFlagSet("clickhouse", flag.ContinueOnError)
	flags.StringVar(&options.DataDir, "data-dir", filepath.Join(cache, "clickhouse-data"), "directory of the data, configuration and logs")
	flags.BoolVar(&options.QueryLog, "query-log", true, "keep system.query_log")
	if err := flags.Parse(args); err != nil {
		return options, err
	}
	if flags.NArg() > 0 {
		return options, errors.New("arguments are not understood: only flags are")
	}
	return options, nil
}

func describe(out io.Writer, server *clickhouselocal.Server) {
	line := func(what, value string) { say(out, "  %-10s %s", what, value) }
	say(out, "ClickHouse answers:")
	if address := server.NativeAddr(); address != "" {
		line("native", address)
	}
	if url := server.HTTPURL(); url != "" {
		line("HTTP", url)
		line("SQL", url+"/play")
		line("dashboard", url+"/dashboard")
	}
	line("user", server.User())
	for _, note := range server.Notes() {
		line("note", note)
	}
	if server.External() {
		line("", "named by "+clickhouselocal.EnvEndpoint+"; nothing was started")
		return
	}
	line("data", server.DataDir())
	line("log", server.LogPath())
	say(out, "Ctrl-C stops it; the data stays.")
}

// say writes a line for people; what cannot be written to a closed terminal is nobody's loss.
func say(out io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(out, format+"\n", args...)
}
