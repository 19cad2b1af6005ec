package bench

import (
	"context"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// laneChecks checks every session with a checker of its own.
type laneChecks []checker

// checkLanes makes a checker of all lanes.
func checkLanes(lanes []*devices.Batched, check func(*devices.Batched) checker) checker {
	all := make(laneChecks, len(lanes))
	for i, lane := range lanes {
		all[i] = check(lane)
	}
	return all
}

func (l laneChecks) before(ctx context.Context, limit time.Duration) (first time.Duration, err error) {
	for i, c := range l {
		took, err := c.before(ctx, limit/time.Duration(len(l)))
		if i == 0 {
			first = took
		}
		if err != nil {
			return first, err
		}
	}
	return first, nil
}

func (l laneChecks) within() error {
	for _, c := range l {
		if err := c.within(); err != nil {
			return err
		}
	}
	return nil
}

func (l laneChecks) after(ctx context.Context) error {
	for _, c := range l {
		if err := c.after(ctx); err != nil {
			return err
		}
	}
	return nil
}

// result adds the lanes up: the elements, the largest error, and passed if all did.
func (l laneChecks) result() *Checks {
	sum := *l[0].result()
	for _, c := range l[1:] {
		one := c.result()
		sum.Elements += one.Elements
		sum.Error = max(sum.Error, one.Error)
		sum.Passed = sum.Passed && one.Passed
		if one.Kind == CrossEngine {
			sum.Kind = CrossEngine
		}
	}
	return &sum
}
