package native

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/native/kernel"
	"github.com/accelbench/accelbench/workloads"
)

func TestRunAllocatesNothing(t *testing.T) {
	prefill, decode := decoder(1, 40, 60), decoder(1, 1, 60)
	w := workload(5, prefill, decode)
	w.Options.ISL = 40
	image := newTestGraph("image")
	cases()["residual"](image)
	stack := newTestGraph("stack")
	unet(stack)
	mixture := workload(5, mixtureDecoder(2, 40, 60, 9), mixtureDecoder(2, 1, 60, 9))
	mixture.Options.ISL = 40
	for name, w := range map[string]*workloads.Workload{"decoder": w, "image": workload(1, image), "stack": workload(1, stack),
		"mixture": mixture, "hearing": workload(5, hearing(true, 1), hearing(false, 1))} {
		t.Run(name, func(t *testing.T) {
			if raceDetector {
				t.Skip("the race detector allocates")
			}
			s := open(t, kernel.Best(), 2, w)
			var ins, outs [][]workloads.Tensor
			for c := range w.Calls() {
				phase, _ := w.Phase(c)
				ins, outs = append(ins, w.NewInputs(phase)), append(outs, w.NewOutputs(phase))
				w.Fill(c, []int{0}, ins[c])
			}
			query := func() {
				for c := range ins {
					phase, _ := w.Phase(c)
					if err := s.Run(t.Context(), phase, ins[c], outs[c]); err != nil {
						t.Error(err)
					}
				}
			}
			require.Zero(t, testing.AllocsPerRun(50, query))
		})
	}
}

func TestCloseEndsTheWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	w := workload(1, decoder(1, 9, 9))
	loaded, err := load(t.Context(), kernel.Best(), 5, w)
	require.NoError(t, err)
	call(t, loaded.Session, w, 0, 1)
	require.NoError(t, loaded.Session.Close())
	requireGoroutines(t, before)
	require.NoError(t, loaded.Session.Close())
	err = loaded.Session.Run(t.Context(), 0, w.NewInputs(0), w.NewOutputs(0))
	require.ErrorIs(t, err, errClosed)
}

func TestLoadThatFailsLeavesNoWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := load(ctx, kernel.Best(), 5, workload(1, decoder(1, 9, 9)))
	require.ErrorIs(t, err, context.Canceled)
	requireGoroutines(t, before)
}

// requireGoroutines waits until no more goroutines than that are left: one that has ended counts for another moment.
func requireGoroutines(t *testing.T, most int) {
	t.Helper()
	for range 10000 {
		if runtime.NumGoroutine() <= most {
			return
		}
		time.Sleep(time.Millisecond)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), most)
}

func TestConcurrentSessions(t *testing.T) {
	w := workload(1, decoder(2, 9, 9))
	w.Options.Batch = 2
	first := open(t, kernel.Best(), 1, w)
	_, want := call(t, first, w, 0, 1, 2)
	var group sync.WaitGroup
	for range 3 {
		s := open(t, kernel.Best(), 2, w)
		group.Go(func() {
			for range 20 {
				in, out := w.NewInputs(0), w.NewOutputs(0)
				w.Fill(0, []int{1, 2}, in)
				if err := s.Run(t.Context(), 0, in, out); err != nil {
					t.Error(err)
				}
				if got := out[0].F32; len(got) == 0 || got[0] != want[0].F32[0] || got[len(got)-1] != want[0].F32[len(got)-1] {
					t.Error("another result than that of one thread")
				}
			}
		})
	}
	group.Wait()
}

func TestRunRefuses(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := map[string]struct {
		ctx   context.Context
		phase int
		spoil func(in, out *[]workloads.Tensor)
		want  string
	}{
		"cancelled":       {ctx: cancelled, want: "context canceled"},
		"no such phase":   {phase: 2, want: "there are 2 phases"},
		"missing input":   {spoil: func(in, _ *[]workloads.Tensor) { *in = (*in)[:1] }, want: "inputs"},
		"short output":    {spoil: func(_, out *[]workloads.Tensor) { (*out)[0].F32 = (*out)[0].F32[1:] }, want: "outputs"},
		"wrong type":      {spoil: func(in, _ *[]workloads.Tensor) { (*in)[0].DType = workloads.F32 }, want: "the graph wants"},
		"id too large":    {spoil: func(in, _ *[]workloads.Tensor) { setFirst(*in, 9, 61) }, want: "id 61 in a table of 61"},
		"id below zero":   {spoil: func(in, _ *[]workloads.Tensor) { setFirst(*in, 9, -1) }, want: "id -1"},
		"cache too short": {spoil: func(in, _ *[]workloads.Tensor) { setFirst(*in, 1, 4) }, want: "9 rows at position 4"},
		"before zero":     {spoil: func(in, _ *[]workloads.Tensor) { setFirst(*in, 1, -1) }, want: "position -1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := workload(3, decoder(1, 9, 12), decoder(1, 1, 12))
			s := open(t, kernel.Best(), 2, w)
			in, out := w.NewInputs(0), w.NewOutputs(0)
			w.Fill(0, []int{0}, in)
			if tt.spoil != nil {
				tt.spoil(&in, &out)
			}
			if tt.ctx == nil {
				tt.ctx = t.Context()
			}
			err := s.Run(tt.ctx, tt.phase, in, out)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "workload test")
			require.Equal(t, err, s.Run(t.Context(), tt.phase, in, out), "an error ends the session's use")
		})
	}
}

