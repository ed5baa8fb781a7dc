package clickhouselocal

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// tailBytes bounds what an error quotes of each log.
const tailBytes = 3000

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
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	start := max(0, info.Size()-tailBytes)
	text, err := io.ReadAll(io.NewSectionReader(file, start, tailBytes))
	if err != nil {
		return ""
	}
	tail := string(text)
	if start > 0 {
		_, tail, _ = strings.Cut(tail, "\n")
	}
	return strings.TrimSpace(tail)
}
