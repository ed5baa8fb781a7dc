package detect

import (
	"strings"
	"testing"
)

func BenchmarkFind(b *testing.B) {
	const size = 64 << 10
	for name, text := range map[string]string{
		"ordinary": "Create Table orders in workspace analytics, monitor CPU-over-90 for 5m as admin_user; ",
		"digits":   "2026-11-21T20:39:00Z id=550e8400-e29b-41d4-a716-446655440000 took 12.345 ms ",
		"persons":  "mail jane.doe@corp.com from 10.1.2.3 ",
		// Made to be read more than once by detectors that are not careful.
		"hostile at":       "a@",
		"hostile percent":  "a%40",
		"hostile colon":    "a:",
		"hostile url":      "a://b:",
		"hostile token":    "sk-",
		"hostile assign":   "token=",
		"hostile bearer":   "basic=/",
		"hostile jwt":      "eyJ.",
		"hostile card":     "4111 ",
		"hostile phone":    "+1(",
		"hostile pem":      "-----BEGIN ",
		"hostile quotes":   `token="`,
		"hostile localize": "a.b.c.d.e.f.g.h.",
	} {
		text = strings.Repeat(text, size/len(text))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				for pos := 0; ; {
					span, ok := Find(text, pos, All)
					if !ok {
						break
					}
					pos = span.End
				}
			}
		})
	}
}

func BenchmarkMask(b *testing.B) {
	m, _ := newMasker(b)
	const text = "Jane updated the record of jane.doe@corp.com from 10.1.2.3"
	dst := make([]byte, 0, 256)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var counts Counts
		dst, _, _ = m.Append(dst[:0], text, All, &counts)
	}
}
