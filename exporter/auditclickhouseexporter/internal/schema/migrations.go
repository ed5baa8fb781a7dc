package schema

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed sql/*.sql
var files embed.FS

// Migration is one file of sql/.
type Migration struct {
	Number     int    // from 1, without gaps
	Name       string // the file's name without its number and extension
	Checksum   string // SHA-256 of the file, in hex
	Statements []string
}

// File is the file's name.
func (m Migration) File() string { return fmt.Sprintf("%04d_%s.sql", m.Number, m.Name) }

// record is the statement that notes a migration as applied, once. Name and checksum are words of this package.
func (m Migration) record() string {
	return fmt.Sprintf("INSERT INTO {database:Identifier}.schema_migrations (number, name, checksum) SELECT %d, '%s', '%s'\n"+
		"WHERE (SELECT count() FROM {database:Identifier}.schema_migrations WHERE number = %[1]d) = 0", m.Number, m.Name, m.Checksum)
}

// Migrations lists the files in their order, as they stand: for a single server, with the database as the parameter
// {database:Identifier}. see [Layout], and for clusters. It panics where a file is not named as it should be: the files are part of
// the binary, and a test reads them.
func Migrations() []Migration {
	entries, err := fs.ReadDir(files, "sql")
	if err != nil {
		panic(err)
	}
	migrations := make([]Migration, len(entries))
	for i, entry := range entries {
		text, err := fs.ReadFile(files, "sql/"+entry.Name())
		if err != nil {
			panic(err)
		}
		if migrations[i], err = parse(entry.Name(), string(text)); err != nil {
			panic(err)
		}
		if migrations[i].Number != i+1 {
			panic(entry.Name() + ": the numbers of migrations have a gap")
		}
	}
	return migrations
}

func parse(file, text string) (Migration, error) {
	digits, name, _ := strings.Cut(strings.TrimSuffix(file, ".sql"), "_")
	number, err := strconv.Atoi(digits)
	if err != nil || name == "" {
		return Migration{}, fmt.Errorf("%s: a migration is named NNNN_name.sql", file)
	}
	sum := sha256.Sum256([]byte(text))
	return Migration{Number: number, Name: name, Checksum: hex.EncodeToString(sum[:]), Statements: split(text)}, nil
}

// split cuts a file into statements: each ends with a semicolon at the end of a line. Comments stay with the statement
// that follows, so that the server's query log shows them.
func split(text string) []string {
	var statements []string
	var current strings.Builder
	for line := range strings.Lines(text) {
		current.WriteString(line)
		code, _, _ := strings.Cut(line, "--")
		if strings.HasSuffix(strings.TrimSpace(code), ";") {
			statements = append(statements, strings.TrimSpace(current.String()))
			current.Reset()
		}
	}
	return statements
}
