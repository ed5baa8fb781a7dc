package redact

import (
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// bucket replaces a number by the beginning of its bucket, of the same type, so that it can still be compared, added up and stored
// where a number is asked for.
func (w *walker) bucket(v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeInt:
		w.report(Bucketed)
		v.SetInt(bucketOfInt(v.Int()))
	case pcommon.ValueTypeDouble:
		w.report(Bucketed)
		v.SetDouble(bucketOfDouble(v.Double()))
	default:
		w.refuse(v, NotANumber)
	}
}

// bucketOfInt gives, of a number, the nearest one towards zero of 0, ±1, ±2, ±5, ±10, ±20, ±50, ±100 and so on.
func bucketOfInt(n int64) int64 {
	size := uint64(n)
	if n < 0 {
		size = -size // the smallest number has no positive counterpart in an int64
	}
	decade := uint64(1)
	for size/decade >= 10 {
		decade *= 10
	}
	start := int64(oneTwoFive(size/decade) * decade)
	if n < 0 {
		return -start
	}
	return start
}

// bucketOfDouble does the same for doubles, of which there are decades below 1 too: … 0.1, 0.2, 0.5, 1 …. What is no finite
// number has no size: infinities stay, and a NaN is one without the bits that a sender may have put into it.
func bucketOfDouble(f float64) float64 {
	switch {
	case f == 0:
		return 0 // without its sign
	case math.IsNaN(f):
		return math.NaN()
	case math.IsInf(f, 0):
		return f
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(f), 'e', -1, 64) // "1.37e+02": decimal, so that no logarithm is off by a bit
	exponent := len(text) - 1
	for text[exponent] != 'e' {
		exponent--
	}
	text[exponent-1] = byte('0' + oneTwoFive(uint64(text[0]-'0')))
	start, _ := strconv.ParseFloat(string(text[exponent-1:]), 64) // no error: a digit and the exponent that AppendFloat wrote
	return math.Copysign(start, f)
}

// oneTwoFive gives the greatest of 0, 1, 2 and 5 that is not greater than a digit.
func oneTwoFive(digit uint64) uint64 {
	switch {
	case digit >= 5:
		return 5
	case digit >= 2:
		return 2
	default:
		return digit
	}
}
