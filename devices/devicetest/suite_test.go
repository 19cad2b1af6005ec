package devicetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// The suites fail by t.Fatalf, which no test survives; their checks are seen from inside.

func ptr[T any](v T) *T { return &v }

func graph(name string, batch int, in ...*workloads.Value) *workloads.Graph {
	out := &workloads.Value{ID: len(in), Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: []int{batch, 3}}
	return &workloads.Graph{Name: name, Batch: batch, Values: append(in, out), Outputs: []*workloads.Value{out}}
}

func forward(batch int) *workloads.Workload {
	x := &workloads.Value{Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: []int{batch, 4}, Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
	return &workloads.Workload{Name: "forward", Seed: 1, Pool: 7, Phases: []workloads.Phase{{Name: "forward", Graph: graph("f", batch, x)}}}
}

func decoder(batch int) *workloads.Workload {
	ids := func(n int) *workloads.Value {
		return &workloads.Value{Name: "ids", Kind: workloads.Input, DType: workloads.I32, Shape: []int{batch, n}, Fill: &workloads.InputSpec{Kind: workloads.FillTokens, Vocab: 50}}
	}
	pos := &workloads.Value{ID: 1, Name: "pos", Kind: workloads.Input, DType: workloads.I32, Shape: []int{1}, Fill: &workloads.InputSpec{Kind: workloads.FillPosition}}
	return &workloads.Workload{
		Name: "decoder", Seed: 1, Pool: 9, Options: workloads.Options{ISL: 4, OSL: 3},
		Phases: []workloads.Phase{{Name: "prefill", Graph: graph("p", batch, ids(4))}, {Name: "decode", Graph: graph("d", batch, ids(1), pos)}},
	}
}

func TestTheFakesConform(t *testing.T) {
	dev := &Device{Watts: ptr(100.0)}
	TestBackend(t, Backend{Devices: []devices.Device{dev}}, devices.Machine{})
	for _, w := range []*workloads.Workload{forward(1), forward(3), decoder(1), decoder(2)} {
		e := &Engine{}
		TestEngine(t, e, &Device{}, w)
		require.Equal(t, 2, e.Loads())
		require.Equal(t, 2, e.Closes())
		require.GreaterOrEqual(t, e.Calls(), 4*w.Calls())
	}
}

func TestAbsenceIsSkippedWithItsReason(t *testing.T) {
	absent, err := checkBackend(t.Context(), Backend{Absent: "no such bus"}, devices.Machine{})
	require.NoError(t, err)
	require.Contains(t, absent, "no such bus")
	skip, err := checkEngine(t.Context(), &Engine{ProbeError: fmt.Errorf("no library: %w", devices.ErrAbsent)}, &Device{}, forward(1))
	require.NoError(t, err)
	require.Contains(t, skip, "no library")
	skip, err = checkEngine(t.Context(), &Engine{SupportsError: fmt.Errorf("too big: %w", devices.ErrUnsupported)}, &Device{}, forward(1))
	require.NoError(t, err)
	require.Contains(t, skip, "too big")
}

// readable is a device that gives these readings one after the other.
func readable(readings ...devices.Reading) *Device {
	for i := range readings {
		if readings[i].Time.IsZero() {
			readings[i].Time = time.Unix(int64(1000+i), 0)
		}
	}
	return &Device{ReadOf: func(n int) (devices.Reading, error) { return readings[min(n, len(readings)-1)], nil }}
}

// heedless finds its devices although the context is cancelled.
type heedless struct{ Backend }

func (h heedless) Find(_ context.Context, m devices.Machine) (devices.Inventory, error) {
	return h.Backend.Find(context.Background(), m)
}

// empty finds nothing and is content.
type empty struct{ Backend }

func (empty) Find(ctx context.Context, _ devices.Machine) (devices.Inventory, error) {
	return devices.Inventory{}, ctx.Err()
}

func TestBackendSuiteFinds(t *testing.T) {
	one := func(d *Device) Backend { return Backend{Devices: []devices.Device{d}} }
	info := func(i devices.Info) Backend { return one(&Device{DeviceInfo: i}) }
	for want, b := range map[string]devices.Backend{
		"not one lower-case word":          Backend{BackendName: "My Backend"},
		"find with a cancelled context":    heedless{one(&Device{})},
		"find: boom":                       Backend{Err: errors.New("boom")},
		"absent without a reason":          Backend{Err: devices.ErrAbsent},
		"returns nothing and no":           empty{},
		"a problem without a text":         Backend{Problems: []devices.Problem{{}}},
		"two devices have the id":          Backend{Devices: []devices.Device{&Device{}, &Device{}}},
		"backend is \"other\"":             info(devices.Info{Backend: "other"}),
		"the id is not":                    info(devices.Info{ID: "0"}),
		"no name":                          info(devices.Info{Name: "  "}),
		"memory or cores are 0":            info(devices.Info{Cores: ptr(0)}),
		"empty or twice":                   info(devices.Info{Details: []devices.Detail{{Name: "a"}, {Name: "a"}}}),
		"detail a":                         info(devices.Info{Details: []devices.Detail{{Name: "a", Value: math.NaN()}}}),
		"detail b":                         info(devices.Info{Details: []devices.Detail{{Name: "b", Value: []int{1}}}}),
		"JSON changes":                     info(devices.Info{Details: []devices.Detail{{Name: "b", Value: uint64(math.MaxUint64)}}}),
		"a peak without a source":          info(devices.Info{Peak: &devices.SpecPeak{}}),
		"read: boom":                       one(&Device{ReadError: errors.New("boom")}),
		"close: boom":                      one(&Device{CloseError: errors.New("boom")}),
		"no time":                          one(&Device{ReadOf: func(int) (devices.Reading, error) { return devices.Reading{}, nil }}),
		"power is NaN":                     one(readable(devices.Reading{PowerWatts: ptr(math.NaN())})),
		"energy is -1":                     one(readable(devices.Reading{EnergyJoules: ptr(-1.0)})),
		"utilization is 101":               one(readable(devices.Reading{UtilizationPercent: ptr(101.0)})),
		"clock is +Inf":                    one(readable(devices.Reading{ClockMHz: ptr(math.Inf(1))})),
		"temperature is NaN":               one(readable(devices.Reading{TemperatureC: ptr(math.NaN())})),
		"older than the first":             one(readable(devices.Reading{Time: time.Unix(9, 0)}, devices.Reading{Time: time.Unix(8, 0)})),
		"energy runs backwards: 5, then 4": one(readable(devices.Reading{EnergyJoules: ptr(5.0)}, devices.Reading{EnergyJoules: ptr(4.0)})),
	} {
		_, err := checkBackend(t.Context(), b, devices.Machine{})
		require.ErrorContains(t, err, want)
	}
}

// oddSession is a session of the fake engine with one promise broken.
type oddSession struct {
	devices.Session
	run   func(ctx context.Context, phase int, in, out []workloads.Tensor) error
	close func() error
}

func (s oddSession) Run(ctx context.Context, phase int, in, out []workloads.Tensor) error {
	return s.run(ctx, phase, in, out)
}

func (s oddSession) Close() error { return s.close() }

// oddEngine breaks promises through odd, which gets each session that is loaded.
type oddEngine struct {
	*Engine
	heedless bool
	odd      func(n int, s devices.Session) devices.Session
}

func (e oddEngine) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	if e.heedless {
		ctx = context.Background()
	}
	loaded, err := e.Engine.Load(ctx, dev, w)
	if err == nil && e.odd != nil {
		loaded.Session = e.odd(e.Loads(), loaded.Session)
	}
	return loaded, err
}

