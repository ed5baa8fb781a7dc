package redact

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Keys of audit.withheld that are not names of attributes. An attribute of that name gets the prefix.
const (
	keyBody   = "body"       // the body
	keyRest   = "attributes" // the attributes beyond MaxNodes, together
	keyPrefix = "attributes."
)

// held is an entry of audit.withheld.
type held struct{ key, standIn string }

// hold notes the stand-in for an attribute that is to be removed, which is what it reports. Where the level
// keeps no stand-ins there is none.
func (w *walker) hold(name string, v pcommon.Value, reason Reason) (remove bool) {
	w.report(reason)
	if !w.capture.withheld {
		return true
	}
	w.buf = w.appendStandIn(w.buf[:0], v)
	w.withheld = append(w.withheld, held{w.heldKey(name, reason), string(w.buf)})
	return true
}

// heldKey gives the key of audit.withheld for a name.
func (w *walker) heldKey(name string, reason Reason) string {
	if _, known := audit.Lookup(name); known || name == keyBody && reason == BodyWithheld {
		return name
	}
	if !isAttributeName(name) {
		return w.same.key(string(w.r.mask.AppendPseudonym(nil, name)))
	}
	if name == keyBody || name == keyRest {
		return keyPrefix + name
	}
	return name
}

// putWithheld puts what was withheld.
func (w *walker) putWithheld(attrs pcommon.Map) {
	if w.restLen > 0 {
		head := appendHead(nil, typeNames[pcommon.ValueTypeMap], w.restLen)
		w.withheld = append(w.withheld, held{keyRest, string(w.r.mask.AppendPseudonym(head, string(w.rest)))})
	}
	if len(w.withheld) == 0 {
		return
	}
	m := attrs.PutEmptyMap(audit.AttrWithheld)
	m.EnsureCapacity(len(w.withheld))
	for _, h := range w.withheld {
		m.PutStr(h.key, h.standIn)
	}
}
