package otlp

import (
	"encoding/binary"
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// request has n records that have every field and every type of value.
func request(n int) plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.SetSchemaUrl("https://opentelemetry.io/schemas/1.30.0")
	rl.Resource().Attributes().PutStr("service.name", "axiom")
	rl.Resource().SetDroppedAttributesCount(3)
	sl := rl.ScopeLogs().AppendEmpty()
	sl.SetSchemaUrl("s")
	sl.Scope().SetName("scope")
	sl.Scope().SetVersion("1")
	sl.Scope().Attributes().PutBool("b", true)
	sl.Scope().SetDroppedAttributesCount(300)
	for i := range n {
		r := sl.LogRecords().AppendEmpty()
		r.SetTimestamp(1<<63 + 1)
		r.SetObservedTimestamp(2)
		r.SetSeverityNumber(plog.SeverityNumberError)
		r.SetSeverityText("ERROR")
		r.Body().SetStr("body")
		r.SetDroppedAttributesCount(uint32(i))
		r.SetFlags(plog.LogRecordFlags(1))
		r.SetTraceID([16]byte{1, 2, 3})
		r.SetSpanID([8]byte{4})
		r.SetEventName("runQuery")
		attrs := r.Attributes()
		attrs.PutStr("text", "wört "+strconv.Itoa(i))
		attrs.PutStr("empty", "")
		attrs.PutEmpty("none")
		attrs.PutBool("bool", true)
		attrs.PutInt("int", -int64(i)-1)
		attrs.PutInt("large", math.MinInt64)
		attrs.PutDouble("double", 1.5)
		attrs.PutEmptyBytes("bytes").FromRaw([]byte{0, 1, 2})
		attrs.PutEmptyBytes("no bytes")
		list := attrs.PutEmptySlice("list")
		list.AppendEmpty().SetStr("a")
		list.AppendEmpty()
		list.AppendEmpty().SetEmptyMap().PutEmptySlice("deep").AppendEmpty().SetInt(1)
		attrs.PutEmptySlice("no list")
		attrs.PutEmptyMap("map").PutEmptyMap("in it").PutStr("k", "v")
		attrs.PutEmptyMap("no map")
	}
	rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes().PutStr("a", "b")
	logs.ResourceLogs().AppendEmpty()
	return logs
}

func encode(tb testing.TB, logs plog.Logs) []byte {
	tb.Helper()
	body, err := plogotlp.NewExportRequestFromLogs(logs).MarshalProto()
	require.NoError(tb, err)
	return body
}

// asPdata decodes as pdata does.
func asPdata(body []byte) (plog.Logs, error) {
	request := plogotlp.NewExportRequest()
	err := request.UnmarshalProto(body)
	return request.Logs(), err
}

func TestOrdinaryRequestsAreDecodedAsPdataDoes(t *testing.T) {
	for _, logs := range []plog.Logs{plog.NewLogs(), request(0), request(1), request(3)} {
		body := encode(t, logs)
		want, err := asPdata(body)
		require.NoError(t, err)
		got, ok := Decode(body)
		require.True(t, ok)
		clear(body) // nothing may be a part of it
		assert.Equal(t, want, got)
	}
}

func TestListsHaveRoomForWhatIsAdded(t *testing.T) {
	logs := plog.NewLogs()
	record := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	for i := range 10 {
		record.Attributes().PutInt("in "+strconv.Itoa(i), 1)
	}
	logs, ok := Decode(encode(t, logs))
	require.True(t, ok)
	attrs := logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes()
	before := attrs.All()
	assert.Zero(t, testing.AllocsPerRun(1, func() { attrs.EnsureCapacity(10 + Room) }))
	for name, v := range before {
		assert.Contains(t, name, "in ")
		assert.EqualValues(t, 1, v.Int())
	}
}

func TestWhatIsNotOrdinaryIsLeftToPdata(t *testing.T) {
	message := func(number byte, parts ...string) string {
		text := ""
		for _, part := range parts {
			text += part
		}
		return string([]byte{number<<3 | 2, byte(len(text))}) + text
	}
	record := func(parts ...string) string { return message(1, message(2, message(2, parts...))) }
	for name, body := range map[string]string{
		"unknown field of a request":   "\x78\x01",
		"unknown field of a record":    record("\x78\x01"),
		"wrong wire type":              record("\x08\x01"),
		"breaks off":                   record("\x09\x01"),
		"two bodies":                   record(message(5, message(1, "a")), message(5, message(1, "b"))),
		"a value of two kinds":         record(message(6, message(1, "k"), message(2, message(1, "a"), "\x18\x01"))),
		"a pair of two keys":           record(message(6, message(1, "k"), message(1, "l"))),
		"a key of a dictionary":        record(message(6, "\x18\x01")),
		"an id of another length":      record(message(9, "abc")),
		"a group":                      record("\x0b\x0c"),
		"a number that is too long":    record("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
		"two resources in one message": message(1, message(1), message(1)),
		"the field before OTLP 0.15":   message(1, "\xc2\x3e\x00"),
		"a reference to an entity":     message(1, message(1, message(3))),
	} {
		_, ok := Decode([]byte(body))
		assert.False(t, ok, name)
	}
}

// FuzzDecode compares with pdata whatever is decoded at all.
func FuzzDecode(f *testing.F) {
	for n := range 3 {
		f.Add(encode(f, request(n)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := Decode(body)
		if !ok {
			return
		}
		want, err := asPdata(body)
		require.NoError(t, err)
		wantBody, gotBody := encode(t, want), encode(t, got)
		require.Equal(t, wantBody, gotBody)
		require.Equal(t, want.LogRecordCount(), got.LogRecordCount())
	})
}

// typical is a request as in [BenchmarkDecode].
func typical(n int) plog.Logs {
	logs := plog.NewLogs()
	rl := logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "axiom")
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		r := records.AppendEmpty()
		r.SetTimestamp(pcommon.Timestamp(1_700_000_000_000_000_000 + i))
		r.SetEventName("runAPLQuery")
		for j := range 16 {
			r.Attributes().PutStr("audit.attribute."+strconv.Itoa(j), "value number "+strconv.Itoa(i))
		}
		r.Attributes().PutEmptySlice("audit.datasets").AppendEmpty().SetStr("logs")
	}
	return logs
}

func BenchmarkDecode(b *testing.B) {
	body := encode(b, typical(1000))
	for name, decode := range map[string]func() bool{
		"ours":  func() bool { _, ok := Decode(body); return ok },
		"pdata": func() bool { _, err := asPdata(body); return err == nil },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if !decode() {
					b.Fatal("not decoded")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
		})
	}
}

func TestNumbersOfAnyLength(t *testing.T) {
	for _, n := range []uint64{0, 1, 127, 128, 1 << 35, math.MaxUint64} {
		got, rest, ok := varint(string(binary.AppendUvarint(nil, n)) + "x")
		assert.True(t, ok)
		assert.Equal(t, n, got)
		assert.Equal(t, "x", rest)
	}
}
