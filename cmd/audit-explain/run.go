package main

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/explain"
	"github.com/otelaudit/otelaudit/internal/policy"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/query"
	"github.com/otelaudit/otelaudit/internal/redact"
)

// maxInput is how many bytes of events are read.
const maxInput = 16 << 20

// run explains the events on stdin, one after the other.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("audit-explain", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("policy", "", "`file` with the policy, as processors::audit::policy::file has it")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *path == "" {
		return errors.New("no policy: give -policy with the file of the processor's policy.file.path")
	}
	text, err := os.ReadFile(*path)
	if err != nil {
		return err
	}
	p, err := policy.Parse(text, "")
	if err != nil {
		return fmt.Errorf("%s: %w", *path, err)
	}
	logs, err := read(stdin)
	if err != nil {
		return err
	}
	redactor, err := newRedactor()
	if err != nil {
		return err
	}
	n := 0
	audit.Events(logs, func(event audit.Event) bool {
		n++
		err = write(stdout, n, explain.Event(p, redactor, event))
		return err == nil
	})
	return err
}

func read(stdin io.Reader) (plog.Logs, error) {
	input, err := io.ReadAll(io.LimitReader(stdin, maxInput+1))
	if err != nil {
		return plog.Logs{}, err
	}
	if len(input) > maxInput {
		return plog.Logs{}, fmt.Errorf("standard input has more than %d bytes", maxInput)
	}
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(bytes.TrimSpace(input))
	if err != nil || logs.LogRecordCount() == 0 {
		return plog.Logs{}, errors.New(`standard input must hold events as OTLP/JSON: {"resourceLogs": […]}`)
	}
	return logs, nil
}

// newRedactor gives one with the built-in table and a key of its own: what it makes is looked at and thrown away.
func newRedactor() (*redact.Redactor, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	keys, err := pseudonym.New("explain", map[string][]byte{"explain": secret})
	if err != nil {
		return nil, err
	}
	return redact.New(keys, nil, redact.NewRepresenter(keys, query.NamesKept), redact.NewPrompter(keys, false))
}

func write(to io.Writer, n int, r explain.Report) error {
	stored := "stored at the level " + r.Level
	if !r.Stored {
		stored = "not stored"
	}
	if _, err := fmt.Fprintf(to, "event %d: %s, by %s of %s\n", n, stored, r.Rule, r.Policy); err != nil {
		return err
	}
	for _, why := range r.Why {
		if _, err := fmt.Fprintf(to, "  - %s\n", why); err != nil {
			return err
		}
	}
	table := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	for _, a := range r.Attributes {
		_, _ = fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", a.Name, a.Became, cmp.Or(a.Reason, "-"), strings.Join(a.Into, " ")) // Flush says what fails
	}
	return table.Flush()
}
