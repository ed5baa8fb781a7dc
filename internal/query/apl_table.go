package query

// commitTable adds the name before the current token to the datasets if it stands where a table stands.
func (r *aplReader) commitTable(f *aplFrame) {
	if r.source < 0 || r.tok == aplPunct && r.op == '.' {
		return
	}
	is := false
	switch {
	case r.tok == aplPunct && r.op == '|':
		is = f.op == nil || f.tables
	case r.tok == aplEOF, r.tok == aplPunct && r.op == ';':
		is = f.tables || r.bare(f) && r.shaped
	case r.tok == aplPunct && (r.op == ')' || r.op == ','):
		is = f.tables
	case r.tok == aplName:
		is = f.tables
	case r.tok == aplPunct && r.op == '*' && f.tables:
		return
	}
	if is && !r.isBound() {
		r.w.target(r.source, true)
	}
	r.source = -1
}

// isBound says whether the table was named by a statement of the same text.
func (r *aplReader) isBound() bool {
	for _, l := range r.lets[:r.bound] {
		if r.s[l[0]:l[1]] == r.s[r.table[0]:r.table[1]] {
			return true
		}
	}
	return false
}

// bare says whether the statement has been nothing but a name so far: an operator behind it makes it no query.
func (r *aplReader) bare(f *aplFrame) bool { return f.kind == aplTop && f.op == nil && !f.let }

// begin remembers the current token as a name that may turn out to be that of a table.
func (r *aplReader) begin(mark int) {
	r.source, r.table = mark, [2]int{r.start, r.end}
}

// bind remembers the current token as a name that is no table.
func (r *aplReader) bind() {
	if r.bound < aplLets {
		r.lets[r.bound] = [2]int32{int32(r.start), int32(r.end)}
		r.bound++
	}
}
