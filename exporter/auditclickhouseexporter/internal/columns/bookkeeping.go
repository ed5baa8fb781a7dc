package columns

import "time"

// ledgerDefinitions lists every column that the exporter writes to `ledger`.
var ledgerDefinitions = []definition{
	{"hour", second, ""},
	{"collector", text, ""},
	{"tenant_id", text, ""},
	{"source", text, ""},
	{"kind", text, ""},
	{"reason", text, ""},
	{"events", unsigned, ""},
}

// LedgerRow says how many events of one kind there were in an hour.
type LedgerRow struct {
	Hour      time.Time
	Collector string // name of the block log
	Tenant    string
	Source    string // service.name
	Kind      string // received, duplicate …
	Reason    string // a code, empty where the kind says it all
	Events    uint64
}

// LedgerBuilder turns counts into blocks of `ledger`. Like a [Builder] it is reused and serves one goroutine.
type LedgerBuilder struct{ assembly }

// NewLedgerBuilder makes a builder of blocks of `ledger`.
func NewLedgerBuilder(compression string) *LedgerBuilder {
	return &LedgerBuilder{newAssembly(TableLedger, compression)}
}

// Add adds a row to the open block.
func (b *LedgerBuilder) Add(r LedgerRow) {
	b.put([]cell{
		{num: r.Hour.Unix()},
		{text: r.Collector},
		{text: r.Tenant},
		{text: r.Source},
		{text: r.Kind},
		{text: r.Reason},
		{num: int64(r.Events)},
	})
}

// manifestDefinitions lists every column that the exporter writes to `blocks`.
var manifestDefinitions = []definition{
	{"token", text, ""},
	{"table", text, ""},
	{"collector", text, ""},
	{"rows", unsigned, ""},
	{"digest", unsigned, ""},
	{"first_block", unsigned, ""},
	{"last_block", unsigned, ""},
	{"first_received_at", instant, ""},
	{"last_received_at", instant, ""},
}

// ManifestRow says what an insert has put into a table: what must be there.
type ManifestRow struct {
	Token         string
	Table         string
	Collector     string // name of the block log
	Rows          uint64
	Digest        uint64 // as in [Header]
	FirstBlock    uint64
	LastBlock     uint64
	FirstReceived int64 // Unix nanoseconds
	LastReceived  int64
}

// ManifestBuilder turns these into blocks of `blocks`. Like a [Builder] it is reused and serves one goroutine.
type ManifestBuilder struct{ assembly }

// NewManifestBuilder makes a builder of blocks of `blocks`.
func NewManifestBuilder(compression string) *ManifestBuilder {
	return &ManifestBuilder{newAssembly(TableBlocks, compression)}
}

// Add adds a row to the open block.
func (b *ManifestBuilder) Add(r ManifestRow) {
	b.put([]cell{
		{text: r.Token},
		{text: r.Table},
		{text: r.Collector},
		{num: int64(r.Rows)},
		{num: int64(r.Digest)},
		{num: int64(r.FirstBlock)},
		{num: int64(r.LastBlock)},
		{num: r.FirstReceived},
		{num: r.LastReceived},
	})
}
