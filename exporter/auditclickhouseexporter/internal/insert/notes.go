package insert

import (
	"context"
	"time"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/ledger"
)

// notesInterval is how often notes become rows: seldom enough that these are few.
const notesInterval = time.Second

// keepNotes makes rows of `ledger` and `blocks` of the log's notes until ctx ends.
func (c *Carrier) keepNotes(ctx context.Context) {
	counts := columns.NewLedgerBuilder(c.options.Compression)
	manifest := columns.NewManifestBuilder(c.options.Compression)
	for sleep(ctx, notesInterval) {
		var sealed []columns.Sealed
		err := c.log.TakeNotes(func(first uint64, notes [][]byte) (commit blocklog.Commit, _ error) {
			deltas, inserts, err := ledger.Read(notes)
			if err != nil {
				c.report(columns.TableLedger, err) // the notes are written by this program and checked by the log: never seen
			}
			c.addNotes(counts, manifest, deltas, inserts)
			if counts.Rows() > 0 {
				sealed = append(sealed, counts.Seal())
			}
			if manifest.Rows() > 0 {
				sealed = append(sealed, manifest.Seal())
			}
			for i := range sealed {
				s := &sealed[i]
				s.Number(first + uint64(i))
				commit.Blocks = append(commit.Blocks, blocklog.Block{Table: uint8(s.Table), Header: s.Append(nil), Data: s.Data})
			}
			return commit, nil
		})
		if err != nil {
			c.report(columns.TableLedger, err) // they are still there
		}
		for i := range sealed {
			sealed[i].Release()
		}
	}
}

func (c *Carrier) addNotes(counts *columns.LedgerBuilder, manifest *columns.ManifestBuilder, deltas []ledger.Delta, inserts []ledger.Insert) {
	for _, d := range ledger.Sum(deltas) {
		counts.Add(columns.LedgerRow{
			Hour: time.Unix(d.Hour, 0), Collector: c.log.Name(), Tenant: d.Tenant, Source: d.Source,
			Kind: string(d.Kind), Reason: d.Reason, Events: d.Events,
		})
	}
	for _, i := range inserts {
		manifest.Add(columns.ManifestRow{
			Token: i.Token, Table: i.Table, Collector: c.log.Name(), Rows: i.Rows, Digest: i.Digest,
			FirstBlock: i.FirstBlock, LastBlock: i.LastBlock, FirstReceived: i.FirstReceived, LastReceived: i.LastReceived,
		})
	}
}
