package audit

import "context"

type turnKey struct{}

// ContextWithTurn gives a context that carries down the pipeline how a request gives its turn to be worked on to the next one.
func ContextWithTurn(ctx context.Context, end func()) context.Context {
	return context.WithValue(ctx, turnKey{}, end)
}

// EndTurn is called by a component that has done its work on a request and only waits from then on: its records take much
// more memory decoded than on the wire, so a receiver decodes only as many requests as can be worked on. Where nobody counts
// turns it does nothing.
func EndTurn(ctx context.Context) {
	if end, ok := ctx.Value(turnKey{}).(func()); ok {
		end()
	}
}
