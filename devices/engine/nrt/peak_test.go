//go:build !noort && linux && (amd64 || arm64)

package nrt

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
	"github.com/accelbench/accelbench/devices/engine/nrt/nrttest"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/probe"
)

// little is an effort for an interpreter.
func little() effort {
	return effort{begin: time.Minute, compile: time.Minute, rows: 32, arrays: 1 << 16, copies: 1 << 20, chunk: 1000}
}

// teachProbes tells the compiler the programs of little, but those of the types that are left out.
func (p player) teachProbes(t *testing.T, without ...workloads.DType) {
	t.Helper()
	left := map[workloads.DType]bool{}
	for _, dtype := range without {
		left[dtype] = true
	}
	keep := func(stablehlo.Port) bool { return false }
	for _, dtype := range []workloads.DType{workloads.BF16, workloads.F32, workloads.F16} {
		if left[dtype] {
			continue
		}
		written, err := probe.Products(dtype, 32, productsAtOnce, 1)
		require.NoError(t, err)
		p.teachProgram(t, written, keep)
	}
	written, err := probe.Sum(1<<16/4096, 1024, 1)
	require.NoError(t, err)
	p.teachProgram(t, written, keep)
	written, err = probe.Nothing(1)
	require.NoError(t, err)
	p.teachProgram(t, written, keep)
}

// TestPeaks measures everything, on all cores, and the second time without compiling.
func TestPeaks(t *testing.T) {
	p := play(t)
	p.teachProbes(t)
	for range 2 {
		peaks, err := p.engine(t).peaks(t.Context(), trn2().Info(), little())
		require.NoError(t, err)
		require.NotContains(t, peaks.Method, "not measured")
		require.Len(t, peaks.FLOPs, 3)
		for _, precision := range []string{workloads.Full, workloads.BFloat16, workloads.Half} {
			require.Positive(t, peaks.FLOPs[precision], precision)
		}
		require.Positive(t, *peaks.BytesPerSecond)
		require.Positive(t, *peaks.HostToDevice)
		require.Positive(t, *peaks.DeviceToHost)
		require.Positive(t, *peaks.Launch)
		require.Equal(t, "HLO programs of this project, compiled by neuronx-cc 2.24.5133.0+fake, through libnrt, on 4 logical cores of the device at once, "+
			"each by itself: products of random matrices of 32 rows, the sum of two arrays; a launch on one of them; copies through libnrt of memory "+
			"that is not pinned, to and from one logical core; medians of 7", peaks.Method)
		requireClean(t, p.library)
		require.Equal(t, "4-7", nrttest.Count(t, p.library).Visible)
		require.Len(t, p.compilations(t), 5, "compiled once")
	}
	for _, line := range p.compilations(t) {
		require.Contains(t, line, "--target trn2 --model-type generic --auto-cast none --logical-nc-config 2")
	}
}

// TestPeaksAreSums: each core executes as often, and its work counts.
func TestPeaksAreSums(t *testing.T) {
	p := play(t)
	p.teachProbes(t)
	e := p.engine(t)
	m, leave := meterOf(t, e, p)
	require.Len(t, m.places, 4)
	for i, here := range m.places {
		require.Equal(t, i, here.core)
	}
	// A run that fails at its last execution says how many there were: one that does not count and those that are timed, on each core.
	written, err := probe.Products(workloads.F32, 32, productsAtOnce, 1)
	require.NoError(t, err)
	executions := 4 * (1 + timedExecutions)
	for n, fails := range map[int]bool{executions: true, executions + 1: false} {
		t.Setenv("FAKE_NRT_FAIL", fmt.Sprintf("nrt_execute@%d=6", n))
		_, err := m.run(written, m.places, timedExecutions)
		require.Equal(t, fails, err != nil, "%d: %v", n, err)
	}
	for n, fails := range map[int]bool{1 + timedLaunches: true, 1 + timedLaunches + 1: false} {
		t.Setenv("FAKE_NRT_FAIL", fmt.Sprintf("nrt_execute@%d=6", n))
		_, err := m.launch()
		require.Equal(t, fails, err != nil, "a launch is of one core: %d: %v", n, err)
	}
	t.Setenv("FAKE_NRT_FAIL", "")

	// On a clock by which everything takes a millisecond.
	var at time.Time
	m.now = func() time.Time { at = at.Add(time.Millisecond); return at }
	var peaks devices.Peaks
	m.measure(trn2().Info(), &peaks)
	require.Empty(t, m.missing)
	for precision, rate := range peaks.FLOPs {
		require.InEpsilon(t, 4*4*2*32*32*32*1000, rate, 1e-9, precision)
	}
	require.InEpsilon(t, 4*3*(1<<16)*1000, *peaks.BytesPerSecond, 1e-9)
	require.InEpsilon(t, (1<<20)*1000, *peaks.HostToDevice, 1e-9)
	require.InEpsilon(t, (1<<20)*1000, *peaks.DeviceToHost, 1e-9)
	require.Equal(t, time.Millisecond, *peaks.Launch)
	leave()
	requireClean(t, p.library)
}

