package integrity

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/otelaudit/otelaudit/internal/audit"
)

// Stream names a sequence of records that one producer numbers. The draft scopes the numbers to "a single AuditLogger
// instance or a named audit stream", and forbids receivers to look at the scope; what is left is the instance of a service.
type Stream struct {
	Tenant    string
	Namespace string // service.namespace
	Service   string // service.name
	Instance  string // service.instance.id
}

// clone gives a name that keeps no request in memory, whose texts are parts of its body.
func (s Stream) clone() Stream {
	return Stream{
		Tenant: strings.Clone(s.Tenant), Namespace: strings.Clone(s.Namespace),
		Service: strings.Clone(s.Service), Instance: strings.Clone(s.Instance),
	}
}

// Link is what a record says of its place in a stream.
type Link struct {
	Number   int64             // audit.sequence.number
	PrevHash string            // audit.sequence.prev_hash, empty where it has none
	Hash     [sha256.Size]byte // of the record's own canonical form
}

// Warning is what is wrong with a record's place in its stream, as [audit.AttrSequenceWarning] has it; empty where nothing is.
type Warning string

// Warnings.
const (
	WarningNone Warning = ""
	// WarningGap: numbers are missing before this one.
	WarningGap Warning = audit.SequenceGap
	// WarningRepeat: another record had this number.
	WarningRepeat Warning = audit.SequenceRepeat
	// WarningOrder: a higher number came before, and nothing is remembered under this one; or the number is below 1.
	WarningOrder Warning = audit.SequenceOrder
	// WarningRestart: the stream begins again at 1.
	WarningRestart Warning = audit.SequenceRestart
	// WarningPrevHash: it names another record as its predecessor than the one that came.
	WarningPrevHash Warning = audit.SequencePrevHash
)

// Chains follows streams. What it knows is in memory only: a stream that it has not met, or has forgotten, may begin
// with any number. It is safe for concurrent use.
type Chains struct {
	mu      sync.Mutex
	window  int
	streams *simplelru.LRU[Stream, *chain]
}

// NewChains remembers so many streams, those that were not seen for the longest time being forgotten first, and of each the
// last so many records, so that one that is sent again is recognised. A stream takes 8 bytes a record. Both are at least 1.
func NewChains(streams, window int) *Chains {
	lru, err := simplelru.NewLRU[Stream, *chain](max(streams, 1), nil)
	if err != nil {
		panic(err) // for a size below 1 only
	}
	return &Chains{window: max(window, 1), streams: lru}
}

// Check follows the links of one request. Until [Request.Commit] they count for this request only.
func (c *Chains) Check() *Request { return &Request{chains: c} }

// Request is the part of a request in its streams: links that are not known to be kept yet. It is for one goroutine.
type Request struct {
	chains  *Chains
	pending map[Stream]*chain
}

// Add follows one link and says what is wrong with it.
func (r *Request) Add(stream Stream, link Link) Warning {
	c, ok := r.pending[stream]
	if !ok {
		c = r.chains.copyOf(stream)
		if r.pending == nil {
			r.pending = map[Stream]*chain{}
		}
		r.pending[stream] = c
	}
	return c.add(link)
}

// Commit is to be called when the records were taken: what was refused or could not be stored is no part of a stream, and
// will be missed.
func (r *Request) Commit() {
	r.chains.mu.Lock()
	defer r.chains.mu.Unlock()
	for stream, c := range r.pending {
		// Another request of the stream may have been faster.
		known, ok := r.chains.streams.Get(stream)
		if !ok {
			stream = stream.clone()
		}
		if ok && !c.restarted {
			if known.last > c.last {
				known, c = c, known
			}
			c.fill(known)
		}
		c.restarted = false
		r.chains.streams.Add(stream, c)
	}
}

func (c *Chains) copyOf(stream Stream) *chain {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &chain{window: c.window}
	if known, ok := c.streams.Get(stream); ok {
		*out = *known
		out.prints = append([]uint64(nil), known.prints...)
	}
	return out
}

// chain is what is known of a stream.
type chain struct {
	window    int
	first     int64 // the number it was first met with
	last      int64 // the highest number, 0 where none was met
	lastHash  [sha256.Size]byte
	prints    []uint64 // by number modulo their count: the first bytes of the hash, 0 where no such record came
	restarted bool     // by the request at hand
}

func (c *chain) add(link Link) Warning {
	switch {
	case link.Number < 1:
		return WarningOrder
	case c.last == 0:
		c.advance(link)
		if link.Number == 1 && link.PrevHash != "" && !same(link.PrevHash, sha256.Sum256(nil)) {
			return WarningPrevHash
		}
		return WarningNone
	case link.Number > c.last:
		expected := c.last + 1
		before := c.lastHash
		c.advance(link)
		switch {
		case link.Number != expected:
			return WarningGap
		case link.PrevHash != "" && !same(link.PrevHash, before):
			return WarningPrevHash
		}
		return WarningNone
	}
	return c.again(link)
}

// again looks at a number that is not higher than the last one.
func (c *chain) again(link Link) Warning {
	seen := uint64(0)
	if c.remembers(link.Number) {
		seen = c.prints[c.slot(link.Number)]
	}
	switch {
	case seen == print64(link.Hash):
		return WarningNone
	case link.Number == 1:
		*c = chain{window: c.window, restarted: true}
		c.advance(link)
		return WarningRestart
	case seen != 0:
		return WarningRepeat
	}
	if link.Number > c.last-int64(c.window) {
		c.first = min(c.first, link.Number)
		c.grow(c.last - c.first + 1)
		c.prints[c.slot(link.Number)] = print64(link.Hash)
	}
	return WarningOrder
}

// advance makes a link the last one. What lies between is missing.
func (c *chain) advance(link Link) {
	if c.last == 0 {
		c.first = link.Number
	}
	c.grow(link.Number - c.first + 1)
	missing := min(link.Number-c.last-1, int64(len(c.prints)))
	for i := range missing {
		c.prints[c.slot(link.Number-1-i)] = 0
	}
	c.prints[c.slot(link.Number)] = print64(link.Hash)
	c.last, c.lastHash = link.Number, link.Hash
}

// grow makes room for so many numbers, up to the window. A short stream takes little.
func (c *chain) grow(numbers int64) {
	if numbers <= int64(len(c.prints)) || len(c.prints) == c.window {
		return
	}
	size := c.window
	if numbers < int64(size) {
		size = min(size, max(int(numbers), 2*len(c.prints)))
	}
	old := *c
	c.prints = make([]uint64, size)
	c.fill(&old)
}

func (c *chain) slot(number int64) int { return int(number % int64(len(c.prints))) }

func (c *chain) remembers(number int64) bool { return number > c.last-int64(len(c.prints)) }

// fill adds to a chain what another one of the same stream knows besides.
func (c *chain) fill(other *chain) {
	for i := range int64(len(other.prints)) {
		n := other.last - i
		if n < 1 || !c.remembers(n) {
			return
		}
		if p := other.prints[other.slot(n)]; c.prints[c.slot(n)] == 0 {
			c.prints[c.slot(n)] = p
		}
	}
}

// print64 is the start of a hash, never 0.
func print64(hash [sha256.Size]byte) uint64 { return binary.BigEndian.Uint64(hash[:]) | 1 }

// same reports whether a text is a hash in hex.
func same(text string, hash [sha256.Size]byte) bool {
	var decoded [sha256.Size]byte
	if len(text) != hex.EncodedLen(len(decoded)) {
		return false
	}
	_, err := hex.Decode(decoded[:], []byte(text))
	return err == nil && decoded == hash
}
