package policy

import (
	"math"

	"github.com/cespare/xxhash/v2"
)

// kept reports whether a rate keeps the record with an id. It depends on nothing else, so a record that is sent again meets the
// same fate, in whatever collector, and of two rates the greater keeps all that the smaller does. A record without an id is kept.
func kept(recordID string, rate float64) bool {
	if rate >= 1 || recordID == "" {
		return true
	}
	return float64(xxhash.Sum64String(recordID))/math.MaxUint64 < rate
}
