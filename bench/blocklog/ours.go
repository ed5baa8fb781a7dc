//go:build ours

// The exporter's log lives in an internal package, which this module must not import. This file is therefore built within the
// exporter's module, together with those that drive every candidate: see build.go.
package main

import (
	"errors"

	"github.com/otelaudit/otelaudit/exporter/auditclickhouseexporter/internal/blocklog"
)

func candidates() []opener {
	return []opener{{"blocklog", openOurs}}
}

const table = 1

type ours struct {
	log   *blocklog.Log
	base  uint64 // number of the first block, less one
	plans map[uint64]uint64
	batch []blocklog.Record
}

func openOurs(dir string) (store, error) {
	log, report, err := blocklog.Open(dir, blocklog.Options{})
	if err != nil {
		return nil, err
	}
	o := &ours{log: log, plans: map[uint64]uint64{}}
	for _, d := range report.Damage {
		complain(d.String())
	}
	for live, err := range log.Blocks(table) {
		if err != nil {
			return nil, err
		}
		o.base = live.Number - 1
		break
	}
	return o, nil
}

func (o *ours) commit(block, records []byte) error {
	o.batch = o.batch[:0]
	for ; len(records) > 0; records = records[recordSize:] {
		r := blocklog.Record{}
		copy(r.ID[:], records)
		o.batch = append(o.batch, r)
	}
	return o.log.Commit(func(first uint64) (blocklog.Commit, error) {
		if o.base == 0 {
			o.base = first - 1
		}
		return blocklog.Commit{
			Blocks:  []blocklog.Block{{Table: table, Header: make([]byte, 100), Data: block}},
			Records: o.batch,
		}, nil
	})
}

func (o *ours) plan(first, last uint64) error {
	p := blocklog.Plan{Table: table, Token: "0123456789abcdef0123456789abcdef"}
	for n := first; n <= last; n++ {
		p.Numbers = append(p.Numbers, o.base+n)
	}
	err := o.log.Plan(&p)
	o.plans[first] = p.ID
	return err
}

func (o *ours) read(number uint64, buf []byte) ([]byte, error) { return o.log.Read(o.base+number, buf) }

func (o *ours) done(first, _ uint64) error { return o.log.Done(o.plans[first], nil) }

func (o *ours) forget(before uint64) error { return o.log.Forget(o.base + before) }

func (o *ours) found() ([]uint64, error) {
	var numbers []uint64
	for live, err := range o.log.Blocks(table) {
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, live.Number-o.base)
	}
	return numbers, nil
}

func (o *ours) close() error {
	countedOwn = o.log.Stats().Written
	return errors.Join(o.log.Stats().Trouble, o.log.Close())
}
