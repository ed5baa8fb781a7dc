package audit

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gowebpki/jcs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

func canonical(e Event) string { return string(e.AppendCanonical(nil)) }

func TestCanonicalFormIsWhatRFC8785Gives(t *testing.T) {
	e := sound()
	a := e.Record.Attributes()
	a.PutStr("text", "tab\tquote\" backslash\\ control\x01 euro€ rocket🚀 slash/ \u2028")
	a.PutInt("int", math.MaxInt64)
	a.PutBool("bool", true)
	a.PutEmptyBytes("bytes").FromRaw([]byte{0, 255, 1})
	for _, f := range []float64{0, 1, -1.5, 1e21, 1e20, 1e-6, 1e-7, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64, 5e-324, 1e-10, 2.5e100} {
		a.PutEmptySlice("doubles").AppendEmpty().SetDouble(f)
		got := canonical(e)
		want, err := jcs.Transform([]byte(got))
		require.NoError(t, err)
		assert.Equal(t, string(want), got)
	}
	m := a.PutEmptyMap("map")
	m.PutEmpty("empty")
	m.PutEmptySlice("list")
	e.Record.Body().SetEmptyMap().PutStr("k", "v")
	e.Record.SetTraceID([16]byte{1})
	e.Record.SetSpanID([8]byte{2})
	got := canonical(e)
	want, err := jcs.Transform([]byte(got))
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// The vectors that other canonical forms are known to confuse: each pair must differ.
func TestCanonicalFormCoversTypesAndPrecision(t *testing.T) {
	with := func(change func(Event)) string {
		e := sound()
		change(e)
		return canonical(e)
	}
	attr := func(set func(pcommon.Value)) string {
		return with(func(e Event) { set(e.Record.Attributes().PutEmpty("v")) })
	}
	forms := []string{
		attr(func(v pcommon.Value) { v.SetInt(1) }),
		attr(func(v pcommon.Value) { v.SetStr("1") }),
		attr(func(v pcommon.Value) { v.SetDouble(1) }),
		attr(func(v pcommon.Value) { v.SetBool(true) }),
		attr(func(v pcommon.Value) { v.SetStr("true") }),
		attr(func(v pcommon.Value) { v.SetInt(9007199254740993) }),
		attr(func(v pcommon.Value) { v.SetInt(9007199254740992) }),
		attr(func(v pcommon.Value) { v.SetEmptyMap() }),
		attr(func(v pcommon.Value) { v.SetEmptySlice() }),
		attr(func(pcommon.Value) {}),
		attr(func(v pcommon.Value) { v.SetStr("") }),
		attr(func(v pcommon.Value) { v.SetStr("NaN") }),
		attr(func(v pcommon.Value) { v.SetDouble(math.NaN()) }),
		attr(func(v pcommon.Value) { v.SetDouble(math.Inf(1)) }),
		attr(func(v pcommon.Value) { v.SetDouble(math.Inf(-1)) }),
		with(func(e Event) { e.Record.Body().SetEmptyMap().PutInt("a", 1) }),
		with(func(e Event) { e.Record.Body().SetEmptyMap().PutInt("a", 2) }),
		with(func(e Event) { e.Record.Body().SetStr(`{"a":1}`) }),
		with(func(e Event) { e.Record.SetEventName("other") }),
		with(func(e Event) { e.Resource.PutStr("v", "1") }),
		with(func(e Event) { e.Record.SetTimestamp(e.Record.Timestamp() + 1) }),
		with(func(e Event) { e.Record.SetTraceID([16]byte{1}) }),
		with(func(e Event) { e.Record.SetSpanID([8]byte{1}) }),
	}
	seen := map[string]int{}
	for i, f := range forms {
		assert.True(t, json.Valid([]byte(f)), f)
		if first, ok := seen[f]; ok {
			t.Errorf("forms %d and %d are the same: %s", first, i, f)
		}
		seen[f] = i
	}
}

func TestCanonicalFormLeavesOutWhatIsNotContent(t *testing.T) {
	plain := canonical(sound())
	e := sound()
	e.Record.SetObservedTimestamp(pcommon.NewTimestampFromTime(time.Now()))
	e.Record.SetSeverityText("INFO")
	e.Record.Attributes().PutInt(AttrReceivedTime, 1)
	e.Record.Attributes().PutStr(AttrIntegrityValue, "c2ln")
	e.Resource.PutStr(AttrIntegrityAlgorithm, "EdDSA")
	assert.Equal(t, plain, canonical(e))

	inside := sound()
	inside.Record.Attributes().PutEmptyMap(AttrDetails).PutInt(AttrReceivedTime, 1)
	assert.Contains(t, canonical(inside), AttrReceivedTime, "inside a map the name means nothing")
}

func TestCanonicalFormDoesNotDependOnTheOrderOfAttributes(t *testing.T) {
	a, b := sound(), sound()
	a.Record.Attributes().PutStr("x", "1")
	a.Record.Attributes().PutStr("y", "2")
	b.Record.Attributes().Clear()
	b.Record.Attributes().PutStr("y", "2")
	b.Record.Attributes().PutStr("x", "1")
	for k, v := range sound().Record.Attributes().All() {
		v.CopyTo(b.Record.Attributes().PutEmpty(k))
	}
	assert.Equal(t, canonical(a), canonical(b))
}

func FuzzCanonicalFormIsJSON(f *testing.F) {
	f.Add("text", "key", 1.5, int64(3))
	f.Add("\xff\x00", "\u2028\"", math.Inf(1), int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, text, key string, number float64, integer int64) {
		e := sound()
		e.Record.Attributes().PutStr(key, text)
		e.Record.Attributes().PutEmptyMap("m").PutDouble(text, number)
		e.Record.Body().SetInt(integer)
		e.Record.SetEventName(text)
		got := canonical(e)
		want, err := jcs.Transform([]byte(got))
		require.NoError(t, err)
		assert.Equal(t, string(want), got)
	})
}

