package redact

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/internal/audit"
	"github.com/otelaudit/otelaudit/internal/pseudonym"
)

func TestOfANumberTheBeginningOfItsBucketStays(t *testing.T) {
	r := newRedactor(t, Rule{Prefix: "acme.", Action: Bucket}, Rule{Name: audit.AttrReturnedRows, Action: Bucket}, Rule{Name: audit.AttrQueryCost, Action: Bucket})
	for _, tc := range []struct{ value, want any }{
		{int64(0), int64(0)},
		{int64(1), int64(1)},
		{int64(2), int64(2)},
		{int64(4), int64(2)},
		{int64(5), int64(5)},
		{int64(9), int64(5)},
		{int64(10), int64(10)},
		{int64(19), int64(10)},
		{int64(137), int64(100)},
		{int64(499), int64(200)},
		{int64(500), int64(500)},
		{int64(999), int64(500)},
		{int64(1000), int64(1000)},
		{int64(-1), int64(-1)},
		{int64(-137), int64(-100)},
		{int64(4111111111111111), int64(2000000000000000)},
		{int64(math.MaxInt64), int64(5e18)},
		{int64(math.MinInt64), int64(-5e18)},
		{0.0, 0.0},
		{1.0, 1.0},
		{1.5, 1.0},
		{0.3, 0.2},
		{0.2, 0.2},
		{0.1, 0.1},
		{0.00137, 0.001},
		{12.5, 10.0},
		{-12.5, -10.0},
		{1e21, 1e21},
		{9.9e22, 5e22},
		{math.MaxFloat64, 1e308},
		{-math.MaxFloat64, -1e308},
		{math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat64},
		{math.Inf(1), math.Inf(1)},
		{math.Inf(-1), math.Inf(-1)},
	} {
		attrs, reason := redact(t, r, "acme.n", tc.value)
		assert.Equal(t, map[string]any{"acme.n": tc.want}, attrs, "%v", tc.value)
		assert.Equal(t, Bucketed, reason)
	}
	attrs, _ := redact(t, r, audit.AttrReturnedRows, int64(1234))
	assert.Equal(t, map[string]any{audit.AttrReturnedRows: int64(1000)}, attrs, "a column of numbers takes it")
	attrs, _ = redact(t, r, audit.AttrQueryCost, 0.07)
	assert.Equal(t, map[string]any{audit.AttrQueryCost: 0.05}, attrs)
}

func TestWhatHasNoSizeCarriesNothing(t *testing.T) {
	assert.False(t, math.Signbit(bucketOfDouble(math.Copysign(0, -1))), "zero without its sign")
	for _, payload := range []uint64{0x7ff8_0000_0000_0001, 0x7ff8_6a61_6e65_0001, 0xfff8_6a61_6e65_0001} {
		assert.Equal(t, math.Float64bits(math.NaN()), math.Float64bits(bucketOfDouble(math.Float64frombits(payload))), "a NaN without what was put into it")
	}
}

func TestWhatIsNoNumberIsWithheldFromItsBucket(t *testing.T) {
	r := newRedactor(t, Rule{Prefix: "acme.", Action: Bucket})
	for _, v := range []any{"137", "", true, []byte("137")} {
		attrs, reason := redact(t, r, "acme.n", v)
		assert.Regexp(t, "^withheld:(string|bool|bytes):[03]:h1:k1:[A-Z2-7]{26}$", attrs["acme.n"])
		assert.Equal(t, NotANumber, reason)
	}
	attrs, reason := redact(t, r, "acme.n", map[string]any{"rows": []any{int64(137), 13.7, nil, "Jane"}, "jane@corp.com": int64(2)})
	person := r.keys.Value(pseudonym.Email, "jane@corp.com")
	assert.Equal(t, map[string]any{"rows": []any{int64(100), 10.0, nil, standIn(t, "string:4", "Jane")}, person: int64(2)}, attrs["acme.n"])
	assert.Equal(t, NotANumber, reason)
}

// A bucket begins at 1, 2 or 5 times a power of ten, holds its number, and ends at the next one.
func TestBucketsAreThoseOfOneTwoFive(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		n := int64(rnd.Uint64()) >> rnd.IntN(64)
		start := bucketOfInt(n)
		if n == 0 {
			require.Zero(t, start)
			continue
		}
		require.Regexp(t, `^-?[125]0*$`, fmt.Sprint(start))
		require.Equal(t, start, bucketOfInt(start), "it is its own")
		ratio, _ := new(big.Rat).SetFrac(big.NewInt(n), big.NewInt(start)).Float64()
		require.True(t, ratio >= 1 && ratio < 2.5, "%d is in the bucket of %d", n, start)
	}
	for range 3000 {
		f := math.Float64frombits(rnd.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		start := bucketOfDouble(f)
		require.Equal(t, math.Float64bits(start), math.Float64bits(bucketOfDouble(start)), "it is its own")
		require.Equal(t, math.Signbit(f), math.Signbit(start))
		require.LessOrEqual(t, math.Abs(start), math.Abs(f))
		if math.Abs(f) > 1e-300 {
			require.Less(t, f/start, 2.5+1e-9, "%g is in the bucket of %g", f, start)
			require.Regexp(t, `^-?[125]e`, strconv.FormatFloat(start, 'e', -1, 64))
		}
	}
}

func BenchmarkBucket(b *testing.B) {
	w := newRedactor(b).walker(nil)
	for name, n := range map[string]any{"int": int64(1234567), "double": 1234.567} {
		b.Run(name, func(b *testing.B) {
			sent, v := value(b, n), value(b, n)
			b.ReportAllocs()
			b.SetBytes(8)
			for b.Loop() {
				sent.CopyTo(v)
				w.bucket(v)
			}
		})
	}
}
