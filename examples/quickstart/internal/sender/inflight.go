package sender

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
)

// gate bounds how many records are between the application and the answer to the request that carried them. With a bound
// no larger than the batch processor's queue, the queue cannot overflow.
type gate struct{ free *semaphore.Weighted }

func newGate(records int) gate { return gate{semaphore.NewWeighted(int64(records))} }

// enter waits until one more record may be on its way.
func (g gate) enter(ctx context.Context) error {
	if err := g.free.Acquire(ctx, 1); err != nil {
		return fmt.Errorf("wait for the collector: %w", err)
	}
	return nil
}

// leave says that so many records are not on their way any more, whatever became of them.
func (g gate) leave(records int) { g.free.Release(int64(records)) }
