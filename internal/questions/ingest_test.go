package questions

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func isIngest(e event) bool { return e.IngestBytes != nil || e.IngestRecords != nil }

// bin is the beginning of the bin of so many seconds that a time lies in, by hours.
func bin(at time.Time, seconds int64) time.Time {
	return time.Unix(at.Truncate(time.Hour).Unix()/seconds*seconds, 0).UTC()
}

func TestIngestByDataset(t *testing.T) {
	type row struct {
		Tenant  string    `json:"tenant_id"`
		Time    time.Time `json:"time"`
		Dataset string    `json:"dataset"`
		GB      float64   `json:"ingest_gb"`
		Bytes   int64     `json:"ingest_bytes"`
		Records int64     `json:"ingest_records"`
	}
	for _, seconds := range []int64{900, 3600, 86400, 7 * 86400} {
		// Neither end is a full hour: the hours they lie in count.
		from, to := at(3, 90*time.Minute), at(20, 16*time.Hour+30*time.Second)
		bins := map[row]row{}
		for _, e := range within(from.Truncate(time.Hour), to.Add(time.Hour).Truncate(time.Hour), isIngest) {
			key := row{Tenant: e.Tenant, Time: bin(e.Time, seconds), Dataset: e.Target}
			sum := bins[key]
			sum.Bytes += value(e.IngestBytes)
			sum.Records += value(e.IngestRecords)
			bins[key] = sum
		}
		want := []row{}
		for key, sum := range bins {
			want = append(want, row{key.Tenant, key.Time, key.Dataset, float64(sum.Bytes) / (1 << 30), sum.Bytes, sum.Records})
		}
		assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.ingest_by_dataset(bin_seconds = {bin:UInt32}, from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`,
			params{"bin": seconds, "from": from, "to": to}), "bins of %d seconds", seconds)
	}
}

func TestIngestTotal(t *testing.T) {
	type row struct {
		Tenant  string    `json:"tenant_id"`
		Time    time.Time `json:"time"`
		GB      float64   `json:"ingest_gb"`
		Bytes   int64     `json:"ingest_bytes"`
		Records int64     `json:"ingest_records"`
	}
	want := []row{}
	for key, es := range groups(where(isIngest), func(e event) row { return row{Tenant: e.Tenant, Time: bin(e.Time, 86400)} }) {
		for _, e := range es {
			key.Bytes += value(e.IngestBytes)
			key.Records += value(e.IngestRecords)
		}
		key.GB = float64(key.Bytes) / (1 << 30)
		want = append(want, key)
	}
	assert.ElementsMatch(t, want, ask[row](t, `SELECT * FROM audit.ingest_total(bin_seconds = 86400, from = {from:DateTime64(9)}, to = {to:DateTime64(9)})`,
		params{"from": start, "to": today.Add(time.Hour)}))
}
