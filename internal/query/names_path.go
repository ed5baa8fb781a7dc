package query

// word writes a name that stands bare. It does what name does, faster for the names that most queries are made of: letters
// and underscores only.
func (w *writer) word(name string) {
	if w.opts.Names != NamesKept || !isPlainName(name) {
		w.name(name, false)
		return
	}
	w.mix()
	w.space()
	w.out = append(w.out, name...)
	w.end = endWord
}

// isPlainName says whether a name is kept as it is: it looks like a name and has no digits to mask.
func isPlainName(name string) bool {
	if len(name) > maxName {
		return false
	}
	for i := 0; i < len(name); i++ {
		if !plainNameBytes[name[i]] {
			return false
		}
	}
	return name != ""
}

var plainNameBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = isLetter(byte(c)) || c == '_'
	}
	return is
}()

// path writes a name that has parts, such as `service.name` or `job:requests:rate5m`. It is kept as a whole if each of its
// parts looks like a name, a first part that is empty aside.
func (w *writer) path(name string, separator byte, reserved bool) {
	if w.opts.Names != NamesKept || isPseudonym(name) || !looksLikePath(name, separator) {
		w.name(name, reserved)
		return
	}
	w.mix()
	w.space()
	if reserved {
		w.out = append(w.out, w.syntax.quoteOpen...)
	}
	w.out = appendMasked(w.out, name)
	if reserved {
		w.out = append(w.out, w.syntax.quoteClose...)
	}
	w.end = endWord
}

// looksLikePath says whether each part of a name between separators looks like a name.
func looksLikePath(name string, separator byte) bool {
	if len(name) > 2*maxName {
		return false
	}
	for start, i := 0, 0; i <= len(name); i++ {
		if i == len(name) || name[i] == separator {
			leading := i == 0 && name != ""
			if !leading && !looksLikeName(name[start:i]) {
				return false
			}
			start = i + 1
		}
	}
	return true
}