// setFirst sets the first element of the input that has n elements.
func setFirst(in []workloads.Tensor, n int, to int32) {
	for _, x := range in {
		if len(x.I32) == n {
			x.I32[0] = to
		}
	}
}

func TestEngine(t *testing.T) {
	e := New(Options{Version: "1.2.3", Threads: 3})
	info, err := e.Probe(devices.Info{Backend: "cpu", ID: "cpu"})
	require.NoError(t, err)
	require.Equal(t, "native", e.Name())
	require.Equal(t, devices.EngineInfo{Name: "native", Version: "1.2.3", Kind: devices.Harness, Threads: new(3),
		Details: []devices.Detail{{Name: "kernels", Value: kernel.Best().Name, Source: "cpuid"}}}, info)
	_, err = e.Probe(devices.Info{Backend: "nvml", ID: "nvml:0"})
	require.ErrorIs(t, err, devices.ErrUnsupported)

	info, err = New(Options{}).Probe(devices.Info{Backend: "cpu"})
	require.NoError(t, err)
	require.Equal(t, runtime.GOMAXPROCS(0), *info.Threads)
}

func TestSupports(t *testing.T) {
	e := New(Options{})
	cpu := devices.Info{Backend: "cpu", ID: "cpu"}
	for _, name := range workloads.Names() {
		w, err := workloads.Find(name, workloads.Options{})
		require.NoError(t, err)
		require.NoError(t, e.Supports(cpu, w), name)
		require.ErrorIs(t, e.Supports(devices.Info{Backend: "neuron"}, w), devices.ErrUnsupported)
		for precision, way := range map[string]string{workloads.BFloat16: "bf16 is for accelerators", workloads.Half: "f16 is for accelerators",
			workloads.Int8: "accelbench setup onnxruntime"} {
			w.Options.Precision = precision
			require.ErrorIs(t, e.Supports(cpu, w), devices.ErrUnsupported)
			require.ErrorContains(t, e.Supports(cpu, w), way)
		}
	}
	file := workload(1, decoder(1, 1, 2))
	file.File = &workloads.ModelFile{}
	require.ErrorIs(t, e.Supports(cpu, file), devices.ErrUnsupported)
	file.File.Format = workloads.NEFF
	require.ErrorIs(t, e.Supports(cpu, file), devices.ErrUnsupported)
	require.ErrorContains(t, e.Supports(cpu, file), "a Neuron chip only")
	quantised := newTestGraph("quantised")
	quantised.linear(quantised.Input("x", 2, 32), "w", 8)
	quantised.Params()[0].Param.Bits = 8
	require.ErrorIs(t, e.Supports(cpu, workload(1, quantised)), devices.ErrUnsupported)
	g := newTestGraph("computed filter")
	g.Node(workloads.OpConv2D, attr{Kernel: 1, Stride: 1}, g.Input("x", 1, 3, 3, 2), g.Input("f", 1, 1, 2, 2))
	require.ErrorIs(t, e.Supports(cpu, workload(1, g)), devices.ErrUnsupported)
	g = newTestGraph("computed expert")
	x := g.Input("x", 1, 3, 4)
	gate := g.Input("gate", 2, 4, 4)
	g.Node(workloads.OpMoE, attr{TopK: 1}, x, g.Input("logits", 1, 3, 2), gate, gate, gate)
	require.ErrorIs(t, e.Supports(cpu, workload(1, g)), devices.ErrUnsupported)
	g = newTestGraph("unknown")
	cases()["relu"](g)
	g.Nodes[0].Op = "sort"
	require.ErrorIs(t, e.Supports(cpu, workload(1, g)), devices.ErrUnsupported)
}

func TestLoadReportsItsTimes(t *testing.T) {
	w, err := workloads.Find("gemm", workloads.Options{})
	require.NoError(t, err)
	loaded, err := New(Options{}).Load(t.Context(), fakeCPU{}, w)
	require.NoError(t, err)
	require.Positive(t, loaded.Synthesis)
	require.Positive(t, loaded.Compile)
	require.Positive(t, loaded.Load)
	require.NoError(t, loaded.Session.Close())
}

type fakeCPU struct{ devices.Device }

func (fakeCPU) Info() devices.Info { return devices.Info{Backend: "cpu", ID: "cpu"} }

func TestSharedWeightsArePackedOnce(t *testing.T) {
	w := workload(3, decoder(1, 9, 12), decoder(1, 1, 12))
	s := open(t, kernel.Best(), 1, w).(*session)
	packed := map[*kernel.PackedB]int{}
	for _, p := range s.plans {
		for _, l := range p.levels {
			for _, o := range l.ops {
				if o, ok := o.(*product); ok {
					packed[o.main.packed]++
				}
			}
		}
	}
	require.Len(t, packed, 2*6) // q, k, v, o, gate, down; the logits take the table that is gathered from
	for _, n := range packed {
		require.Equal(t, 2, n)
	}
	// Kept as generated: the table that is gathered from, biases and norms.
	require.Len(t, s.memory.params.raw, 1+2*(7+2))
}