func BenchmarkAppendCanonical(b *testing.B) {
	e := sound()
	a := e.Record.Attributes()
	a.PutStr(AttrQueryText, "['http-logs'] | where status >= 500 | summarize count() by bin_auto(_time), endpoint")
	a.PutDouble(AttrQueryCost, 12.5)
	a.PutInt(AttrQueryBytesScanned, 1<<40)
	a.PutStr(AttrTargetID, "dataset-17")
	a.PutStr(AttrTargetType, "dataset")
	a.PutEmptySlice(AttrDatasets).AppendEmpty().SetStr("http-logs")
	buf := e.AppendCanonical(nil)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = e.AppendCanonical(buf[:0])
	}
}

// Few attributes are sorted in another way than many.
func TestTheOrderInWhichAttributesCameDoesNotMatter(t *testing.T) {
	for _, n := range []int{1, 2, few - 6, few - 5, few, few + 1, 3 * few} {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("%c.%d", 'a'+(i*7)%26, i)
		}
		forms := map[string]bool{}
		for range 5 {
			rand.Shuffle(n, func(i, j int) { names[i], names[j] = names[j], names[i] })
			e := sound()
			m := e.Record.Attributes().PutEmptyMap(AttrDetails)
			for _, name := range names {
				m.PutStr(name, name)
				e.Record.Attributes().PutStr(name, name)
			}
			forms[canonical(e)] = true
		}
		assert.Len(t, forms, 1, n)
		for form := range forms {
			var decoded struct{ Attributes []struct{ Key string } }
			require.NoError(t, json.Unmarshal([]byte(form), &decoded))
			assert.True(t, slices.IsSortedFunc(decoded.Attributes, func(a, b struct{ Key string }) int { return strings.Compare(a.Key, b.Key) }))
			assert.Greater(t, len(decoded.Attributes), n)
		}
	}
}

func TestEightBytesArePlainOnlyWhereEachIs(t *testing.T) {
	for c := range 256 {
		for at := range 8 {
			text := []byte("a1 ~.[]{")
			text[at] = byte(c)
			if allPlain(string(text)) {
				assert.True(t, plain[c], c)
			} else if c >= ' ' && c < '~' && c != '"' && c != '\\' && c != '#' && c != ']' {
				assert.Fail(t, "a plain byte", "%c at %d", c, at)
			}
		}
	}
}
