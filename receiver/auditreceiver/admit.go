package auditreceiver

import (
	"context"
	"io"
	"time"

	"golang.org/x/sync/semaphore"
)

// gate is what stands before every body, the same for all protocols of a receiver: whose it is, whether its tenant may
// send more now, and whether there is room for it.
type gate struct {
	tenants *tenants
	rates   *rates
	room    *semaphore.Weighted // bytes of bodies, decompressed
	size    int64
	turns   *turns
}

func newGate(cfg *Config) *gate {
	return &gate{
		tenants: newTenants(&cfg.Tenant),
		rates:   newRates(&cfg.Tenant),
		room:    semaphore.NewWeighted(cfg.MaxInFlightBytes),
		size:    cfg.MaxInFlightBytes,
		turns:   newTurns(),
	}
}

// admission is one request that may come in. What it takes of the receiver's room it gives back with leave.
type admission struct {
	gate   *gate
	tenant tenant
	held   int64
	turn   *turn // nil before it is this request's
}

// admit lets a request in by what is known before its body.
func (g *gate) admit(ctx context.Context, now time.Time) (*admission, *failure) {
	of, fail := g.tenants.of(ctx)
	if fail != nil {
		return nil, fail
	}
	if wait, limit := g.rates.wait(of.name, now); wait > 0 {
		return nil, overRate(limit, wait)
	}
	return &admission{gate: g, tenant: of}, nil
}

// take takes room for more bytes of the body. Nobody waits for room: those who wait would themselves take some.
func (a *admission) take(n int) *failure {
	if !a.gate.room.TryAcquire(int64(n)) {
		return noRoom(a.gate.size)
	}
	a.held += int64(n)
	return nil
}

// wait waits until the request can be worked on.
func (a *admission) wait(ctx context.Context) (fail *failure) {
	a.turn, fail = a.gate.turns.take(ctx)
	return fail
}

// came counts what came against the rates of the tenant.
func (a *admission) came(records, bytes int, now time.Time) {
	a.gate.rates.take(a.tenant.name, records, bytes, now)
}

// leave gives all room back: the request is answered.
func (a *admission) leave() {
	if a.turn != nil {
		a.turn.end()
	}
	a.gate.room.Release(a.held)
	a.held = 0
}

// metered takes room for a body as it arrives, so that what a sender only announces takes none.
type metered struct {
	body     io.Reader
	admitted *admission
	full     *failure // what ended it, where there was no room
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.body.Read(p)
	if fail := m.admitted.take(n); fail != nil {
		m.full = fail
		return 0, io.ErrShortBuffer
	}
	return n, err
}
