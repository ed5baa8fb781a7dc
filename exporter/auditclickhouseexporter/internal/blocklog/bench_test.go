package blocklog

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// prepared builds commits without work of its own, so that the log's is measured.
func prepared(b *testing.B, blocks, size, records int) (build Build, bytes int64) {
	b.Helper()
	c, err := commitOf(events, blocks, size, records)(1)
	require.NoError(b, err)
	return func(uint64) (Commit, error) { return c, nil }, int64(blocks * (size + records*recordSize))
}

// drain ends what waits, so that files do not add up.
func drain(b *testing.B, l *Log) {
	b.Helper()
	numbers := make([]uint64, 0, 1000)
	for live, err := range l.Blocks(events) {
		require.NoError(b, err)
		numbers = append(numbers, live.Number)
	}
	p := Plan{Table: events, Numbers: numbers}
	require.NoError(b, l.Plan(&p))
	require.NoError(b, l.Done(p.ID, nil))
	require.NoError(b, l.Forget(numbers[len(numbers)-1]))
}

// BenchmarkCommit commits with a sync. Disk none is a disk in memory whose sync costs nothing: what remains is the log's own
// work.
func BenchmarkCommit(b *testing.B) {
	for _, c := range []struct{ blocks, size, records int }{
		{1, 2000, 10}, {100, 2000, 10}, {1, 120_000, 1000}, {100, 120_000, 1000},
	} {
		for _, disk := range []string{"real", "none"} {
			b.Run(fmt.Sprintf("disk=%s/blocks=%d/bytes=%d", disk, c.blocks, c.size), func(b *testing.B) {
				o := Options{}
				if disk == "none" {
					o.disk = sink{newMemDisk()}
				}
				l := open(b, b.TempDir(), o)
				build, bytes := prepared(b, c.blocks, c.size, c.records)
				b.SetBytes(bytes)
				b.ReportAllocs()
				written := int64(0)
				for b.Loop() {
					require.NoError(b, l.Commit(build))
					if written += bytes; written > 200<<20 && disk == "real" {
						b.StopTimer()
						drain(b, l)
						written = 0
						b.StartTimer()
					}
				}
			})
		}
	}
}

// sink is a disk that forgets what is written.
type sink struct{ *memDisk }

type sinkFile struct{ file }

func (sink) create(string) (file, error) { return sinkFile{}, nil }

func (sinkFile) WriteAt(b []byte, _ int64) (int, error) { return len(b), nil }
func (sinkFile) sync() error                            { return nil }
func (sinkFile) truncate(int64) error                   { return nil }
func (sinkFile) Close() error                           { return nil }

// BenchmarkOpen recovers a backlog of 128 MB.
func BenchmarkOpen(b *testing.B) {
	const total = 128 << 20
	for _, c := range []struct{ size, records int }{{2000, 10}, {120_000, 1000}} {
		b.Run(fmt.Sprintf("bytes=%d", c.size), func(b *testing.B) {
			dir := b.TempDir()
			l := open(b, dir, Options{})
			blocks := max(1, 64_000/c.size) // of a commit
			build, bytes := prepared(b, blocks, c.size, c.records)
			for range total / bytes {
				require.NoError(b, l.Commit(build))
			}
			require.NoError(b, l.Close())
			b.SetBytes(total)
			b.ReportAllocs()
			for b.Loop() {
				l, report, err := Open(dir, Options{})
				require.NoError(b, err)
				require.Equal(b, int(total/bytes)*blocks, report.Blocks)
				l.closeFiles()
				require.NoError(b, l.lock.Close())
			}
		})
	}
}

// BenchmarkRead reads what waits, as the inserter does.
func BenchmarkRead(b *testing.B) {
	for _, size := range []int{2000, 120_000} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			l := open(b, b.TempDir(), Options{})
			build, _ := prepared(b, 100, size, 0)
			require.NoError(b, l.Commit(build))
			numbers := make([]uint64, 0, 100)
			for live, err := range l.Blocks(events) {
				require.NoError(b, err)
				numbers = append(numbers, live.Number)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var buf []byte
			for i := 0; b.Loop(); i++ {
				var err error
				buf, err = l.Read(numbers[i%len(numbers)], buf)
				require.NoError(b, err)
			}
		})
	}
}
