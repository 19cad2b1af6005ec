package bench_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/workloads"
)

// The test binary is also the worker, and for the tests of orphans the parent.
const (
	roleVariable = "ACCELBENCH_TEST_ROLE"
	pidsVariable = "ACCELBENCH_TEST_PIDS" // a directory in which workers leave their process ids
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "worker":
		os.Exit(worker())
	case "parent":
		parent(runner())
	case "careless":
		r := runner()
		r.Command = []string{"/bin/sh", "-c", `: > "$` + pidsVariable + `/$$"; exec sleep 20`}
		parent(r)
	}
	os.Exit(m.Run())
}

func worker() int {
	if dir := os.Getenv(pidsVariable); dir != "" {
		pid := strconv.Itoa(os.Getpid())
		if err := os.WriteFile(filepath.Join(dir, pid), nil, 0o600); err != nil {
			return 1
		}
	}
	err := bench.Worker(context.Background(), os.Stdin, bench.WorkerOutput(), catalogue())
	switch {
	case errors.Is(err, bench.ErrParentGone):
		return 3
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// parent runs plans until it is killed.
func parent(r *bench.Runner) {
	for range r.Run(context.Background(), []bench.Plan{plan("slow", 30*time.Second), plan("deaf", time.Second)}, base()) {
	}
}

// tiny copies eight floats.
func tiny(p bench.Plan) (*workloads.Workload, error) {
	name, o := p.Workload, p.Options
	if o.Precision != "" && o.Precision != "f32" {
		return nil, fmt.Errorf("workload tiny: precision %q: %w", o.Precision, workloads.ErrPrecision)
	}
	width, params := 8, []*workloads.Value(nil)
	switch name {
	case "tiny":
	case "file":
		return modelFile(), nil
	case "memcopy": // the one standard workload that engines which copy can run
		return workloads.Find(name, o)
	case "huge":
		params = []*workloads.Value{{ID: 2, Name: "w", Kind: workloads.Param, DType: workloads.F32, Shape: []int{1 << 20, 1 << 18},
			Param: &workloads.ParamSpec{Scale: 1}}}
	default:
		return nil, fmt.Errorf("unknown workload %q", name)
	}
	shape := []int{1, width}
	x := &workloads.Value{ID: 0, Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: shape,
		Fill: &workloads.InputSpec{Kind: workloads.FillUniform}}
	y := &workloads.Value{ID: 1, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: shape}
	w := &workloads.Workload{Name: name, Title: "a copy", Unit: "row", UnitsPerSample: 2, Pool: 3, Seed: 1, Data: "uniform",
		Options: workloads.Options{Precision: "f32", Batch: 1},
		Phases: []workloads.Phase{{Name: "forward", Graph: &workloads.Graph{Batch: 1, Values: append([]*workloads.Value{x, y}, params...),
			Nodes:   []*workloads.Node{{Op: workloads.OpCopy, In: []*workloads.Value{x}, Out: y}},
			Outputs: []*workloads.Value{y}}}}}
	for _, p := range params {
		w.Parameters += int64(workloads.Elements(p.Shape))
	}
	return w, nil
}

// modelFile is a model file of one input, which gives an output of a length that is not known before.
func modelFile() *workloads.Workload {
	x := &workloads.Value{ID: 0, Name: "x", Kind: workloads.Input, DType: workloads.F32, Shape: []int{8},
		Fill: &workloads.InputSpec{Kind: workloads.FillRange, Low: -1, High: 1}}
	y := &workloads.Value{ID: 1, Name: "y", Kind: workloads.Computed, DType: workloads.F32, Shape: []int{0}}
	return &workloads.Workload{Name: "file", Title: "a model file", Unit: "inference", UnitsPerSample: 1, Pool: 4, Seed: 1,
		Data: "inputs: x f32 [8] uniform in [-1, 1)", Options: workloads.Options{Batch: 1}, Parameters: 3,
		File: &workloads.ModelFile{Path: "/a/file.onnx", SHA256: "digest", Bytes: 100},
		Phases: []workloads.Phase{{Name: "forward", Graph: &workloads.Graph{Batch: 1, Values: []*workloads.Value{x, y},
			Outputs: []*workloads.Value{y}}}}}
}

// runs is an engine of model files: call n of a session gives the inputs and another element, last.
func runs(last func(n int) float32) func(*devicetest.Engine) {
	return func(e *devicetest.Engine) {
		n := 0
		e.Output = func(_ int, in, out []workloads.Tensor) {
			out[0] = workloads.Tensor{DType: workloads.F32, Shape: []int{9}, F32: append(slices.Clone(in[0].F32), last(n))}
			n++
		}
	}
}

// fake is an engine that copies, a millisecond per call.
func fake(name string, change func(*devicetest.Engine)) devices.Engine {
	e := &devicetest.Engine{EngineName: name, Latency: time.Millisecond, Output: copyOut}
	if change != nil {
		change(e)
	}
	return e
}

func copyOut(_ int, in, out []workloads.Tensor) { copy(out[0].F32, in[0].F32) }

// late calls f from the eleventh call on: after the checks that come first, within the timed part.
func late(f func(out []workloads.Tensor)) func(*devicetest.Engine) {
	return func(e *devicetest.Engine) {
		calls := 0
		e.Output = func(phase int, in, out []workloads.Tensor) {
			copyOut(phase, in, out)
			if calls++; calls > 10 {
				f(out)
			}
		}
	}
}

// lazy leaves the work out after a while: the outputs are those of an earlier call.
func lazy(e *devicetest.Engine) {
	calls := 0
	e.Output = func(phase int, in, out []workloads.Tensor) {
		if calls++; calls <= 10 {
			copyOut(phase, in, out)
		}
	}
}

// lanes is an engine whose second session gives wrong outputs from a call on, if that is not 0.
type lanes struct {
	devices.Engine
	loads, at int
}

func (e *lanes) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	e.loads++
	if e.loads != 2 || e.at == 0 {
		return e.Engine.Load(ctx, dev, w)
	}
	calls := 0
	return fake(e.Name(), func(f *devicetest.Engine) {
		f.Output = func(phase int, in, out []workloads.Tensor) {
			copyOut(phase, in, out)
			if calls++; calls > e.at {
				out[0].F32[0]++
			}
		}
	}).Load(ctx, dev, w)
}

// secondOnly does something in a call of a session, but on the second device only.
type secondOnly struct {
	devices.Engine
	name string
	do   func()
	at   int
}

func second(name string, do func(), at int) devices.Engine {
	return secondOnly{fake(name, nil), name, do, at}
}

func (e secondOnly) Load(ctx context.Context, dev devices.Device, w *workloads.Workload) (devices.Loaded, error) {
	if dev.Info().ID != "fake:1" {
		return e.Engine.Load(ctx, dev, w)
	}
	calls := 0
	return fake(e.name, func(f *devicetest.Engine) {
		f.Output = func(phase int, in, out []workloads.Tensor) {
			copyOut(phase, in, out)
			if calls++; calls > e.at {
				e.do()
			}
		}
	}).Load(ctx, dev, w)
}

func fault(f devicetest.Fault, at int) func(*devicetest.Engine) {
	return func(e *devicetest.Engine) { e.Fault, e.FaultAt, e.ExitCode = f, at, 7 }
}

func catalogue() bench.Catalogue {
	memory := uint64(16 << 30)
	dev := &devicetest.Device{DeviceInfo: devices.Info{Backend: "fake", ID: "fake:0", Name: "fake device", MemoryBytes: &memory}}
	hot := &devicetest.Device{DeviceInfo: devices.Info{ID: "fake:hot"}, Reading: devices.Reading{Throttle: []string{"thermal"}}}
	gone := &devicetest.Device{DeviceInfo: devices.Info{ID: "fake:lost"}, ReadOf: func(n int) (devices.Reading, error) {
		if n > 2 {
			return devices.Reading{}, fmt.Errorf("reading fake:lost: %w: fallen off the bus", devices.ErrLost)
		}
		return devices.Reading{Time: time.Now()}, nil
	}}
	faulty := &devicetest.Device{DeviceInfo: devices.Info{ID: "fake:faulty"}, ReadOf: func(n int) (devices.Reading, error) {
		errs := uint64(n)
		return devices.Reading{Time: time.Now(), Faults: []string{"Xid 79"}, ECCUncorrected: &errs}, nil
	}}
	watts := 200.0
	metered := &devicetest.Device{DeviceInfo: devices.Info{ID: "fake:metered"}, Watts: &watts}
	never := make(chan struct{})
	return bench.Catalogue{
		Backends: []devices.Backend{
			devicetest.Backend{Devices: []devices.Device{dev, &devicetest.Device{DeviceInfo: devices.Info{ID: "fake:1"}}, hot, gone, faulty, metered},
				Problems: []devices.Problem{{Text: "one is warm", Remedy: "wait"}}},
			devicetest.Backend{BackendName: "watched", Devices: []devices.Device{
				&watched{Device: devicetest.Device{DeviceInfo: devices.Info{Backend: "watched"}}}}},
			devicetest.Backend{BackendName: "none", Absent: "no library"},
			devicetest.Backend{BackendName: "broken", Err: errors.New("driver is confused")},
			crashing{},
			devicetest.Backend{BackendName: "haunted", Devices: []devices.Device{&devicetest.Device{DeviceInfo: devices.Info{Backend: "haunted", ID: "haunted:0"}}}},
		},
		Engines: func(int) []devices.Engine {
			return []devices.Engine{
				fake("good", nil),
				&haunted{Engine: fake("haunted", nil)}, &haunted{Engine: fake("haunted-too", nil)},
				fake("slow", func(e *devicetest.Engine) { e.Latency = 20 * time.Millisecond }),
				fake("wrong", func(e *devicetest.Engine) { e.Offset = 0.01 }),
				fake("wrong-later", late(func(out []workloads.Tensor) { out[0].F32[3]++ })),
				fake("lazy", lazy),
				fake("loaderror", fault(devicetest.ReturnError, devicetest.AtLoad)),
				fake("runerror", fault(devicetest.ReturnError, 10)),
				fake("panic", fault(devicetest.Panic, 10)),
				fake("exit", fault(devicetest.ExitProcess, 10)),
				fake("hang", fault(devicetest.HangUntilDone, 10)),
				fake("deaf", func(e *devicetest.Engine) { fault(devicetest.HangForever, 10)(e); e.Release = never }),
				fake("killed", late(func([]workloads.Tensor) { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) })),
				fake("segfault", late(func([]workloads.Tensor) {
					fmt.Fprintln(os.Stderr, "vendor library: assertion failed")
					_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
					time.Sleep(time.Minute)
				})),
				&lanes{Engine: fake("one-lane-wrong", nil), at: 5},
				second("second-dies", func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) }, 100),
				second("second-waits", func() { time.Sleep(time.Minute) }, 0),
				fake("file", runs(func(int) float32 { return 1 })),
				fake("file-random", runs(func(n int) float32 { return float32(n) })),
				fake("file-nan", runs(func(int) float32 { return float32(math.NaN()) })),
				fake("file-drifts", runs(func(n int) float32 { return float32(n / 10) })),
				fake("garbage", late(func([]workloads.Tensor) { _, _ = os.NewFile(bench.WorkerFD, "").WriteString("hello\n") })),
				fake("chatty", late(func([]workloads.Tensor) { fmt.Println("loading the kernel cache ...") })),
				fake("unsupported", func(e *devicetest.Engine) {
					e.SupportsError = fmt.Errorf("%w: no such operation", devices.ErrUnsupported)
				}),
				fake("absent", func(e *devicetest.Engine) { e.ProbeError = fmt.Errorf("libfake.so: %w", devices.ErrAbsent) }),
			}
		},
		Peak: func(context.Context, devices.Device) (*bench.MeasuredPeak, error) {
			flops := 1e9
			return &bench.MeasuredPeak{FLOPs: &flops, Threads: 1, Method: "made up"}, nil
		},
		Workload: tiny,
	}
}

