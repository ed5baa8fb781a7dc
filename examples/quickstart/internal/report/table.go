package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table is the answer to a statement, as text.
type Table struct {
	Columns []string
	numeric []bool
	Rows    [][]string
}

// parse reads ClickHouse's format JSONCompactStringsEachRowWithNamesAndTypes: a line of names, one of types, then rows.
func parse(answer string) (Table, error) {
	var lines [][]string
	decoder := json.NewDecoder(strings.NewReader(answer))
	for {
		var line []string
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Table{}, fmt.Errorf("read ClickHouse's answer: %w", err)
		}
		lines = append(lines, line)
	}
	if len(lines) < 2 {
		return Table{}, fmt.Errorf("read ClickHouse's answer: %d lines", len(lines))
	}
	t := Table{Columns: lines[0], Rows: lines[2:]}
	for _, kind := range lines[1] {
		kind = strings.TrimPrefix(kind, "Nullable(")
		t.numeric = append(t.numeric, strings.HasPrefix(kind, "Int") || strings.HasPrefix(kind, "UInt") || strings.HasPrefix(kind, "Float"))
	}
	return t, nil
}

// maxCell is how wide a cell is shown at most; the rest of a text is cut off.
const maxCell = 64

// text is the table with aligned columns, numbers to the right.
func (t Table) text() string {
	decimals := t.decimals()
	cells := make([][]string, 0, len(t.Rows)+1)
	cells = append(cells, t.Columns)
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, cell := range row {
			if t.numeric[i] {
				line[i] = group(cell, decimals[i])
			} else {
				line[i] = shorten(cell)
			}
		}
		cells = append(cells, line)
	}
	widths := make([]int, len(t.Columns))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	for _, line := range cells {
		var padded strings.Builder
		for i, cell := range line {
			padded.WriteString("  ")
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if t.numeric[i] {
				padded.WriteString(space + cell)
			} else {
				padded.WriteString(cell + space)
			}
		}
		out.WriteString(strings.TrimRight(padded.String(), " ") + "\n")
	}
	return out.String()
}

// decimals is how many digits after the point the numbers of each column need.
func (t Table) decimals() []int {
	digits := make([]int, len(t.Columns))
	for _, row := range t.Rows {
		for i, cell := range row {
			_, fraction, _ := strings.Cut(cell, ".")
			digits[i] = max(digits[i], len(fraction))
		}
	}
	return digits
}

// group puts a comma between thousands and fills the decimals up: 1234567.5 becomes 1,234,567.50.
func group(number string, decimals int) string {
	whole, fraction, _ := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals == 0 {
		return whole
	}
	return whole + "." + fraction + strings.Repeat("0", decimals-len(fraction))
}

// shorten makes a text one line that is not too long.
func shorten(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) <= maxCell {
		return string(line)
	}
	return string(line[:maxCell-1]) + "…"
}
