package clickhouselocal

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// What an error quotes of each log at most: lines, found in so many bytes at its end.
const (
	tailLines = 15
	tailBytes = 32 << 10
)

// stackFrame is a line of a stack trace, which says nothing without ClickHouse's symbols.
var stackFrame = regexp.MustCompile(`^\d+\. .* @ 0x`)

// explain adds the end of the process's output and of ClickHouse's log to an error.
func (s *Server) explain(err error) error {
	for _, path := range []string{s.paths.Output, s.paths.Log} {
		if tail := tailOf(path); tail != "" {
			err = fmt.Errorf("%w\n--- end of %s\n%s", err, path, tail)
		}
	}
	return err
}

// tailOf returns the last whole lines of a file; nothing when there are none or it cannot be read.
func tailOf(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	start := max(0, info.Size()-tailBytes)
	text, err := io.ReadAll(io.NewSectionReader(file, start, tailBytes))
	if err != nil {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if start > 0 {
		lines = lines[1:]
	}
	lines = slices.DeleteFunc(lines, func(line string) bool {
		return strings.TrimSpace(line) == "" || stackFrame.MatchString(line)
	})
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
