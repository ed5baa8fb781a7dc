package commit

import "go.opentelemetry.io/collector/pdata/pcommon"

// text gives a string attribute, empty where it is missing or of another type.
func text(attrs pcommon.Map, name string) string {
	if v, ok := attrs.Get(name); ok && v.Type() == pcommon.ValueTypeStr {
		return v.Str()
	}
	return ""
}
