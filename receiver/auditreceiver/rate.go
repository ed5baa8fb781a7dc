package auditreceiver

import (
	"math"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// maxRatedTenants bounds of how many tenants it is remembered what they sent. One that is forgotten begins with a full burst.
const maxRatedTenants = 10_000

// rates hold tenants to their limits. What came is counted after it has come, and a tenant that is over its burst waits
// until the rate has made up for it: so no request is too large to ever pass, and the rates hold over time.
type rates struct {
	limits    LimitsConfig
	overrides map[string]LimitsConfig

	mu   sync.Mutex
	used *simplelru.LRU[string, *usage]
}

// usage is what a tenant has left.
type usage struct {
	at             time.Time
	records, bytes float64 // below 0 it has to wait
}

func newRates(cfg *TenantConfig) *rates {
	used, err := simplelru.NewLRU[string, *usage](maxRatedTenants, nil)
	if err != nil {
		panic(err) // for a size below 1 only
	}
	r := &rates{limits: cfg.Limits, overrides: map[string]LimitsConfig{}, used: used}
	for _, override := range cfg.Overrides {
		r.overrides[override.Tenant] = override.LimitsConfig
	}
	return r
}

// Keys of the limits, for answers.
const (
	limitRecords = "tenant.limits.records_per_second"
	limitBytes   = "tenant.limits.bytes_per_second"
)

// wait gives how long a tenant has to wait, 0 where it need not, and which limit it is over.
func (r *rates) wait(tenant string, now time.Time) (time.Duration, string) {
	limits := r.of(tenant)
	if !limits.any() {
		return 0, ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	used := r.refilled(tenant, limits, now)
	records, bytes := debt(used.records, limits.RecordsPerSecond), debt(used.bytes, limits.BytesPerSecond)
	if bytes > records {
		return bytes, limitBytes
	}
	return records, limitRecords
}

// take counts what came.
func (r *rates) take(tenant string, records, bytes int, now time.Time) {
	limits := r.of(tenant)
	if !limits.any() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	used := r.refilled(tenant, limits, now)
	used.records -= float64(records)
	used.bytes -= float64(bytes)
}

func (r *rates) of(tenant string) LimitsConfig {
	limits, ok := r.overrides[tenant]
	if !ok {
		limits = r.limits
	}
	if limits.Burst == 0 {
		limits.Burst = defaultBurst
	}
	return limits
}

// refilled gives what a tenant has left by now.
func (r *rates) refilled(tenant string, limits LimitsConfig, now time.Time) *usage {
	burst := limits.Burst.Seconds()
	used, ok := r.used.Get(tenant)
	if !ok {
		used = &usage{at: now, records: limits.RecordsPerSecond * burst, bytes: limits.BytesPerSecond * burst}
		r.used.Add(tenant, used)
	}
	if elapsed := now.Sub(used.at).Seconds(); elapsed > 0 {
		used.at = now
		used.records = min(used.records+elapsed*limits.RecordsPerSecond, limits.RecordsPerSecond*burst)
		used.bytes = min(used.bytes+elapsed*limits.BytesPerSecond, limits.BytesPerSecond*burst)
	}
	return used
}

func (l LimitsConfig) any() bool { return l.RecordsPerSecond > 0 || l.BytesPerSecond > 0 }

// debt gives how long a rate takes to make up for what is missing.
func debt(left, perSecond float64) time.Duration {
	if perSecond == 0 || left >= 0 {
		return 0
	}
	return time.Duration(math.Ceil(-left / perSecond * float64(time.Second)))
}
