package directory

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

const million = 1_000_000

func csvOf(users int) []byte {
	var b strings.Builder
	b.WriteString("id,name,email,department,roles,groups,active\n")
	for i := range users {
		fmt.Fprintf(&b, "user-%07d,First%d Last%d,first%d.last%d@example.com,Department %d,viewer;role%d,group%d;all,true\n", i, i%1000, i, i%1000, i, i%200, i%20, i%500)
	}
	return []byte(b.String())
}

// BenchmarkMillionUsers states what loading costs in time and what the index keeps in memory.
func BenchmarkMillionUsers(b *testing.B) {
	data := csvOf(million)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	var kept float64
	for b.Loop() {
		before := live()
		x, err := parse("users.csv", data)
		if err != nil {
			b.Fatal(err)
		}
		kept = float64(live()-before) / float64(len(x.byID))
	}
	b.ReportMetric(kept, "B/user")
}

// live gives how many bytes are in use.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkLookup(b *testing.B) {
	x, err := parse("users.csv", csvOf(million))
	if err != nil {
		b.Fatal(err)
	}
	ids, emails := make([]string, 1<<16), make([]string, 1<<16)
	for i := range ids {
		n := i * 7919 % million
		ids[i] = fmt.Sprintf("user-%07d", n)
		emails[i] = fmt.Sprintf("first%d.last%d@example.com", n%1000, n)
	}
	for name, look := range map[string]func(i int) *User{
		"id":    func(i int) *User { return x.find(&Query{ID: ids[i], At: 1}) },
		"email": func(i int) *User { return x.find(&Query{ID: "no-such-id", Email: emails[i], At: 1}) },
		"miss":  func(i int) *User { return x.find(&Query{ID: "no-such-id", Email: "no@such.email", At: 1}) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(12)
			for i := 0; b.Loop(); i++ {
				if u := look(i & (1<<16 - 1)); (u == nil) != (name == "miss") {
					b.Fatal("lookup")
				}
			}
		})
	}
}
