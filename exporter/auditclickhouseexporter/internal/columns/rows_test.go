package columns

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/eventtest"
	"github.com/otelaudit/otelaudit/internal/audit"
)

// mixed is events with much and with little in them.
func mixed(n int) []audit.Event {
	events := make([]audit.Event, n)
	for i := range events {
		switch i % 3 {
		case 0:
			events[i] = eventtest.Full(fmt.Sprintf("id-%d", i))
		case 1:
			events[i] = eventtest.Minimal(fmt.Sprintf("id-%d", i))
		default:
			events[i] = eventtest.Query(fmt.Sprintf("id-%d", i), eventtest.Time, i)
		}
	}
	return events
}

func openSealed(t *testing.T, s Sealed) *Rows {
	t.Helper()
	rows, err := Open(s.Header, s.Data)
	require.NoError(t, err)
	require.Equal(t, s.Rows, rows.Len())
	return rows
}

func all(n int) []int {
	indexes := make([]int, n)
	for i := range indexes {
		indexes[i] = i
	}
	return indexes
}

func TestOpenedBlockIsSealedAsItWas(t *testing.T) {
	for _, compression := range []string{CompressionLZ4, CompressionZSTD, CompressionNone} {
		t.Run(compression, func(t *testing.T) {
			sealed := seal(t, NewBuilder(10, compression), mixed(1000)...)
			again := openSealed(t, sealed).Pick(all(1000))
			assert.Equal(t, native(t, sealed), native(t, again))
			want, got := sealed.Header, again.Header
			want.Hash, got.Hash = [16]byte{}, [16]byte{} // block_id stood in a frame of its own
			assert.Equal(t, want, got)
		})
	}
}

func TestBlockIsDescribedAsItsHeaderDoes(t *testing.T) {
	sealed := seal(t, NewBuilder(10, CompressionLZ4), append(overMonths(5), mixed(20)...)...)
	described, err := Describe(TableEvents, sealed.Data)
	require.NoError(t, err)
	assert.Equal(t, sealed.Header, described)
	list, known := ListOf(described.Columns)
	assert.True(t, known)
	assert.Equal(t, TableEvents.Columns(), list)
	_, known = ListOf(1)
	assert.False(t, known)
	_, err = Describe(TableEvents, sealed.Data[1:])
	assert.Error(t, err)
}

func TestPickedRowsAreThoseOfTheBlock(t *testing.T) {
	sealed := seal(t, NewBuilder(10, CompressionLZ4), mixed(50)...)
	want := decode(t, sealed)
	rows := openSealed(t, sealed)
	for _, indexes := range [][]int{{0}, {49}, {0, 1, 2}, {3, 30, 48}, {1, 4, 7}} {
		picked := rows.Pick(indexes)
		got := decode(t, picked)
		for i, index := range indexes {
			assert.Equal(t, want[index], got[i])
		}
		assert.NotZero(t, picked.Hash)
	}
	half := rows.Slice(25, 50)
	assert.Equal(t, want[25:], decode(t, half))
	other := rows.Slice(0, 25)
	assert.Equal(t, sealed.Digest, half.Digest+other.Digest)
}

func TestPickedHeaderIsThatOfTheRows(t *testing.T) {
	events := overMonths(5)
	sealed := seal(t, NewBuilder(10, CompressionLZ4), events...)
	for i := range events {
		want := seal(t, NewBuilder(10, CompressionNone), events[i])
		got := openSealed(t, sealed).Slice(i, i+1)
		assert.Equal(t, want.Partitions, got.Partitions)
		assert.Equal(t, want.Partitions[0], openSealed(t, sealed).Partition(i))
		assert.Equal(t, want.Digest, got.Digest)
		assert.Equal(t, want.First, got.First)
		assert.Equal(t, want.Columns, got.Columns)
	}
}

func TestValuesAreRead(t *testing.T) {
	rows := openSealed(t, seal(t, NewBuilder(10, CompressionLZ4), mixed(30)...))
	for i := range 30 {
		assert.Equal(t, fmt.Sprintf("id-%d", i), rows.Text("record_id", i))
		assert.Equal(t, eventtest.Time.UnixNano(), rows.Int("timestamp", i))
		assert.EqualValues(t, uint64(blockNumber), rows.Int("block_id", i))
	}
	assert.Equal(t, "tenant-0", rows.Text("tenant_id", 2))
	assert.EqualValues(t, 30, rows.Int("retention_days", 0))
	assert.Equal(t, TableEvents.Columns(), rows.List())
	for _, bad := range []int{-1, 30} {
		assert.Empty(t, rows.Text("record_id", bad))
		assert.Zero(t, rows.Int("timestamp", bad))
	}
	assert.Empty(t, rows.Text("no such column", 0))
	assert.Empty(t, rows.Text("timestamp", 0), "not a text")
	assert.Zero(t, rows.Int("record_id", 0), "not a number")
}

func TestRefusedRowIsKeptWhole(t *testing.T) {
	rows := openSealed(t, seal(t, NewBuilder(10, CompressionLZ4), mixed(5)...))
	b := NewQuarantineBuilder(CompressionLZ4)
	b.AddRow(rows, 3, "VIOLATED_CONSTRAINT")
	sealed := b.Seal()
	sealed.Number(9)
	row := decode(t, sealed)[0]
	assert.Equal(t, "id-3", row["record_id"])
	assert.Equal(t, eventtest.Received, row["received_at"])
	assert.Equal(t, string(ReasonRejected), row["reason"])
	assert.Equal(t, "VIOLATED_CONSTRAINT", row["field"])

	var kept map[string]any
	require.NoError(t, json.Unmarshal([]byte(row["event"].(string)), &kept))
	assert.Equal(t, "id-3", kept["record_id"])
	assert.Equal(t, []any{"audit.labels", "second \"é\""}, kept["labels"])
	assert.Equal(t, "eu", kept["attributes"].(map[string]any)["acme.region"])
	assert.Equal(t, true, kept["branch_live"])
	assert.InDelta(t, 0.25, kept["sample_rate"], 0)
	full := len(TableEvents.Columns())
	assert.Len(t, kept, full, "a full event has something in every column")

	minimal := map[string]any{}
	require.NoError(t, json.Unmarshal(rows.JSON(1), &minimal))
	assert.Len(t, minimal, 10, "%v", minimal)
}