func TestEngineSuiteFinds(t *testing.T) {
	running := func(run func(s devices.Session, ctx context.Context, phase int, in, out []workloads.Tensor) error) oddEngine {
		return oddEngine{Engine: &Engine{}, odd: func(_ int, s devices.Session) devices.Session {
			return oddSession{Session: s, close: s.Close, run: func(ctx context.Context, phase int, in, out []workloads.Tensor) error {
				return run(s, ctx, phase, in, out)
			}}
		}}
	}
	fill := func(v func() float32) func(int, []workloads.Tensor, []workloads.Tensor) {
		return func(_ int, _, out []workloads.Tensor) {
			for i := range out[0].F32 {
				out[0].F32[i] = v()
			}
		}
	}
	n := float32(0)
	for want, e := range map[string]devices.Engine{
		"probe: error wraps neither":     &Engine{ProbeError: errors.New("boom")},
		"kind is":                        &Engine{Kind: "fast"},
		"0 threads":                      &Engine{Threads: ptr(0)},
		"supports: error does not wrap":  &Engine{SupportsError: errors.New("boom")},
		"load: boom":                     &Engine{LoadError: errors.New("boom")},
		"load: loading decoder":          &Engine{Fault: ReturnError, FaultAt: AtLoad},
		"load with a cancelled context":  oddEngine{Engine: &Engine{}, heedless: true},
		"first query: call 0":            &Engine{Fault: ReturnError},
		"first query: call 1: panic":     &Engine{Fault: Panic, FaultAt: 1},
		"the same output":                &Engine{Output: fill(func() float32 { return 1 })},
		"has another output than before": &Engine{Output: fill(func() float32 { n++; return n })},
		"was not written":                &Engine{Output: func(int, []workloads.Tensor, []workloads.Tensor) {}},
		"element 0 of output 0 is +Inf":  &Engine{Output: fill(func() float32 { return float32(math.Inf(1)) })},
		"the inputs were written to": running(func(s devices.Session, ctx context.Context, phase int, in, out []workloads.Tensor) error {
			in[0].I32[0]++
			return s.Run(ctx, phase, in, out)
		}),
		"run with a cancelled context": running(func(s devices.Session, _ context.Context, phase int, in, out []workloads.Tensor) error {
			return s.Run(context.Background(), phase, in, out)
		}),
		"close: boom": oddEngine{Engine: &Engine{}, odd: func(_ int, s devices.Session) devices.Session {
			return oddSession{Session: s, run: s.Run, close: func() error { return errors.New("boom") }}
		}},
		"run after close succeeds": oddEngine{Engine: &Engine{}, odd: func(_ int, s devices.Session) devices.Session {
			return oddSession{Session: s, run: s.Run, close: func() error { return nil }}
		}},
		"the same samples in a new session": oddEngine{Engine: &Engine{}, odd: func(load int, s devices.Session) devices.Session {
			return oddSession{Session: s, close: s.Close, run: func(ctx context.Context, phase int, in, out []workloads.Tensor) error {
				err := s.Run(ctx, phase, in, out)
				out[0].F32[0] += float32(load)
				return err
			}}
		}},
	} {
		_, err := checkEngine(t.Context(), e, &Device{}, decoder(2))
		require.ErrorContains(t, err, want)
	}
}

// keepsState answers from the calls before, and does not start anew with the first phase.
func TestEngineSuiteFindsStateThatStays(t *testing.T) {
	var state float32
	e := &Engine{Output: func(_ int, in, out []workloads.Tensor) {
		for i := range out[0].F32 {
			state += float32(in[0].I32[0]) + float32(i)
			out[0].F32[i] = state
		}
	}}
	_, err := checkEngine(t.Context(), e, &Device{}, decoder(1))
	require.ErrorContains(t, err, "the same samples again")
}
