// Package statement reads SQL statements from files: one statement a file, and its first line is a comment that says what
// it answers.
package statement

import (
	"fmt"
	"io/fs"
	"strings"
)

// Statement is a file with one SQL statement.
type Statement struct {
	Name  string // of the file
	Title string // its first line, without the dashes
	SQL   string // the whole text
}

// ReadAll reads the *.sql files of a directory in the order of their names.
func ReadAll(files fs.FS) ([]Statement, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	list := make([]Statement, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		title, ok := strings.CutPrefix(first, "-- ")
		if !ok {
			return nil, fmt.Errorf("%s does not begin with a comment that says what it answers", name)
		}
		list = append(list, Statement{Name: name, Title: strings.TrimSpace(title), SQL: strings.TrimSpace(string(text))})
	}
	return list, nil
}