func TestBookkeepingRows(t *testing.T) {
	hour := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	ledger := NewLedgerBuilder(CompressionLZ4)
	ledger.Add(LedgerRow{hour, "c", "t", "s", "received", "", 1 << 63})
	sealed := ledger.Seal()
	sealed.Number(1)
	assert.Equal(t, map[string]any{
		"hour": hour, "collector": "c", "tenant_id": "t", "source": "s", "kind": "received", "reason": "", "events": uint64(1 << 63),
	}, decode(t, sealed)[0])

	manifest := NewManifestBuilder(CompressionLZ4)
	manifest.Add(ManifestRow{"token", "events", "c", 5, 1 << 63, 7, 9, hour.UnixNano(), hour.UnixNano() + 1})
	block := manifest.Seal()
	block.Number(2)
	assert.Equal(t, map[string]any{
		"token": "token", "table": "events", "collector": "c", "rows": uint64(5), "digest": uint64(1 << 63),
		"first_block": uint64(7), "last_block": uint64(9), "first_received_at": hour, "last_received_at": hour.Add(1),
	}, decode(t, block)[0])
}

func TestDamagedBlockIsAnError(t *testing.T) {
	sealed := seal(t, NewBuilder(10, CompressionLZ4), mixed(3)...)
	for i := range sealed.Data {
		damaged := append([]byte(nil), sealed.Data...)
		damaged[i] ^= 1
		_, err := Open(sealed.Header, damaged)
		require.Error(t, err, i)
	}
	for n := range sealed.Data {
		_, err := Open(sealed.Header, sealed.Data[:n])
		require.Error(t, err, n)
	}
	header := sealed.Header
	header.Rows++
	_, err := Open(header, sealed.Data)
	assert.ErrorContains(t, err, "it holds 3 rows, its header says 4")
	// A frame that says it holds 4 GiB is not believed.
	huge := append([]byte(nil), sealed.Data...)
	binary.LittleEndian.PutUint32(huge[frameRaw:], 1<<32-1)
	_, err = Open(sealed.Header, huge)
	assert.ErrorContains(t, err, "a frame holds 4294967295 bytes")
}

// FuzzOpen takes any Native block: what does not fit is an error, and what fits can be taken apart and put together again.
func FuzzOpen(f *testing.F) {
	b := NewBuilder(10, CompressionNone)
	for _, e := range mixed(4) {
		b.Add(e)
	}
	sealed := b.Seal()
	sealed.Number(1)
	rows, err := Open(sealed.Header, sealed.Data)
	require.NoError(f, err)
	f.Add(4, assembled(rows))
	f.Add(1, []byte("\x01\x01\x01a\x0fNullable(String)\x00\x01x"))
	f.Fuzz(func(t *testing.T, count int, block []byte) {
		data, _ := frame(CompressionNone, nil, func(f *framer) { f.write(block) })
		rows, err := Open(Header{Table: TableEvents, Rows: count}, data)
		if err != nil || rows.Len() == 0 {
			return
		}
		require.Len(t, rows.List(), len(rows.Columns()))
		picked := rows.Pick(all(rows.Len()))
		again, err := Open(picked.Header, picked.Data)
		require.NoError(t, err)
		for i := range rows.Len() {
			require.True(t, json.Valid(rows.JSON(i)))
			require.Equal(t, rows.JSON(i), again.JSON(i))
			require.Equal(t, rows.Text("record_id", i), again.Text("record_id", i))
		}
	})
}

// assembled gives the native bytes of rows.
func assembled(r *Rows) []byte {
	out := binary.AppendUvarint(nil, uint64(len(r.columns)))
	out = binary.AppendUvarint(out, uint64(r.count))
	for _, c := range r.columns {
		out = append(appendText(appendText(out, c.Name), c.Type), c.data...)
	}
	return out
}

// FuzzRoundTrip takes any payload: what was sealed is opened as it was.
func FuzzRoundTrip(f *testing.F) {
	wire, err := (&plog.ProtoMarshaler{}).MarshalLogs(eventtest.Request(mixed(4)...))
	require.NoError(f, err)
	f.Add(wire)
	f.Fuzz(func(t *testing.T, wire []byte) {
		logs, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(wire)
		if err != nil {
			return
		}
		b := NewBuilder(1000, CompressionLZ4)
		for _, event := range eventtest.Events(logs) {
			b.Add(event)
		}
		if b.Rows() == 0 {
			return
		}
		sealed := b.Seal()
		sealed.Number(1)
		again := openSealed(t, sealed).Pick(all(sealed.Rows))
		require.Equal(t, native(t, sealed), native(t, again))
		require.Equal(t, sealed.Digest, again.Digest)
		require.Equal(t, sealed.Partitions, again.Partitions)
	})
}

func BenchmarkOpen(b *testing.B) {
	builder := NewBuilder(20, CompressionLZ4)
	addAll(b, builder, benchEvents()["query"])
	sealed := builder.Seal()
	sealed.Number(1)
	b.SetBytes(int64(sealed.RawBytes))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(sealed.Header, sealed.Data); err != nil {
			b.Fatal(err)
		}
	}
}
