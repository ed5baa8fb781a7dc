//go:build !ours

package main

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// pebbleStore keeps blocks, records and plans as keys of one database; a commit is one batch.
type pebbleStore struct {
	db   *pebble.DB
	next uint64
}

func openPebble(dir string) (store, error) {
	o := &pebble.Options{Logger: quietLogger{}, MemTableSize: 64 << 20, FormatMajorVersion: pebble.FormatNewest}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone }) // blocks are compressed
	db, err := pebble.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return &pebbleStore{db: db, next: 1}, nil
}

// quietLogger keeps what Fatalf does: it ends the process.
type quietLogger struct{}

func (quietLogger) Infof(string, ...any)           {}
func (quietLogger) Errorf(string, ...any)          {}
func (quietLogger) Fatalf(format string, a ...any) { pebble.DefaultLogger.Fatalf(format, a...) }

func key(kind byte, number uint64) []byte { return binary.BigEndian.AppendUint64([]byte{kind}, number) }

func (p *pebbleStore) commit(data, records []byte) error {
	b := p.db.NewBatch()
	defer func() { _ = b.Close() }()
	if err := errors.Join(b.Set(key('b', p.next), data, nil), b.Set(key('r', p.next), records, nil)); err != nil {
		return err
	}
	p.next++
	return b.Commit(pebble.Sync)
}

func (p *pebbleStore) plan(first, last uint64) error {
	return p.db.Set(key('p', first), binary.BigEndian.AppendUint64(nil, last), pebble.Sync)
}

func (p *pebbleStore) read(number uint64, buf []byte) ([]byte, error) {
	v, closer, err := p.db.Get(key('b', number))
	if err != nil {
		return nil, err
	}
	buf = append(buf[:0], v...)
	return buf, closer.Close()
}

func (p *pebbleStore) done(first, last uint64) error {
	b := p.db.NewBatch()
	defer func() { _ = b.Close() }()
	if err := errors.Join(b.DeleteRange(key('b', first), key('b', last+1), nil), b.Delete(key('p', first), nil)); err != nil {
		return err
	}
	return b.Commit(pebble.NoSync)
}

func (p *pebbleStore) forget(before uint64) error {
	return p.db.DeleteRange(key('r', 0), key('r', before), pebble.NoSync)
}

func (p *pebbleStore) found() ([]uint64, error) {
	it, err := p.db.NewIter(&pebble.IterOptions{LowerBound: []byte{'b'}, UpperBound: []byte{'b' + 1}})
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for it.First(); it.Valid(); it.Next() {
		numbers = append(numbers, binary.BigEndian.Uint64(it.Key()[1:]))
	}
	slices.Sort(numbers)
	return numbers, errors.Join(it.Error(), it.Close())
}

func (p *pebbleStore) close() error { return p.db.Close() }
