package insert

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/columns"
	"github.com/otelaudit/otelaudit/internal/offheap"
)

// oldBlock puts a block into the log that an earlier release wrote, when there were fewer columns.
func oldBlock(t *testing.T, log *blocklog.Log, id string) []columns.Column {
	t.Helper()
	list := []columns.Column{
		{Name: "record_id", Type: "String"},
		{Name: "timestamp", Type: "DateTime64(9, 'UTC')"},
		{Name: "received_at", Type: "DateTime64(9, 'UTC')"},
		{Name: "block_id", Type: "UInt64"},
	}
	require.NoError(t, log.Commit(func(first uint64) (blocklog.Commit, error) {
		native := []byte{byte(len(list)), 1}
		for i, value := range [][]byte{
			append([]byte{byte(len(id))}, id...), binary.LittleEndian.AppendUint64(nil, 1e18),
			binary.LittleEndian.AppendUint64(nil, 1e18), binary.LittleEndian.AppendUint64(nil, first),
		} {
			for _, text := range []string{list[i].Name, list[i].Type} {
				native = append(append(native, byte(len(text))), text...)
			}
			native = append(native, value...)
		}
		w := compress.NewWriter(compress.LevelZero, compress.LZ4)
		if err := w.Compress(native); err != nil {
			return blocklog.Commit{}, err
		}
		header, err := columns.Describe(columns.TableEvents, w.Data)
		return blocklog.Commit{Blocks: []blocklog.Block{{Table: uint8(columns.TableEvents), Header: header.Append(nil), Data: w.Data}}}, err
	}))
	return list
}

func TestBlocksOfAnotherReleaseHaveInsertsOfTheirOwn(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	oldBlock(t, log, "old-1")
	oldBlock(t, log, "old-2")
	commit(t, log, "new")
	start(t, log, db, defaults())
	drained(t, log, columns.TableEvents)
	assert.Equal(t, []string{"new", "old-1", "old-2"}, db.ids("events"))
	assert.Len(t, db.of("events"), 2)
}

// TestHeaderOfALaterReleaseIsWaitedWith has a block whose header this release cannot read: it is not thrown away.
func TestHeaderOfALaterReleaseIsWaitedWith(t *testing.T) {
	log, db := openLog(t, t.TempDir()), newMemory()
	commit(t, log, "before")
	require.NoError(t, log.Commit(func(uint64) (blocklog.Commit, error) {
		return blocklog.Commit{Blocks: []blocklog.Block{{Table: 1, Header: []byte{99, 1}, Data: []byte("x")}}}, nil
	}))
	said := make(chan error, 1000)
	options := defaults()
	options.Report = func(_ string, err error) {
		if err != nil {
			select {
			case said <- err:
			default:
			}
		}
	}
	stop := start(t, log, db, options)
	assert.ErrorContains(t, <-said, "version 99 is not known to this collector")
	eventually(t, func() bool { return len(db.ids("events")) == 1 }, "what comes before is stored")
	stop()
	waiting := 0
	for _, err := range log.Blocks(1) {
		require.NoError(t, err)
		waiting++
	}
	assert.Equal(t, 1, waiting)
}

func TestSlotHasRoomOnceAndGivesItBack(t *testing.T) {
	before := offheap.Taken()
	s := &slot{}
	first := append(s.room(), "first"...)
	s.take(first)
	second := append(s.room(), "second"...)
	s.take(second)
	assert.Equal(t, "first", string(first))
	assert.Equal(t, "firstsecond", string(s.memory[:s.used]))
	large := append(s.room(), make([]byte, slotBytes)...)
	s.take(large)
	assert.Equal(t, len("firstsecond"), s.used, "what does not fit is elsewhere")
	assert.EqualValues(t, slotBytes, offheap.Taken()-before)
	s.free()
	assert.Equal(t, before, offheap.Taken())
}

func TestDamagedBlockIsSaidAndTheOthersAreStored(t *testing.T) {
	for _, broken := range []string{"one", "all"} {
		t.Run(broken, func(t *testing.T) {
			log, db := openLog(t, t.TempDir()), newMemory()
			commit(t, log, "a")
			commit(t, log, "b")
			commit(t, log, "c")
			telemetry := &counting{}
			options := defaults()
			options.Telemetry = telemetry
			var mu sync.Mutex
			var reported []error
			options.Report = func(_ string, err error) {
				mu.Lock()
				defer mu.Unlock()
				reported = append(reported, err)
			}
			start(t, &damaging{Log: log, all: broken == "all"}, db, options)
			drained(t, log, columns.TableEvents)
			if broken == "all" {
				assert.Empty(t, db.of("events"))
				return
			}
			assert.Equal(t, []string{"a", "c"}, db.ids("events"))
			telemetry.has(t, "damaged events 1")
			mu.Lock()
			defer mu.Unlock()
			assert.ErrorContains(t, errors.Join(reported...), "block log: block")
		})
	}
}

// damaging is a log whose second block of a plan, or every one, cannot be read. What it gives for other blocks takes a second
// try.
type damaging struct {
	*blocklog.Log
	all   bool
	tries int
}

func (d *damaging) Read(number uint64, buf []byte) ([]byte, error) {
	d.tries++
	if d.tries%2 == 1 {
		return nil, &blocklog.DiskError{Op: "read", File: "x", Err: errors.New("not now")}
	}
	if d.all || uint32(number) == 2 {
		return nil, &blocklog.DamageError{Number: number, Damage: blocklog.Damage{What: "a block"}}
	}
	return d.Log.Read(number, buf)
}
