package auditreceiver

import (
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/profile"
)

// explain makes a canonical event of a product's, and keeps the canonical form of the record as it came for the hash and the
// signature. The error says why nothing explains the record.
func (s *sifting) explain(of *group, lr plog.LogRecord) *audit.FieldError {
	var err *audit.FieldError
	event := audit.Event{Resource: of.attrs, Record: lr}
	s.product, *s.canonical, err = s.in.profiles().Explain(event, s.received, (*s.canonical)[:0])
	return err
}

// mark sends a record that nothing explains on its way to quarantine. What is in its body is withheld on the way there, as
// every body is.
func mark(lr plog.LogRecord, err *audit.FieldError) {
	attrs := lr.Attributes()
	attrs.PutStr(audit.AttrQuarantineReason, audit.QuarantineUnexplained)
	attrs.PutStr(audit.AttrQuarantineField, err.Field)
}

// products are the profiles of the records that were kept, in their order: nil for those that came canonical. It is empty
// where all of them did.
type products struct {
	kept int
	of   []*profile.Profile
}

func (p *products) add(product *profile.Profile) {
	p.kept++
	if product == nil && p.of == nil {
		return
	}
	for len(p.of) < p.kept-1 {
		p.of = append(p.of, nil)
	}
	p.of = append(p.of, product)
}

// tell says on the resources from which products the records came.
func (p *products) tell(logs plog.Logs) {
	if p.of == nil {
		return
	}
	at := -1
	profile.Separate(logs, func(plog.LogRecord) *profile.Profile {
		at++
		return p.of[at]
	})
}
