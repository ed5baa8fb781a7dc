package month

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// dice is chance that a seed decides. Each product has dice of its own, so that a change in one leaves the others alone.
type dice struct{ *rand.Rand }

func newDice(seed uint64, name string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return &dice{rand.New(rand.NewPCG(seed, h.Sum64()))} //nolint:gosec // a seed must decide, and nothing here is secret
}

// chance is true with probability p.
func (d *dice) chance(p float64) bool { return d.Float64() < p }

// count is a whole number around expected, with some noise; its mean is expected.
func (d *dice) count(expected float64) int {
	noisy := expected * (0.85 + 0.3*d.Float64())
	return int(math.Floor(noisy + d.Float64()))
}

// lognormal is a value around median with a heavy tail: sigma 1 puts one in forty above seven times the median.
func (d *dice) lognormal(median, sigma float64) float64 {
	return median * math.Exp(sigma*d.NormFloat64())
}

// pick returns one of a list, each as likely as the others.
func pick[T any](d *dice, list []T) T { return list[d.IntN(len(list))] }

// favourite returns one of a list, the first ones far more often than the last.
func favourite[T any](d *dice, list []T) T {
	u := d.Float64()
	return list[int(u*u*float64(len(list)))]
}

// hex returns n random hexadecimal digits.
func (d *dice) hex(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[d.IntN(16)]
	}
	return string(b)
}

// uuid returns a random UUID (version 4).
func (d *dice) uuid() string {
	h := []byte(d.hex(32))
	h[12] = '4'
	h[16] = "89ab"[d.IntN(4)]
	return string(h[:8]) + "-" + string(h[8:12]) + "-" + string(h[12:16]) + "-" + string(h[16:20]) + "-" + string(h[20:])
}
