package redact

import (
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// MaxNameBytes is the length of the longest name or id.
const MaxNameBytes = 1024

// leaf applies an action to a value that is neither map nor list nor empty.
func (w *walker) leaf(v pcommon.Value, a Action) {
	switch a {
	case SkeletonOf:
		w.skeleton(v)
	case Pseudonymize:
		w.report(Pseudonymized)
		w.content = appendContent(w.content[:0], v, 0)
		w.buf = w.r.mask.AppendPseudonym(w.buf[:0], string(w.content))
		v.SetStr(string(w.buf))
	case MaskAddress:
		w.maskAddress(v)
	case Bucket:
		w.bucket(v)
	default:
		w.masked(v, a)
	}
}

// refuse puts a stand-in where a value stands.
func (w *walker) refuse(v pcommon.Value, reason Reason) {
	w.report(reason)
	w.buf = w.appendStandIn(w.buf[:0], v)
	v.SetStr(string(w.buf))
}

// skeleton replaces a value by the name of its type, or, where it is one personal value, by its pseudonym.
func (w *walker) skeleton(v pcommon.Value) {
	w.report(Skeleton)
	text := ""
	switch v.Type() {
	case pcommon.ValueTypeStr:
		text = v.Str()
	case pcommon.ValueTypeInt, pcommon.ValueTypeDouble:
		w.content = appendContent(w.content[:0], v, 0)
		text = string(w.content)
	default:
	}
	if class, whole := detect.Whole(text); whole {
		w.found(class)
		w.buf = w.r.mask.AppendValue(w.buf[:0], class, text)
		v.SetStr(string(w.buf))
		return
	}
	v.SetStr(typeNames[v.Type()])
}

// masked replaces personal values and secrets in a text, and numbers that are one. Bytes cannot be looked into.
func (w *walker) masked(v pcommon.Value, a Action) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		if text, changed := w.text(v.Str(), a); changed {
			v.SetStr(text)
		}
	case pcommon.ValueTypeInt:
		if text, changed := w.text(strconv.FormatInt(v.Int(), 10), a); changed {
			v.SetStr(text)
		}
	case pcommon.ValueTypeDouble:
		if text, changed := w.text(string(appendNumber(nil, v.Double())), a); changed {
			v.SetStr(text)
		}
	case pcommon.ValueTypeBytes:
		w.refuse(v, WrongType)
	default:
	}
}

// text applies Actor, Mask or Name to a text.
func (w *walker) text(text string, a Action) (out string, changed bool) {
	if a == Name && !isName(text) {
		w.report(NotAName)
		return textStandIn(w.r.mask, text), true
	}
	scope := detect.All
	if a == Actor {
		scope = detect.Secrets
	}
	var counts detect.Counts
	var ok bool
	w.buf, changed, ok = w.r.mask.Append(w.buf[:0], text, scope, &counts)
	if !ok {
		w.report(TooLarge)
		return textStandIn(w.r.mask, text), true
	}
	if !changed {
		return "", false
	}
	for class, n := range counts {
		if n > 0 {
			w.found(detect.Class(class))
		}
	}
	return string(w.buf), true
}

func (w *walker) found(class detect.Class) {
	if class.Secret() {
		w.report(SecretValue)
	} else {
		w.report(PersonalValue)
	}
}

// isName reports whether a text can be a name or an id.
func isName(text string) bool {
	if len(text) > MaxNameBytes {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			return false
		}
	}
	return true
}
