package selftest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

const (
	handOverRate = 1000 // queries per second, so that the lane is idle when one comes
	handOverTime = time.Second
)

// handOver measures from the issue of a query to a [devices.Queue] to the start of its execution on an idle lane.
func handOver(ctx context.Context, _ Machine) ([]Measured, error) {
	var out []Measured
	for _, by := range []struct{ wait, prefix string }{{spin, "queue_handover_"}, {sleep, "queue_handover_sleep_"}} {
		took, err := handOvers(ctx, waitOf(by.wait))
		if err != nil {
			return nil, err
		}
		for _, p := range percentiles()[:2] {
			x, err := seconds(took, p.p)
			if err != nil {
				return nil, err
			}
			out = append(out, Measured{Name: by.prefix + p.name + "_seconds", Value: &x})
		}
	}
	return out, nil
}

func handOvers(ctx context.Context, wait load.Wait) (*stat.Histogram, error) {
	session := &starter{start: time.Now(), took: stat.NewHistogram()}
	lane := devices.NewSystem(session, oneCopy())
	queue := devices.NewQueue([]*devices.Batched{lane}, devices.BatchPolicy{})
	a := load.Server{Schedule: arrival.Spec{Process: arrival.Constant, Rate: handOverRate, Seed: 1}, Wait: wait}
	g := load.New(&issuer{System: queue, session: session}, a, load.Settings{Duration: handOverTime, Pool: 1})
	_, err := g.WarmUp(ctx)
	if err == nil {
		// The warm-up is a closed loop, another way of waiting, and ended with nothing in flight.
		session.took = stat.NewHistogram()
		err = sound(g.Run(ctx))
	}
	// The histogram belongs to the lane until that is closed.
	if err = errors.Join(err, queue.Close()); err != nil {
		return nil, err
	}
	return session.took, nil
}

// starter is a session that notes how long after its issue it was called.
type starter struct {
	start  time.Time
	issued atomic.Int64 // nanoseconds since the start, 0 when no query waits for its execution
	took   *stat.Histogram
}

func (s *starter) Run(context.Context, int, []workloads.Tensor, []workloads.Tensor) error {
	if issued := s.issued.Swap(0); issued > 0 {
		s.took.Record(int64(time.Since(s.start)) - issued)
	}
	return nil
}

func (s *starter) Close() error { return nil }

// issuer notes when queries are issued. One that is issued while another waits does not find the lane idle and is left out.
type issuer struct {
	devices.System
	session *starter
}

func (i *issuer) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	i.session.issued.CompareAndSwap(0, int64(time.Since(i.session.start)))
	return i.System.Issue(ctx, samples, rec)
}

// oneCopy is the least workload that a queue's lane can be made for.
func oneCopy() *workloads.Workload {
	shape := []int{1, 1}
	x := &workloads.Value{ID: 0, Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
	y := &workloads.Value{ID: 1, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: shape}
	graph := &workloads.Graph{Batch: 1, Values: []*workloads.Value{x, y},
		Nodes:   []*workloads.Node{{Op: workloads.OpCopy, In: []*workloads.Value{x}, Out: y}},
		Outputs: []*workloads.Value{y}}
	return &workloads.Workload{Name: "nothing", UnitsPerSample: 1, Pool: 1, Seed: 1, Options: workloads.Options{Batch: 1},
		Phases: []workloads.Phase{{Name: "forward", Graph: graph}}}
}
