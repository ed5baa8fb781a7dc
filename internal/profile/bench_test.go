package profile

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// BenchmarkRecogniseCanonical is what a canonical event pays for the profiles.
func BenchmarkRecogniseCanonical(b *testing.B) {
	for name, fill := range map[string]func(pcommon.Value){
		"no body":       func(pcommon.Value) {},
		"text":          func(v pcommon.Value) { v.SetStr("user 1722 opened the dashboard") },
		"map":           func(v pcommon.Value) { v.SetEmptyMap().PutStr("message", "hello") },
		"with action":   func(v pcommon.Value) { v.SetStr(logout) },
		"unknown event": func(v pcommon.Value) { v.SetStr(`{"level": "info", "message": "hello", "nested": {"a": [1, 2, 3]}}`) },
	} {
		b.Run(name, func(b *testing.B) {
			record := plog.NewLogRecord()
			fill(record.Body())
			if name == "with action" {
				record.Attributes().PutStr(audit.AttrAction, "READ")
			}
			set := Builtin()
			b.ReportAllocs()
			b.SetBytes(int64((&plog.ProtoMarshaler{}).LogRecordSize(record)))
			for b.Loop() {
				if set.Recognise(record) != nil {
					b.Fatal("recognised")
				}
			}
		})
	}
}

func BenchmarkRecognise(b *testing.B) { benchmark(b, false) }

// BenchmarkApply includes the copy of the record that each turn needs; BenchmarkCopy is that alone.
func BenchmarkApply(b *testing.B) { benchmark(b, true) }

func benchmark(b *testing.B, apply bool) {
	b.Helper()
	for _, product := range products {
		for _, form := range []string{"map", "text"} {
			b.Run(product+"/"+form, func(b *testing.B) {
				event, record := plog.NewLogRecord(), plog.NewLogRecord()
				forms[form](b, event.Body(), readGolden(b, product)[0].In)
				p, set, resource := builtinProfile(b, product), Builtin(), pcommon.NewMap()
				b.ReportAllocs()
				b.SetBytes(int64((&plog.ProtoMarshaler{}).LogRecordSize(event)))
				for b.Loop() {
					if !apply {
						if set.Recognise(event) != p {
							b.Fatal("not recognised")
						}
						continue
					}
					event.CopyTo(record)
					record.Attributes().Clear()
					if err := p.Apply(resource, record); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkCopy(b *testing.B) {
	for _, product := range products {
		b.Run(product, func(b *testing.B) {
			event, record := plog.NewLogRecord(), plog.NewLogRecord()
			forms["map"](b, event.Body(), readGolden(b, product)[0].In)
			b.ReportAllocs()
			b.SetBytes(int64((&plog.ProtoMarshaler{}).LogRecordSize(event)))
			for b.Loop() {
				event.CopyTo(record)
				record.Attributes().Clear()
				record.Body().SetEmptyMap()
			}
		})
	}
}