// TestPeaksAreOfRandomData looks at what lies on the cores before programs run: random numbers, another sequence for each argument.
func TestPeaksAreOfRandomData(t *testing.T) {
	p := play(t)
	p.teachProbes(t)
	m, leave := meterOf(t, p.engine(t), p)
	for _, dtype := range []workloads.DType{workloads.BF16, workloads.F32} {
		written, err := probe.Products(dtype, 32, productsAtOnce, 1)
		require.NoError(t, err)
		all, err := m.load(written, m.places)
		require.NoError(t, err)
		require.Len(t, all, 4)
		for _, l := range all {
			seen := map[string]bool{}
			for i, port := range written.Args {
				want, have := make([]byte, port.Bytes()), make([]byte, port.Bytes())
				require.NoError(t, probe.Fill(want, dtype, uint64(i+1)*workloads.MixFirst, 0))
				require.NoError(t, l.in[i].Read(have, 0))
				require.Equal(t, want, have)
				seen[string(have)] = true
			}
			require.Len(t, seen, len(written.Args))
		}
		require.NoError(t, all.close())
	}
	leave()
	requireClean(t, p.library)
}

// meterOf is one on all cores of a chip.
func meterOf(t *testing.T, e *engine, p player) (m *meter, leave func()) {
	t.Helper()
	l, err := e.open()
	require.NoError(t, err)
	c, err := e.cores(trn2().Info())
	require.NoError(t, err)
	m = &meter{effort: little(), ctx: t.Context(), now: time.Now, engine: e, until: time.Now().Add(time.Minute)}
	for range c.ids {
		here, err := e.runtime.enter(l.Library, c)
		require.NoError(t, err)
		m.places = append(m.places, here)
	}
	m.compiler, m.target, err = e.compiler(t.Context(), trn2().Info())
	require.NoError(t, err)
	return m, m.leave
}

// TestPeaksOfTheCoresThatAreLeft says which cores the figures are of.
func TestPeaksOfTheCoresThatAreLeft(t *testing.T) {
	p := play(t)
	p.teachProbes(t)
	e := p.engine(t)
	e.user = settings{visible: []int{5, 9}}
	peaks, err := e.peaks(t.Context(), trn2().Info(), little())
	require.NoError(t, err)
	require.Len(t, peaks.FLOPs, 3)
	require.Contains(t, peaks.Method, "on 1 logical core of the device at once")
	require.Contains(t, peaks.Method, "3 logical cores hidden by the environment and not measured")
	require.Equal(t, "5", nrttest.Count(t, p.library).Visible)
	requireClean(t, p.library)
}

// TestPeaksWithoutCompiler: copies need none.
func TestPeaksWithoutCompiler(t *testing.T) {
	p := play(t)
	e := p.engine(t)
	e.options.Compiler = func() (string, error) { return "", errors.New("the compiler neuronx-cc is not on this machine") }
	peaks, err := e.peaks(t.Context(), trn2().Info(), little())
	require.NoError(t, err)
	require.Empty(t, peaks.FLOPs)
	require.Nil(t, peaks.BytesPerSecond)
	require.Nil(t, peaks.Launch)
	require.Positive(t, *peaks.HostToDevice)
	require.Positive(t, *peaks.DeviceToHost)
	require.Equal(t, "copies through libnrt of memory that is not pinned, to and from one logical core; medians of 7; not measured: all that takes a program "+
		"(the compiler neuronx-cc is not on this machine: install neuronx-cc of the Neuron SDK)", peaks.Method)
	requireClean(t, p.library)

	first := trn2().Info() // a chip for which the compiler makes nothing
	first.Name = "Inferentia1"
	peaks, err = p.engine(t).peaks(t.Context(), first, little())
	require.NoError(t, err)
	require.Contains(t, peaks.Method, "makes no programs for Inferentia1")
	require.Positive(t, *peaks.DeviceToHost)
}

