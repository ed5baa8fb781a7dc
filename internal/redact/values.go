package redact

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/redact/detect"
)

// secretValue stands for a value whose key says that it is a secret.
const secretValue = "[secret:password]"

// secrets replaces what stands under a key that is the name of a secret, and the value of a pair such as
// {"name": "password", "value": "x"}: values that stay have to be looked at one by one, and such a one may look like any word.
func (w *walker) secrets(m pcommon.Map) {
	pair := false
	for k, v := range m.All() {
		if detect.SecretName(k) {
			w.secret(v)
		}
		pair = pair || (k == "name" || k == "key") && v.Type() == pcommon.ValueTypeStr && detect.SecretName(v.Str())
	}
	if !pair {
		return
	}
	for k, v := range m.All() {
		if k != "name" && k != "key" {
			w.secret(v)
		}
	}
}

func (w *walker) secret(v pcommon.Value) {
	if v.Type() == pcommon.ValueTypeEmpty {
		return
	}
	w.report(SecretValue)
	v.SetStr(secretValue)
}
