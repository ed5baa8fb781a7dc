package integrity

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

var shop = Stream{Service: "shop", Instance: "1"}

// hashOf is the hash of the record of a number; other content of the same number has another version.
func hashOf(number int64, version string) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%d%s", number, version))
}

// link is the record of a number in a sound stream.
func link(number int64) Link {
	before := sha256.Sum256(nil)
	if number > 1 {
		before = hashOf(number-1, "")
	}
	return Link{Number: number, Hash: hashOf(number, ""), PrevHash: hex.EncodeToString(before[:])}
}

// other is a record of the same number and other content.
func other(number int64) Link {
	l := link(number)
	l.Hash = hashOf(number, "other")
	return l
}

// follow sends links in one request that is kept, and gives the warnings.
func follow(c *Chains, links ...Link) []Warning {
	request := c.Check()
	defer request.Commit()
	out := make([]Warning, len(links))
	for i, l := range links {
		out[i] = request.Add(shop, l)
	}
	return out
}

func span(from, to int64) []Link {
	var out []Link
	for n := from; n <= to; n++ {
		out = append(out, link(n))
	}
	return out
}

func none(n int) []Warning { return make([]Warning, n) }

func TestWhatIsWrongWithAStream(t *testing.T) {
	wrongHash := link(6)
	wrongHash.PrevHash = link(3).PrevHash
	notHex, short, bare := link(6), link(6), link(6)
	notHex.PrevHash = "zz" + notHex.PrevHash[2:]
	short.PrevHash = "ab"
	bare.PrevHash = ""
	begun := link(1)
	begun.PrevHash = link(2).PrevHash
	for name, tt := range map[string]struct {
		before []Link
		next   []Link
		want   []Warning
	}{
		"in order":                    {span(1, 5), span(6, 8), none(3)},
		"a stream that is met late":   {nil, span(100, 103), none(4)},
		"without previous hash":       {span(1, 5), []Link{bare}, none(1)},
		"wrong previous hash":         {span(1, 5), []Link{wrongHash, link(7)}, []Warning{WarningPrevHash, ""}},
		"previous hash that is none":  {span(1, 5), []Link{notHex}, []Warning{WarningPrevHash}},
		"previous hash is short":      {span(1, 5), []Link{short}, []Warning{WarningPrevHash}},
		"the first after another one": {nil, []Link{begun}, []Warning{WarningPrevHash}},
		"one is missing":              {span(1, 5), []Link{link(7), link(8)}, []Warning{WarningGap, ""}},
		"the missing one comes late":  {span(1, 5), []Link{link(7), link(6), link(6), link(8)}, []Warning{WarningGap, WarningOrder, "", ""}},
		"sent again":                  {span(1, 5), span(1, 5), none(5)},
		"sent again and on":           {span(1, 5), span(3, 9), none(7)},
		"other content":               {span(1, 5), []Link{other(4), link(6)}, []Warning{WarningRepeat, ""}},
		"other content of the last":   {span(1, 5), []Link{other(5)}, []Warning{WarningRepeat}},
		"began again":                 {span(1, 5), []Link{other(1), link(2)}, []Warning{WarningRestart, WarningPrevHash}},
		"no number":                   {span(1, 5), []Link{{Number: 0}, {Number: -1}, {Number: math.MinInt64}, link(6)}, []Warning{WarningOrder, WarningOrder, WarningOrder, ""}},
		"the largest number":          {span(1, 5), []Link{link(math.MaxInt64), link(math.MaxInt64), link(6)}, []Warning{WarningGap, "", WarningOrder}},
		"begins with the largest":     {nil, []Link{link(math.MaxInt64), link(math.MaxInt64)}, none(2)},
	} {
		t.Run(name, func(t *testing.T) {
			chains := NewChains(10, 100)
			follow(chains, tt.before...)
			assert.Equal(t, tt.want, follow(chains, tt.next...))
		})
	}
}

func TestWhatWasNotKeptIsMissed(t *testing.T) {
	chains := NewChains(10, 100)
	follow(chains, span(1, 5)...)
	lost := chains.Check()
	for _, l := range span(6, 9) {
		assert.Equal(t, WarningNone, lost.Add(shop, l))
	}
	assert.Equal(t, []Warning{WarningGap}, follow(chains, link(10)), "6 to 9 were refused, and nobody sent them again")

	chains = NewChains(10, 100)
	follow(chains, span(1, 5)...)
	lost = chains.Check()
	lost.Add(shop, link(6))
	assert.Equal(t, none(2), follow(chains, link(6), link(7)), "sent again after a refusal")
}

