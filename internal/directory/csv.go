package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// parseCSV reads RFC 4180 with a line of column names. Columns are named in errors by position: a file without that line has
// values there.
func parseCSV(data []byte, b *builder) *ParseError {
	r := csv.NewReader(bytes.NewReader(data))
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return &ParseError{Line: 1, Problem: "must begin with the names of the columns"}
	} else if err != nil {
		return csvError(err)
	}
	columns := make([]string, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		if !isField(name) {
			return &ParseError{Line: 1, Problem: fmt.Sprintf("column %d %s", i+1, unknownField)}
		}
		if seen[name] {
			return &ParseError{Line: 1, Field: name, Problem: twice}
		}
		columns[i] = fieldNames[indexOf(name)]
		seen[name] = true
	}
	if !seen[fieldID] {
		return &ParseError{Line: 1, Field: fieldID, Problem: "required"}
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return csvError(err)
		}
		var u User
		for i, cell := range cells {
			if problem := u.setCell(columns[i], cell); problem != "" {
				line, _ := r.FieldPos(i)
				return &ParseError{Line: line, Field: columns[i], Problem: problem}
			}
		}
		if field, problem := b.add(u); problem != "" {
			line, _ := r.FieldPos(0)
			return &ParseError{Line: line, Field: field, Problem: problem}
		}
	}
}

func indexOf(field string) int {
	for i, f := range fieldNames {
		if f == field {
			return i
		}
	}
	return -1
}

func (u *User) setCell(field, cell string) (problem string) {
	if cell == "" {
		return ""
	}
	if to := u.text(field); to != nil {
		if len(cell) > maxTextBytes {
			return tooLong
		}
		*to = cell
		return ""
	}
	if to := u.list(field); to != nil {
		for item := range strings.SplitSeq(cell, ";") {
			item = strings.TrimSpace(item)
			switch {
			case item == "":
				continue
			case len(item) > maxTextBytes:
				return tooLong
			case len(*to) == maxListItems:
				return tooMany
			}
			*to = append(*to, item)
		}
		return ""
	}
	if to := u.when(field); to != nil {
		return setTime(to, cell, true)
	}
	switch cell {
	case "true":
		u.Active = Active
	case "false":
		u.Active = Inactive
	default:
		return notBool
	}
	return ""
}

func csvError(err error) *ParseError {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return &ParseError{Line: 1, Problem: "cannot be read"}
	}
	if errors.Is(err, csv.ErrFieldCount) {
		return &ParseError{Line: p.Line, Problem: "must have as many columns as the first line"}
	}
	return &ParseError{Line: p.Line, Problem: "not valid CSV: quotes do not match"}
}
