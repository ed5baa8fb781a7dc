package insert

import (
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/ledger"
	"github.com/otelaudit/otelaudit/internal/audit"
)

// refusedRow is a row that the database refuses for what is in it.
type refusedRow struct {
	rows   *columns.Rows // of which it is the only one
	digest uint64
	field  string // the name of the database's error
}

// rowKey tells the rows of a plan apart, as far as that is needed.
type rowKey struct {
	block int64
	id    string
}

func keyOf(rows *columns.Rows, row int) rowKey {
	return rowKey{rows.Int("block_id", row), rows.Text("record_id", row)}
}

// refuse notes the only row of a block as refused.
func (c *Carrier) refuse(j *job, block *columns.Sealed, field string) error {
	rows, err := columns.Open(block.Header, block.Data)
	if err != nil {
		return err
	}
	j.refused = append(j.refused, refusedRow{rows, block.Digest, field})
	j.facts.Rows--
	j.facts.Digest -= block.Digest
	return nil
}

// takeBack forgets which rows were refused.
func (j *job) takeBack() {
	for _, r := range j.refused {
		j.facts.Rows++
		j.facts.Digest += r.digest
	}
	j.refused = nil
}

// refusedRows counts the refused rows by what they are known by.
func (j *job) refusedRows() map[rowKey]int {
	counts := map[rowKey]int{}
	for _, r := range j.refused {
		counts[keyOf(r.rows, 0)]++
	}
	return counts
}

// quarantine makes the block of the refused rows.
func (j *job) quarantine(compression string) columns.Sealed {
	b := columns.NewQuarantineBuilder(compression)
	for _, r := range j.refused {
		b.AddRow(r.rows, 0, r.field)
	}
	return b.Seal()
}

// countRefused counts the refused rows in a note, by the hour of their receipt.
func (j *job) countRefused(note []byte) []byte {
	var deltas []ledger.Delta
	for _, r := range j.refused {
		received := time.Unix(0, r.rows.Int("received_at", 0))
		deltas = append(deltas, ledger.Delta{
			Hour: received.Truncate(time.Hour).Unix(), Events: 1,
			CountKey: audit.CountKey{
				Tenant: r.rows.Text("tenant_id", 0), Source: r.rows.Text("service_name", 0),
				Kind: audit.KindQuarantined, Reason: string(columns.ReasonRejected),
			},
		})
	}
	for _, d := range ledger.Sum(deltas) {
		note = ledger.AppendDelta(note, d)
	}
	return note
}
