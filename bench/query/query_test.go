package main

import (
	"strings"
	"testing"

	"github.com/otelaudit/otelaudit/internal/query"
)

func TestTheSamplesAreWhatTheComparisonClaims(t *testing.T) {
	r := query.New(query.Options{Pseudonym: func(dst, name []byte) []byte {
		t.Errorf("%q does not look like a name", name)
		return dst
	}})
	own := ours()
	for _, s := range samples {
		if len(s.text) < 270 || len(s.text) > 345 {
			t.Errorf("%s has %d bytes", s.name, len(s.text))
		}
		if res := r.Represent(s.lang, s.system, s.text); res.Outcome != query.Redacted {
			t.Errorf("%s is not represented in full: %s", s.name, res.Reason)
		}
		if n := testing.AllocsPerRun(10, func() { own.run(s) }); n > 0 {
			t.Errorf("%s allocates %v times", s.name, n)
		}
	}
}

func BenchmarkQuery(b *testing.B) {
	for _, s := range samples {
		for _, c := range append([]contender{ours()}, theirs()...) {
			b.Run(strings.ReplaceAll(s.name+"/"+c.name, " ", "_"), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(s.text)))
				for b.Loop() {
					c.run(s)
				}
			})
		}
	}
}
