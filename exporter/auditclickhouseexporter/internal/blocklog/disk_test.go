package blocklog

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// memDisk is a disk in memory that keeps apart what was synced from what was not, and can lose power and room.
type memDisk struct {
	mu     sync.Mutex
	inodes []*inode
	names  map[string]int
	synced map[string]int // names as of the last sync of the directory
	dirOps []operation    // since then
	locked bool

	trace  []operation // everything done
	tracks bool
	// fault may let an operation fail. Of a write, n bytes are written before it does.
	fault func(o operation) (n int, err error)
}

type inode struct {
	current, durable []byte
	pending          []operation // since the last sync
}

type operation struct {
	op    string // create, write, truncate, sync, remove, rename, syncDir
	inode int
	name  string
	to    string
	off   int64
	data  []byte
}

func newMemDisk() *memDisk { return &memDisk{names: map[string]int{}, synced: map[string]int{}} }

// do checks for faults, applies and remembers an operation.
func (d *memDisk) do(o operation) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault != nil {
		if n, err := d.fault(o); err != nil {
			if o.op == "write" && n > 0 {
				o.data = o.data[:n]
				d.apply(o)
			}
			if o.op == "sync" { // what could not be written is forgotten, and reads as if it had been
				d.inodes[o.inode].pending = nil
			}
			return err
		}
	}
	d.apply(o)
	return nil
}

func (d *memDisk) apply(o operation) {
	if d.tracks {
		o.data = bytes.Clone(o.data)
		d.trace = append(d.trace, o)
	}
	switch o.op {
	case "create":
		if i, ok := d.names[o.name]; ok {
			d.inodes[i].change(operation{op: "truncate", inode: i})
			return
		}
		d.inodes = append(d.inodes, &inode{})
		o.inode = len(d.inodes) - 1
		d.names[o.name] = o.inode
		d.dirOps = append(d.dirOps, o)
	case "write", "truncate":
		d.inodes[o.inode].change(o)
	case "sync":
		i := d.inodes[o.inode]
		i.durable, i.pending = bytes.Clone(i.current), nil
	case "remove", "rename":
		applyName(d.names, o)
		d.dirOps = append(d.dirOps, o)
	case "syncDir":
		d.synced, d.dirOps = maps.Clone(d.names), nil
	}
}

func applyName(names map[string]int, o operation) {
	switch o.op {
	case "create":
		names[o.name] = o.inode
	case "remove":
		delete(names, o.name)
	case "rename":
		if i, ok := names[o.name]; ok {
			names[o.to] = i
			delete(names, o.name)
		}
	}
}

func (i *inode) change(o operation) {
	i.current = changed(i.current, o)
	o.data = bytes.Clone(o.data)
	i.pending = append(i.pending, o)
}

func changed(b []byte, o operation) []byte {
	end := int(o.off)
	if o.op == "write" {
		end += len(o.data)
	}
	if len(b) < end {
		b = append(b, make([]byte, end-len(b))...)
	}
	if o.op == "truncate" {
		return b[:end]
	}
	copy(b[o.off:], o.data)
	return b
}

// cut gives the disk after a loss of power: what was not synced is there, in part, in disorder, torn, or not at all.
func (d *memDisk) cut(r *rand.Rand) *memDisk {
	names := maps.Clone(d.synced)
	for _, o := range d.dirOps {
		if r.IntN(2) == 0 {
			applyName(names, o)
		}
	}
	after := newMemDisk()
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b := d.inodes[names[name]].survives(r)
		after.inodes = append(after.inodes, &inode{current: b, durable: bytes.Clone(b)})
		after.names[name] = len(after.inodes) - 1
	}
	after.synced = maps.Clone(after.names)
	return after
}

func (i *inode) survives(r *rand.Rand) []byte {
	b := bytes.Clone(i.durable)
	switch mode := r.IntN(4); mode {
	case 0: // nothing
	case 1: // everything
		for _, o := range i.pending {
			b = changed(b, o)
		}
	case 2: // up to a byte
		for n, o := range i.pending[:r.IntN(len(i.pending)+1)] {
			if n == len(i.pending)-1 {
				o.data = o.data[:r.IntN(len(o.data)+1)]
			}
			b = changed(b, o)
		}
	case 3: // some sectors
		const sector = 512
		for _, o := range i.pending {
			for at := 0; at < len(o.data); {
				n := min(sector-(int(o.off)+at)%sector, len(o.data)-at)
				if r.IntN(2) == 0 {
					b = changed(b, operation{op: "write", off: o.off + int64(at), data: o.data[at : at+n]})
				}
				at += n
			}
		}
	}
	return b
}

type unlock func()

func (u unlock) Close() error { u(); return nil }

func (d *memDisk) lock(string) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, ErrLocked
	}
	d.locked = true
	return unlock(func() {
		d.mu.Lock()
		d.locked = false
		d.mu.Unlock()
	}), nil
}

func (d *memDisk) mkdir(string) error { return nil }

func (d *memDisk) list(string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.names)), nil
}

func (d *memDisk) create(path string) (file, error) {
	if err := d.do(operation{op: "create", name: filepath.Base(path)}); err != nil {
		return nil, err
	}
	return d.open(path)
}

func (d *memDisk) open(path string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.names[filepath.Base(path)]
	if !ok {
		return nil, os.ErrNotExist
	}
	return &memFile{disk: d, inode: i, name: filepath.Base(path)}, nil
}

func (d *memDisk) remove(path string) error {
	return d.do(operation{op: "remove", name: filepath.Base(path)})
}

func (d *memDisk) rename(from, to string) error {
	return d.do(operation{op: "rename", name: filepath.Base(from), to: filepath.Base(to)})
}

func (d *memDisk) syncDir(string) error { return d.do(operation{op: "syncDir"}) }

// used is what the files take.
func (d *memDisk) used() int {
	n := 0
	for _, i := range d.names {
		n += len(d.inodes[i].current)
	}
	return n
}

type memFile struct {
	disk   *memDisk
	inode  int
	name   string
	closed bool
}

var errMemClosed = errors.Join(os.ErrClosed)

func (f *memFile) ReadAt(b []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.closed {
		return 0, errMemClosed
	}
	return bytes.NewReader(f.disk.inodes[f.inode].current).ReadAt(b, off)
}

func (f *memFile) WriteAt(b []byte, off int64) (int, error) {
	return len(b), f.disk.do(operation{op: "write", inode: f.inode, name: f.name, off: off, data: b})
}

func (f *memFile) truncate(size int64) error {
	return f.disk.do(operation{op: "truncate", inode: f.inode, name: f.name, off: size})
}

func (f *memFile) sync() error {
	return f.disk.do(operation{op: "sync", inode: f.inode, name: f.name})
}

func (f *memFile) size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.disk.inodes[f.inode].current)), nil
}

func (f *memFile) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.closed = true
	return nil
}