// TestPeaksThatAreNotMeasured: what fails is said, with the reason, and the others are measured.
func TestPeaksThatAreNotMeasured(t *testing.T) {
	p := play(t)
	p.teachProbes(t, workloads.F16)
	peaks, err := p.engine(t).peaks(t.Context(), trn2().Info(), little())
	require.NoError(t, err)
	require.Len(t, peaks.FLOPs, 2)
	require.Contains(t, peaks.Method, "not measured: f16 (compiling with neuronx-cc 2.24.5133.0+fake for trn2: exit status 70: ERROR NCC_FAKE")
	requireClean(t, p.library)

	for name, test := range map[string]struct {
		variable, value string
		change          func(*effort)
		text            string
	}{
		"nothing is computed": {"FAKE_NRT_LAZY", "yes", nil, "launch (executions succeed and do not write their results), bf16 (executions succeed"},
		"memory":              {"FAKE_NRT_MEMORY", "150000", func(m *effort) { m.copies = 1 << 10 }, "not measured: memory (it needs"},
		"copies":              {"FAKE_NRT_FAIL", "nrt_tensor_read=6", nil, "not measured: copies (nrt_tensor_read: NRT_HW_ERROR (6)"},
		"time":                {"FAKE_NRT_LAZY", "", func(m *effort) { m.begin = -1 }, "not measured: copies (no time was left), launch (no time was left)"},
		"the compiler's time": {"HOME", "/", func(m *effort) { m.compile, m.rows = time.Nanosecond, 16 }, "bf16 (compiling with neuronx-cc took longer than 1ns)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(test.variable, test.value)
			most := little()
			if test.change != nil {
				test.change(&most)
			}
			peaks, err := p.engine(t).peaks(t.Context(), trn2().Info(), most)
			require.NoError(t, err)
			require.Contains(t, peaks.Method, test.text)
			if name == "copies" || name == "time" {
				require.Nil(t, peaks.HostToDevice)
				require.NotContains(t, peaks.Method, "copies through libnrt")
			} else {
				require.NotNil(t, peaks.HostToDevice)
			}
			requireClean(t, p.library)
		})
	}
}

// TestFaultsOfPeaks makes calls fail one after the other: nothing is left, and what did not fail is measured.
func TestFaultsOfPeaks(t *testing.T) {
	p := play(t)
	p.teachProbes(t)
	places := []int{1, 2, 3, 5, 9, 17}
	if raceDetector { // starts processes slowly
		places = []int{2}
	}
	for _, call := range []string{"nrt_load", "nrt_get_model_tensor_info", "nrt_tensor_allocate", "nrt_allocate_tensor_set", "nrt_add_tensor_to_tensor_set",
		"nrt_tensor_write", "nrt_tensor_read", "nrt_execute"} {
		for _, n := range places {
			t.Setenv("FAKE_NRT_FAIL", fmt.Sprintf("%s@%d=6", call, n))
			peaks, err := p.engine(t).peaks(t.Context(), trn2().Info(), little())
			require.NoError(t, err)
			require.Contains(t, peaks.Method, "NRT_HW_ERROR (6)", "%s@%d", call, n)
			require.Less(t, len(peaks.FLOPs), 3)
			requireClean(t, p.library)
		}
	}
}

// TestProbesThatDoNotFit: a program whose tensors are others than expected is not measured.
func TestProbesThatDoNotFit(t *testing.T) {
	p := play(t)
	p.teachProbes(t)
	written, err := probe.Nothing(1)
	require.NoError(t, err)
	p.teachProgram(t, written, func(port stablehlo.Port) bool { return len(port.Shape) == 0 })
	peaks, err := p.engine(t).peaks(t.Context(), trn2().Info(), little())
	require.NoError(t, err)
	require.Nil(t, peaks.Launch)
	require.Contains(t, peaks.Method, "not measured: launch (inputs: the program has no input0)")
	requireClean(t, p.library)
}

func TestPeakErrors(t *testing.T) {
	p := play(t)
	measure := func(dev devices.Info, find func() (Found, error)) error {
		t.Setenv(visibleCores, "")
		_, err := MeasurePeak(t.Context(), Options{Find: find, Compiler: func() (string, error) { return p.compiler, nil }}, &devicetest.Device{DeviceInfo: dev})
		return err
	}
	there := func() (Found, error) { return Found{p.library, SourceNamed}, nil }
	err := measure(devices.Info{Backend: "nvml", ID: "nvml:0"}, there)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "measuring the peaks of nvml:0 with engine nrt")
	joined := trn2().Info()
	joined.Members = []string{"neuron:0", "neuron:1"}
	err = measure(joined, there)
	require.ErrorIs(t, err, devices.ErrUnsupported)
	require.ErrorContains(t, err, "one device at a time")
	require.ErrorIs(t, measure(trn2().Info(), func() (Found, error) { return Found{}, errors.New("no library") }), devices.ErrAbsent)

	t.Setenv("FAKE_NRT_FAIL", "nrt_init=9")
	require.ErrorContains(t, measure(trn2().Info(), there), "starting the Neuron runtime on the cores 4-7")
	t.Setenv("FAKE_NRT_FAIL", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.engine(t).peaks(ctx, trn2().Info(), little())
	require.ErrorIs(t, err, context.Canceled)
	requireClean(t, p.library)
}

// TestPeakLimit: whoever waits leaves time for the last program that is begun.
func TestPeakLimit(t *testing.T) {
	most := thorough()
	require.GreaterOrEqual(t, PeakLimit, most.begin+most.compile+3*time.Minute)
	require.Less(t, len(shortened(errors.New(strings.Repeat("word ", 200)))), 210)
}
