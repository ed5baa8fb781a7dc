package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/otelaudit/otelaudit/internal/pseudonym"
	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// keyFiles are the values of -key, in their order.
type keyFiles map[string]string

func (k keyFiles) String() string { return "" }

func (k keyFiles) Set(value string) error {
	id, path, ok := strings.Cut(value, "=")
	if !ok || id == "" || path == "" {
		return errors.New("must be id=path")
	}
	k[id] = path
	return nil
}

// maxValue is the longest value that is looked up, in bytes.
const maxValue = 4096

// run writes the pseudonyms of the value on stdin, one a line for each key, or the query that finds them.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	keys := keyFiles{}
	flags := flag.NewFlagSet("audit-pseudonym", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Var(keys, "key", "`id=path` of a key of the processor; once for each key whose events are searched")
	sql := flags.Bool("sql", false, "write the query that finds the events instead")
	database := flags.String("database", "audit", "database of the query")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if len(keys) == 0 {
		return errors.New("no key: give -key id=path with the key files of the processor's pseudonyms.key_files")
	}
	input, err := io.ReadAll(io.LimitReader(stdin, maxValue+1))
	if err != nil {
		return err
	}
	value := strings.TrimSpace(string(input))
	if value == "" || len(value) > maxValue {
		return fmt.Errorf("standard input must hold one value of 1 to %d bytes", maxValue)
	}
	pseudonyms, err := lookUp(keys, value)
	if err != nil {
		return err
	}
	if *sql {
		_, err = fmt.Fprintln(stdout, query(*database, pseudonyms))
		return err
	}
	_, err = fmt.Fprintln(stdout, strings.Join(pseudonyms, "\n"))
	return err
}

// lookUp gives the pseudonym that the processor stores for a value under each key: that of an address, number or the like where it
// is one, else that of the text.
func lookUp(files keyFiles, value string) ([]string, error) {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(files)) {
		secret, err := pseudonym.ReadKeyFile(files[id])
		if err != nil {
			return nil, err
		}
		key, err := pseudonym.New(id, map[string][]byte{id: secret})
		if err != nil {
			return nil, err
		}
		out = append(out, string(detect.NewMasker(key).AppendPseudonym(nil, value)))
	}
	return out, nil
}

// searched are the columns in which a value of an event can have become a pseudonym.
var searched = []string{
	"message", "outcome_reason", "labels", "actor_id", "actor_on_behalf_of", "target_type", "target_id", "target_name", "change_before", "change_after",
	"details", "query_id", "operation_name", "query_parameters", "query_representation", "datasets", "workspace_id", "workspace_name",
	"branch_id", "branch_name", "function_name", "function_inputs", "function_outputs", "ai_prompt_representation", "attributes",
}

func query(database string, pseudonyms []string) string {
	texts := make([]string, len(searched))
	for i, column := range searched {
		texts[i] = "toString(" + column + ")"
	}
	return fmt.Sprintf("SELECT timestamp, tenant_id, event_name, action, outcome, actor_id, target_type, target_id, record_id\nFROM %s.events\nWHERE multiSearchAny(concatWithSeparator(' ', %s),\n    ['%s'])\nORDER BY timestamp",
		database, strings.Join(texts, ", "), strings.Join(pseudonyms, "', '"))
}
