package directory

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// parser reads users from the content of a file.
type parser func(data []byte, b *builder) *ParseError

// parsers are the formats, by the extension of the file's name.
var parsers = map[string]parser{".yaml": parseYAML, ".yml": parseYAML, ".json": parseJSON, ".csv": parseCSV}

// CheckPath reports what is wrong with a path, nil where its extension names a format.
func CheckPath(path string) error {
	if parsers[strings.ToLower(filepath.Ext(path))] == nil {
		return fmt.Errorf("path %q must end in .yaml, .yml, .json or .csv", path)
	}
	return nil
}

// parse builds the table of a file with the given name.
func parse(path string, data []byte) (*table, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // the byte order mark that spreadsheets write
	if !utf8.Valid(data) {
		return nil, &ParseError{Line: lineOf(data, invalidAt(data)), Problem: "must be UTF-8"}
	}
	b := newBuilder()
	if err := parsers[strings.ToLower(filepath.Ext(path))](data, b); err != nil {
		return nil, err
	}
	return b.table, nil
}

// lineOf gives the line, from 1, of the byte at offset.
func lineOf(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(offset, len(data))], []byte("\n"))
}

// invalidAt gives the offset of the first byte that is not UTF-8.
func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}
