//go:build !ours

package main

import (
	"encoding/binary"
	"errors"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// boltStore keeps blocks, records and plans in three buckets; every change is a synced transaction: bbolt has no other.
type boltStore struct {
	db   *bbolt.DB
	next uint64
}

var buckets = [...][]byte{{'b'}, {'r'}, {'p'}}

func openBolt(dir string) (store, error) {
	db, err := bbolt.Open(filepath.Join(dir, "db"), 0o600, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			b, err := tx.CreateBucketIfNotExists(name)
			if err != nil {
				return err
			}
			b.FillPercent = 0.9 // keys ascend
		}
		return nil
	})
	return &boltStore{db: db, next: 1}, err
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func (b *boltStore) commit(data, records []byte) error {
	n := b.next
	b.next++
	return b.db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(tx.Bucket(buckets[0]).Put(number(n), data), tx.Bucket(buckets[1]).Put(number(n), records))
	})
}

func (b *boltStore) plan(first, last uint64) error {
	return b.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(buckets[2]).Put(number(first), number(last)) })
}

func (b *boltStore) read(n uint64, buf []byte) ([]byte, error) {
	return buf, b.db.View(func(tx *bbolt.Tx) error {
		v := tx.Bucket(buckets[0]).Get(number(n))
		if v == nil {
			return errors.New("not found")
		}
		buf = append(buf[:0], v...)
		return nil
	})
}

func (b *boltStore) done(first, last uint64) error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		for n := first; n <= last; n++ {
			if err := tx.Bucket(buckets[0]).Delete(number(n)); err != nil {
				return err
			}
		}
		return tx.Bucket(buckets[2]).Delete(number(first))
	})
}

func (b *boltStore) forget(before uint64) error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		c := tx.Bucket(buckets[1]).Cursor()
		for k, _ := c.First(); k != nil && binary.BigEndian.Uint64(k) < before; k, _ = c.Next() {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *boltStore) found() ([]uint64, error) {
	var numbers []uint64
	return numbers, b.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(buckets[0]).ForEach(func(k, _ []byte) error {
			numbers = append(numbers, binary.BigEndian.Uint64(k))
			return nil
		})
	})
}

func (b *boltStore) close() error { return b.db.Close() }
