package auditreceiver

import (
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/integrity"
)

// counts are what one request adds to the ledger. Whoever keeps a ledger at the end of the pipeline makes them durable
// together with the records, so a request that fails there counts nowhere: it will come again.
type counts struct {
	tally  audit.Tally
	source string
	tenant string
	n      uint64 // records of this tenant that are not in the tally yet
}

// resource begins the records of a resource.
func (c *counts) resource(attrs pcommon.Map, err *audit.FieldError) {
	c.flush()
	c.source = ""
	if v, ok := attrs.Get(audit.AttrServiceName); ok && err == nil {
		c.source = v.AsString()
	}
}

// received counts a good record under its tenant.
func (c *counts) received(tenant string) {
	if tenant != c.tenant {
		c.flush()
		c.tenant = tenant
	}
	c.n++
}

// rejected counts a record that is refused. It counts under no tenant, because what a bad record claims is not to be
// trusted with a row of its own.
func (c *counts) rejected(reason recordReason) {
	c.tally.Add(audit.CountKey{Source: c.source, Kind: audit.KindReceived}, 1)
	c.tally.Add(audit.CountKey{Source: c.source, Kind: audit.KindRejected, Reason: recordReasons[reason].label}, 1)
}

// warned counts a good record that is not where it should be in its stream.
func (c *counts) warned(tenant string, warning integrity.Warning) {
	c.tally.Add(audit.CountKey{Tenant: tenant, Source: c.source, Kind: audit.KindWarning, Reason: string(warning)}, 1)
}

// reasonRequest is the reason in the ledger for a good record that was refused with the others of its request.
const reasonRequest = "request"

// refusedWhole gives the counts where the good records are refused with the others.
func (c *counts) refusedWhole() *audit.Tally {
	good := map[audit.CountKey]uint64{}
	out := &audit.Tally{}
	c.tally.Each(func(key audit.CountKey, n uint64) {
		of := audit.CountKey{Tenant: key.Tenant, Source: key.Source, Kind: audit.KindRejected, Reason: reasonRequest}
		switch key.Kind {
		case audit.KindReceived:
			good[of] += n
		case audit.KindRejected:
			good[of] -= n
		default:
			return
		}
		out.Add(key, n)
	})
	for key, n := range good {
		if n > 0 {
			out.Add(key, n)
		}
	}
	return out
}

func (c *counts) flush() {
	if c.n > 0 {
		c.tally.Add(audit.CountKey{Tenant: c.tenant, Source: c.source, Kind: audit.KindReceived}, c.n)
	}
	c.n = 0
}

// backlog keeps the counts of requests of which no record was left to hand on, until the next request takes them along.
type backlog struct {
	mu     sync.Mutex
	counts map[audit.CountKey]uint64
}

// maxBacklog bounds the backlog: sources beyond are counted together.
const maxBacklog = 1000

// put adds counts.
func (b *backlog) put(t *audit.Tally) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.counts == nil {
		b.counts = map[audit.CountKey]uint64{}
	}
	t.Each(func(key audit.CountKey, n uint64) {
		if _, known := b.counts[key]; !known {
			if len(b.counts) >= maxBacklog {
				key.Tenant, key.Source = "", ""
			}
			// The request's texts are parts of its body, which is not to be kept for their sake.
			key.Tenant, key.Source = strings.Clone(key.Tenant), strings.Clone(key.Source)
		}
		b.counts[key] += n
	})
}

// take moves everything to a tally.
func (b *backlog) take(t *audit.Tally) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, n := range b.counts {
		t.Add(key, n)
	}
	clear(b.counts)
}