func TestFusion(t *testing.T) {
	for name, want := range map[string]int{
		"linear relu": 1, "linear gelu": 1, "linear silu": 1, "linear add relu": 1, "linear add gelu": 1, "two linear add": 2, "silu gate": 1,
		"silu gate, other order": 1, "relu gate": 3, "relu read twice": 3, "residual": 5, "add self": 2, "outputs inside": 2,
	} {
		t.Run(name, func(t *testing.T) {
			g := newTestGraph(name)
			cases()[name](g)
			workload(1, g)
			steps, err := fuse(&g.Graph.Graph)
			require.NoError(t, err)
			require.Len(t, steps, want)
		})
	}
}

func TestIndependentStepsShareALevel(t *testing.T) {
	g := decoder(1, 9, 12)
	workload(1, g)
	p, err := newPlan(&g.Graph.Graph)
	require.NoError(t, err)
	// Per layer: norm, [q k v], [rope rope], attention, output, norm, gate, down. Around them: embedding, last, norm-free logits.
	require.Len(t, p.steps, 1+2*8+2)
	require.Len(t, p.steps[2], 3)
	require.Len(t, p.steps[3], 2)
}

func TestPlaceKeepsBlocksApart(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var blocks []*block
		most := 0
		for range rapid.IntRange(1, 30).Draw(rt, "blocks") {
			first := rapid.IntRange(0, 20).Draw(rt, "first")
			b := &block{size: rapid.IntRange(1, 200).Draw(rt, "size"), first: first, last: first + rapid.IntRange(0, 5).Draw(rt, "levels")}
			blocks = append(blocks, b)
			most += roundUp(b.size, lineFloats)
		}
		total := place(blocks)
		if total > most {
			rt.Fatalf("%d floats for blocks of %d", total, most)
		}
		for i, a := range blocks {
			if a.offset%lineFloats != 0 || a.offset+a.size > total {
				rt.Fatalf("block %+v of %d", a, total)
			}
			for _, b := range blocks[:i] {
				if a.first <= b.last && b.first <= a.last && a.offset < b.offset+b.size && b.offset < a.offset+a.size {
					rt.Fatalf("%+v and %+v overlap", a, b)
				}
			}
		}
	})
}

func TestPlaceReusesMemory(t *testing.T) {
	chain := []*block{{size: 64, first: 0, last: 1}, {size: 64, first: 1, last: 2}, {size: 64, first: 2, last: 3}, {size: 64, first: 3, last: 4}}
	require.Equal(t, 128, place(chain))
}

// counter counts how often each task ran.
type counter []int

func (c counter) run(_ *worker, task int) { c[task]++ }

func TestPoolRunsEachTaskOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 4, runtime.GOMAXPROCS(0) + 3} {
		p := newPool(threads)
		for round := range 2000 {
			n := round % 17
			c := make(counter, n)
			p.do(c, n)
			for task, times := range c {
				require.Equal(t, 1, times, "threads %d, round %d, task %d", threads, round, task)
			}
			if round%500 == 0 {
				time.Sleep(time.Millisecond) // the workers fall asleep
			}
		}
		p.close()
	}
}

func TestGridCoversAndNeverLeavesOneRow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		set := rapid.SampledFrom(kernel.Sets()).Draw(rt, "set")
		m, k, n := rapid.IntRange(1, 3000).Draw(rt, "m"), rapid.IntRange(1, 5000).Draw(rt, "k"), rapid.IntRange(1, 5000).Draw(rt, "n")
		g := newGrid(set, rapid.IntRange(1, 64).Draw(rt, "threads"), m, k, n, rapid.SampledFrom([]int{128, 256}).Draw(rt, "least"))
		area := 0
		for task := range g.count() {
			r0, r1, c0, c1 := g.chunk(task)
			area += (r1 - r0) * (c1 - c0)
			if r1-r0 < 1 || r1-r0 > set.MC || c1 <= c0 || r1-r0 == 1 && m > 1 || r0%set.MR != 0 || c0%(gemvPanels*set.NR) != 0 {
				rt.Fatalf("rows %d to %d, columns %d to %d in %+v", r0, r1, c0, c1, g)
			}
		}
		if area != m*n {
			rt.Fatalf("%d elements of %d in %+v", area, m*n, g)
		}
	})
}

func TestWholeTilesLeaveNoSingleRow(t *testing.T) {
	for _, set := range kernel.Sets() {
		for m := 2; m < 8000; m++ {
			for _, want := range []int{2 * set.MR, 4*set.MR + 1, tileRows} {
				rows := wholeTiles(set, m, want)
				require.True(t, m%rows != 1 && rows%set.MR == 0 && rows <= set.MC, "%s: %d rows of %d", set.Name, rows, m)
			}
		}
	}
}
