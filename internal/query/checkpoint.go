package query

// checkpoint is a place in what was written. A reader takes one where the first string of a text begins: if the text turns
// out to be none of its language, a quote may have been read wrongly, and then what was taken for a name behind that place
// may be the content of a string.
type checkpoint struct {
	out, summary, names, ends int
	taken                     bool
}

// take notes the place that the writer has come to, the first time it is called.
func (c *checkpoint) take(w *writer) {
	if !c.taken {
		*c = checkpoint{len(w.out), len(w.summary), len(w.names), len(w.ends), true}
	}
}

// rewind drops what was written behind the place, if there is one.
func (c *checkpoint) rewind(w *writer) {
	if !c.taken {
		return
	}
	w.out = w.out[:min(c.out, len(w.out))]
	w.summary, w.names, w.ends, w.hashes = w.summary[:c.summary], w.names[:c.names], w.ends[:c.ends], w.hashes[:c.ends]
}
