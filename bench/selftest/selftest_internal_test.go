package selftest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/load"
)

func TestEveryFigureHasOnePartAndItsUnitInItsName(t *testing.T) {
	parts := map[string]int{}
	for _, p := range Parts() {
		for _, name := range p.Figures {
			parts[name]++
		}
	}
	words := map[Unit]string{Seconds: "_seconds", Bytes: "_bytes_", Share: "_share_"}
	for _, f := range Figures() {
		require.Equal(t, 1, parts[f.Name], f.Name)
		require.Contains(t, f.Name, words[f.Unit])
		delete(parts, f.Name)
	}
	require.Empty(t, parts, "measured but never shown")
}

// The parts that this test leaves out are measured by the script of the command.
func TestPartsMeasureWhatTheySay(t *testing.T) {
	cpu := time.Duration(0)
	m := Machine{CPU: func() (time.Duration, bool) { cpu += 100 * time.Millisecond; return cpu, true }}
	for _, p := range Parts() {
		if !slices.Contains([]string{"clock", "single-stream", "server", "offline", "queue", "sleep-1000"}, p.Name) {
			continue
		}
		out, err := Measure(t.Context(), p.Name, m)
		require.NoError(t, err)
		require.Nil(t, out.Others, "whoever calls knows")
		var names []string
		for _, f := range out.Figures {
			names = append(names, f.Name)
			require.NotNil(t, f.Value, f.Name)
			require.Positive(t, *f.Value, f.Name)
			require.Less(t, *f.Value, 1.0, f.Name)
			if f.Least != nil {
				require.LessOrEqual(t, *f.Least, *f.Value)
			}
		}
		require.Equal(t, p.Figures, names)
	}
}

func TestPartsThatCannotBeMeasured(t *testing.T) {
	_, err := Measure(t.Context(), "nonsense", Machine{})
	require.ErrorIs(t, err, ErrUnknownPart)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, p := range Parts() {
		_, err := Measure(ctx, p.Name, Machine{CPU: func() (time.Duration, bool) { return 0, false }})
		require.ErrorIs(t, err, context.Canceled, p.Name)
	}
}

func TestUnknownCPUTimeIsSaid(t *testing.T) {
	figures, err := punctuality(t.Context(), Machine{CPU: func() (time.Duration, bool) { return 0, false }}, sleep, rates()[0])
	require.NoError(t, err)
	last := figures[len(figures)-1]
	require.Nil(t, last.Value)
	require.NotEmpty(t, last.Reason)
}

func TestHandOversAreThoseOfTheSchedule(t *testing.T) {
	took, err := handOvers(t.Context(), waitOf(sleep))
	require.NoError(t, err)
	require.Positive(t, took.Count())
	require.LessOrEqual(t, took.Count(), int64(handOverRate*handOverTime.Seconds()), "the warm-up's are among them")
}

func TestRunsThatEndedEarlyAreNoMeasurements(t *testing.T) {
	broken := errors.New("broken")
	require.NoError(t, sound(load.Outcome{Samples: 1}))
	require.ErrorIs(t, sound(load.Outcome{Samples: 1, Interrupted: true}), context.Canceled)
	require.ErrorIs(t, sound(load.Outcome{Samples: 1, FirstError: broken}), broken)
	require.Error(t, sound(load.Outcome{Samples: 1, Overrun: true}))
	require.Error(t, sound(load.Outcome{}))
}

func TestMedianIsAValueThatHalfReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 30).Draw(t, "values")
		m := median("x", slices.Clone(values))
		below, above := 0, 0
		for _, v := range values {
			if v <= *m.Value {
				below++
			}
			if v >= *m.Value {
				above++
			}
		}
		require.GreaterOrEqual(t, 2*below, len(values))
		require.GreaterOrEqual(t, 2*above, len(values))
		require.Contains(t, values, *m.Value)
		require.Equal(t, slices.Min(values), *m.Least)
		require.Equal(t, len(values), m.Repeats)
	})
}

func TestReport(t *testing.T) {
	outcomes, failed := map[string]Outcome{}, map[string]string{}
	for i, p := range Parts() {
		o := Outcome{Others: at(float64(i) / 1000), LoadAverage1: at(float64(i + 1))}
		for _, name := range p.Figures {
			o.Figures = append(o.Figures, Measured{Name: name, Value: at(1e-9)})
		}
		outcomes[p.Name] = o
	}
	r := NewReport(outcomes, failed)
	require.True(t, r.Complete())
	require.False(t, r.Busy())
	require.Equal(t, 1.0, *r.LoadAverage1)
	require.InDelta(t, float64(len(Parts())-1)/1000, *r.Others, 1e-12)
	for i, f := range Figures() {
		require.Equal(t, f.Name, r.Measured[i].Name)
		if met := f.Met(r.Measured[i]); f.AtMost != nil {
			require.True(t, *met)
			over := 2 * *f.AtMost
			require.False(t, *f.Met(Measured{Value: &over}))
			require.Nil(t, f.Met(Measured{}))
		} else {
			require.Nil(t, met)
		}
	}

	outcomes["queue"] = Outcome{Others: at(0.5)}
	delete(outcomes, "memory")
	failed["memory"] = "the worker died"
	r = NewReport(outcomes, failed)
	require.False(t, r.Complete())
	require.True(t, r.Busy())
	for _, m := range r.Measured {
		switch {
		case strings.Contains(m.Name, "10m_queries"):
			require.Nil(t, m.Value)
			require.Equal(t, "the worker died", m.Reason)
		case strings.HasPrefix(m.Name, "queue_"):
			require.Nil(t, m.Value)
			require.Equal(t, "not measured", m.Reason)
		default:
			require.NotNil(t, m.Value)
		}
	}
	require.False(t, NewReport(nil, nil).Busy(), "unknown is not busy")
}

func TestPeakMemory(t *testing.T) {
	for text, want := range map[string]*float64{
		"Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t    5124 kB\nVmRSS:\t  1 kB\n": at(5124 * 1024),
		"VmHWM: 0 kB": at(0),
		"VmHWM: 5124": nil, "VmHWM: 5124 MB": nil, "VmHWM: -1 kB": nil, "VmHWM: x kB": nil, "": nil, "VmRSS:\t 1 kB": nil,
	} {
		require.Equal(t, want, peakMemory(fstest.MapFS{"proc/self/status": {Data: []byte(text)}}), "%q", text)
	}
	require.Nil(t, peakMemory(nil))
	require.Nil(t, peakMemory(fstest.MapFS{}))
}

func FuzzPeakMemory(f *testing.F) {
	for _, seed := range []string{"", "VmHWM:\t    5124 kB\n", "VmHWM:", "VmHWM: 99999999999999999999 kB", "a\nVmHWM: 1 kB"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if x := parsePeakMemory(text); x != nil && (*x < 0 || *x > 1<<60) {
			t.Fatalf("%q gave %v", text, *x)
		}
	})
}
