package redact

import "strings"

// appendFrames appends the lines of a stack trace without what differs between two runs of the same code: line numbers,
// addresses, arguments and spacing, and, on lines that are no frames, what follows the first colon, which is the message. Traces
// of Java, .NET, JavaScript, Python, Ruby and Go that have the same frames thus come out the same.
func appendFrames(dst []byte, trace string) []byte {
	for line := range strings.Lines(trace) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if !isFrame(line) {
			if end := strings.IndexByte(line, ':'); end >= 0 {
				line = line[:end]
			}
		}
		dst = append(appendWithoutNumbers(dst, line), '\n')
	}
	return dst
}

// isFrame reports whether a line names a place in the code.
func isFrame(line string) bool {
	for _, prefix := range [...]string{"at ", "File \"", "from ", "in ", "/", "#"} {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return strings.Contains(line, ".go:") || strings.HasSuffix(line, ")") && !strings.Contains(line, ": ")
}

// appendWithoutNumbers leaves out digits, and hexadecimal numbers as a whole.
func appendWithoutNumbers(dst []byte, line string) []byte {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '0' && i+1 < len(line) && line[i+1] == 'x':
			for i += 2; i < len(line) && isHexDigit(line[i]); {
				i++
			}
			i--
		case c >= '0' && c <= '9':
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
