//go:build !ours

package main

import (
	"encoding/binary"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
)

// raftStore keeps a block and its records in one entry. Entries can only be deleted from the front, so a block stays until the
// replay window has passed it, too; plans and what is done are in the meta store (a bbolt database).
type raftStore struct {
	log                 *wal.WAL
	next, ended, oldest uint64
}

func openRaftWAL(dir string) (store, error) {
	log, err := wal.Open(dir, wal.WithLogger(hclog.NewNullLogger()))
	if err != nil {
		return nil, err
	}
	last, err := log.LastIndex()
	return &raftStore{log: log, next: last + 1}, err
}

func (r *raftStore) commit(data, records []byte) error {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)+len(records)), uint32(len(data)))
	b = append(append(b, data...), records...)
	if err := r.log.StoreLog(&raft.Log{Index: r.next, Data: b}); err != nil {
		return err
	}
	r.next++
	return nil
}

func (r *raftStore) plan(first, last uint64) error {
	return r.log.Set([]byte("plan"), binary.BigEndian.AppendUint64(number(first), last))
}

func (r *raftStore) read(n uint64, buf []byte) ([]byte, error) {
	var entry raft.Log
	if err := r.log.GetLog(n, &entry); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(entry.Data)
	return append(buf[:0], entry.Data[4:4+size]...), nil
}

func (r *raftStore) done(_, last uint64) error {
	r.ended = last
	if err := r.log.SetUint64([]byte("done"), last); err != nil {
		return err
	}
	return r.cut()
}

func (r *raftStore) forget(before uint64) error {
	r.oldest = before
	return r.cut()
}

// cut deletes from the front what is done and out of the window.
func (r *raftStore) cut() error {
	first, err := r.log.FirstIndex()
	last := min(r.ended, r.oldest-min(r.oldest, 1))
	if err != nil || first == 0 || last < first+64 { // each cut is a synced transaction of the meta store
		return err
	}
	return r.log.DeleteRange(first, last)
}

func (r *raftStore) found() ([]uint64, error) {
	first, err := r.log.FirstIndex()
	if err != nil {
		return nil, err
	}
	last, err := r.log.LastIndex()
	var numbers []uint64
	for n := first; n <= last && n > 0; n++ {
		numbers = append(numbers, n)
	}
	return numbers, err
}

func (r *raftStore) close() error { return r.log.Close() }
