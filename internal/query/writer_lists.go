package query

// open starts a list. tight: no space before the bracket. fold: elements that are literals only are folded.
func (w *writer) open(bracket byte, tight, fold bool) {
	if w.signAt >= 0 {
		w.mix()
	}
	if !tight {
		w.space()
	}
	w.out = append(w.out, bracket)
	w.end = endOpen
	w.frames = append(w.frames, frame{element: len(w.out), fold: fold})
}

// comma ends an element of a list.
func (w *writer) comma() {
	w.signAt = -1
	f := &w.frames[len(w.frames)-1]
	w.endElement(f)
	f.element = len(w.out)
	f.items, f.mixed = 0, false
	w.out = append(w.out, ',')
	w.end = endWord
}

// endElement drops the element just written if the list has told its shape already.
func (w *writer) endElement(f *frame) {
	f.any = f.any || f.mixed
	if !f.fold || f.mixed {
		return
	}
	element := trimElement(w.out[f.element:])
	bare := len(element) == 1 && f.items == 1
	if bare && f.plain || f.prevEnd > 0 && string(element) == string(trimElement(w.out[f.prev:f.prevEnd])) {
		w.out = w.out[:f.element]
		return
	}
	f.prev, f.prevEnd = f.element, len(w.out)
	f.plain = f.plain || bare
}

// trimElement cuts the comma and the space in front of an element.
func trimElement(e []byte) []byte {
	for len(e) > 0 && (e[0] == ',' || e[0] == ' ') {
		e = e[1:]
	}
	return e
}

// close ends the innermost list; it must not be called at depth 0. In the list around, a list of literals only counts as
// a literal.
func (w *writer) close(bracket byte) {
	w.signAt = -1
	f := &w.frames[len(w.frames)-1]
	w.endElement(f)
	mixed := f.any
	w.frames = w.frames[:len(w.frames)-1]
	outer := &w.frames[len(w.frames)-1]
	outer.mixed = outer.mixed || mixed
	outer.items += 2 // a list is not a bare placeholder
	w.out = append(w.out, bracket)
	w.end = endWord
}

// openRows starts a list that has no brackets of its own, such as the rows of VALUES; closeRows ends it.
func (w *writer) openRows() {
	w.frames = append(w.frames, frame{element: len(w.out), fold: true})
}

func (w *writer) closeRows() {
	f := &w.frames[len(w.frames)-1]
	w.endElement(f)
	w.frames = w.frames[:len(w.frames)-1]
	w.frames[len(w.frames)-1].mixed = true
}

// separator ends a statement or a stage of a pipeline: ';' follows without a space, '|' has one.
func (w *writer) separator(sep string, tight bool) {
	w.mix()
	if !tight {
		w.space()
	}
	w.out = append(w.out, sep...)
	w.end = endWord
}

// noFold ends the folding of the innermost list: it turned out not to be one of values.
func (w *writer) noFold() { w.frames[len(w.frames)-1].fold = false }
