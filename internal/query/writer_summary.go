package query

import (
	"bytes"

	"github.com/cespare/xxhash/v2"
)

// forget drops all that was told of targets, and of the summary all but the first length bytes.
func (w *writer) forget(length int) {
	w.summary = w.summary[:length]
	w.names, w.ends, w.hashes = w.names[:0], w.ends[:0], w.hashes[:0]
}

// verb adds an operation to the summary.
func (w *writer) verb(word string) {
	w.scratch = append(w.scratch[:0], word...)
	w.summarise(w.scratch)
}

// mark is where the next word will start in the output: the argument of target.
func (w *writer) mark() int {
	if w.end >= endWord {
		return len(w.out) + 1
	}
	return len(w.out)
}

// target adds the name that was written from mark on to the summary and, if dataset is set, to the datasets.
func (w *writer) target(mark int, dataset bool) {
	if mark >= len(w.out) {
		return
	}
	w.scratch = w.appendUnquoted(w.scratch[:0], w.out[mark:])
	if len(w.scratch) == 0 {
		return
	}
	w.summarise(w.scratch)
	if dataset {
		w.dataset(w.scratch)
	}
}

// appendUnquoted appends a written name without its quotes.
func (w *writer) appendUnquoted(dst, name []byte) []byte {
	open, closing := w.syntax.quoteOpen, w.syntax.quoteClose
	if open == "" || bytes.IndexByte(name, open[0]) < 0 {
		return append(dst, name...)
	}
	for i := 0; i < len(name); {
		switch rest := name[i:]; {
		case open != "" && len(rest) >= len(open) && string(rest[:len(open)]) == open:
			i += len(open)
		case closing != "" && len(rest) >= len(closing) && string(rest[:len(closing)]) == closing:
			i += len(closing)
		default:
			dst = append(dst, name[i])
			i++
		}
	}
	return dst
}

// summarise appends a word to the summary, as long as all of it fits.
func (w *writer) summarise(word []byte) {
	if w.summaryFull || len(w.summary)+1+len(word) > MaxSummary {
		w.summaryFull = true
		return
	}
	if len(w.summary) > 0 {
		w.summary = append(w.summary, ' ')
	}
	w.summary = append(w.summary, word...)
}

// dataset adds a name to the datasets, once.
func (w *writer) dataset(name []byte) {
	if len(w.ends) == maxDatasets {
		return
	}
	hash := xxhash.Sum64(name)
	for _, h := range w.hashes {
		if h == hash {
			return
		}
	}
	w.names = append(w.names, name...)
	w.ends, w.hashes = append(w.ends, len(w.names)), append(w.hashes, hash)
}

// datasetList is the datasets, in the order of the text.
func (w *writer) datasetList() [][]byte {
	start := 0
	for _, end := range w.ends {
		w.datasets = append(w.datasets, w.names[start:end:end])
		start = end
	}
	return w.datasets
}