// haunted is an engine whose library takes the process with it when it is asked about the device haunted:0.
type haunted struct{ devices.Engine }

func (e *haunted) Probe(dev devices.Info) (devices.EngineInfo, error) {
	if dev.ID == "haunted:0" {
		fmt.Fprintln(os.Stderr, "libhaunted: wrong version")
		os.Exit(9) //nolint:revive // what this stands for
	}
	return e.Engine.Probe(dev)
}

// crashing is a backend whose vendor library takes the process with it.
type crashing struct{}

func (crashing) Name() string { return "crashing" }
func (crashing) Find(context.Context, devices.Machine) (devices.Inventory, error) {
	fmt.Fprintln(os.Stderr, "libcrash: version mismatch")
	os.Exit(9) //nolint:revive // what this stands for
	return devices.Inventory{}, nil
}

func runner() *bench.Runner {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return &bench.Runner{Command: []string{self}, Workload: tiny,
		// The race detector's second of sleep at every exit would make the tests slow.
		Env: []string{roleVariable + "=worker", "GORACE=atexit_sleep_ms=0"}}
}

func base() bench.Base {
	memory := uint64(16 << 30)
	return bench.Base{
		Session: "session", Tool: bench.Tool{Version: "test"},
		PassedOver: []bench.PassedOver{{Device: "fake:1", Reason: "not asked for"}},
		Targets: map[string]bench.Target{"fake:0": {Present: 2, Unpriced: "no price given", Candidate: bench.Candidate{
			Info: devices.Info{Backend: "fake", ID: "fake:0", Name: "fake device"}, FreeBytes: &memory}}},
	}
}

func plan(engine string, duration time.Duration) bench.Plan {
	return bench.Plan{Device: "fake:0", Engine: engine, Workload: "tiny", Scenario: bench.SingleStream,
		Length: bench.Length{Duration: duration, MinQueries: 15}, Repeats: 1, Seed: 1, Arrivals: bench.Arrivals{Rate: 100, Concurrency: 2}}
}