func TestOnlySoManyRecordsAreRemembered(t *testing.T) {
	chains := NewChains(10, 8)
	assert.Equal(t, none(100), follow(chains, span(1, 100)...))
	assert.Equal(t, none(8), follow(chains, span(93, 100)...))
	assert.Equal(t, []Warning{WarningOrder}, follow(chains, link(92)))
	known, _ := chains.streams.Get(shop)
	assert.Len(t, known.prints, 8)
}

func TestAReplayIsKnownAtEveryLength(t *testing.T) {
	for _, start := range []int64{1, 7, 1 << 40} {
		for _, length := range []int64{1, 2, 3, 15, 16, 17, 63, 64} {
			chains := NewChains(10, 64)
			follow(chains, span(start, start+length-1)...)
			assert.Equal(t, none(int(length)), follow(chains, span(start, start+length-1)...), "%d from %d", length, start)
		}
	}
}

func TestOnlySoManyStreamsAreRemembered(t *testing.T) {
	chains := NewChains(3, 8)
	for i := range 100 {
		request := chains.Check()
		request.Add(Stream{Instance: fmt.Sprint(i)}, link(5))
		request.Commit()
	}
	assert.Equal(t, 3, chains.streams.Len())
	request := chains.Check()
	assert.Equal(t, WarningNone, request.Add(Stream{Instance: "0"}, link(50)), "it is forgotten")
	assert.Equal(t, WarningGap, request.Add(Stream{Instance: "99"}, link(50)))
}

func TestStreamsAreApart(t *testing.T) {
	chains := NewChains(10, 8)
	request := chains.Check()
	for _, stream := range []Stream{{}, {Tenant: "a"}, {Namespace: "a"}, {Service: "a"}, {Instance: "a"}} {
		assert.Equal(t, WarningNone, request.Add(stream, link(1)))
		assert.Equal(t, WarningNone, request.Add(stream, link(2)))
	}
	request.Commit()
	assert.Equal(t, 5, chains.streams.Len())
}

// Requests of one stream that overlap leave what both brought.
func TestRequestsOfAStreamMayOverlap(t *testing.T) {
	for _, firstFirst := range []bool{true, false} {
		chains := NewChains(10, 100)
		follow(chains, span(1, 5)...)
		a, b := chains.Check(), chains.Check()
		assert.Equal(t, WarningNone, a.Add(shop, link(6)))
		assert.Equal(t, WarningGap, b.Add(shop, link(7)))
		if firstFirst {
			a.Commit()
			b.Commit()
		} else {
			b.Commit()
			a.Commit()
		}
		assert.Equal(t, none(4), follow(chains, link(5), link(6), link(7), link(8)))
	}
	chains := NewChains(4, 16)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range int64(50) {
				request := chains.Check()
				request.Add(Stream{Instance: fmt.Sprint(i % 6)}, link(n+1))
				request.Commit()
			}
		})
	}
	wg.Wait()
}

// FuzzChain holds the chain against a map of all numbers.
func FuzzChain(f *testing.F) {
	f.Add([]byte{1, 2, 3, 5, 4, 4, 200})
	f.Fuzz(func(t *testing.T, steps []byte) {
		const window = 32
		chains, seen, last := NewChains(2, window), map[int64]string{}, int64(0)
		for i, step := range steps {
			number, version := int64(step>>1), ""
			if step&1 == 1 {
				version = fmt.Sprint(i % 3)
			}
			l := Link{Number: number, Hash: hashOf(number, version)}
			got := follow(chains, l)[0]
			was, known := seen[number]
			switch {
			case number < 1:
				assert.Equal(t, WarningOrder, got)
				continue
			case last == 0:
				assert.Equal(t, WarningNone, got)
			case number > last+1:
				assert.Equal(t, WarningGap, got)
			case number == last+1:
				assert.Equal(t, WarningNone, got)
			case number > last-window && known && was == version:
				assert.Equal(t, WarningNone, got)
				continue
			case number == 1:
				assert.Contains(t, []Warning{WarningRestart, WarningNone}, got)
				if got == WarningRestart {
					seen, last = map[int64]string{}, 0
				}
			case number > last-window && known:
				assert.Equal(t, WarningRepeat, got)
				continue
			default:
				assert.Equal(t, WarningOrder, got)
				if number <= last-window {
					continue
				}
			}
			seen[number], last = version, max(last, number)
		}
	})
}

func BenchmarkChain(b *testing.B) {
	chains := NewChains(100, 1024)
	links := span(1, 1000)
	b.ReportAllocs()
	for b.Loop() {
		request := chains.Check()
		for i := range links {
			request.Add(shop, links[i])
		}
		request.Commit()
	}
}
