package arrival

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var specs = rapid.Custom(func(t *rapid.T) Spec {
	rates := rapid.Custom(func(t *rapid.T) float64 {
		return min(math.Pow(10, rapid.Float64Range(-12, 9).Draw(t, "magnitude")), maxRate)
	})
	spec := Spec{
		Process: rapid.SampledFrom([]Process{Poisson, Constant, Gamma}).Draw(t, "process"),
		Rate:    rates.Draw(t, "rate"),
		Seed:    rapid.Uint64().Draw(t, "seed"),
	}
	if spec.Process == Gamma {
		spec.Shape = rapid.Float64Range(minShape, maxShape).Draw(t, "shape")
	}
	if rapid.Bool().Draw(t, "ramp") {
		spec.RateEnd = rates.Draw(t, "rate at the end")
		spec.Span = time.Duration(rapid.Int64Min(1).Draw(t, "span"))
	}
	return spec
})

func TestSchedulesNeverGoBackAndComeAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := specs.Draw(t, "spec")
		require.NoError(t, spec.Validate())
		a, b := New(spec), New(spec)
		last := int64(0)
		for range 300 {
			at := a.Next()
			if at < last {
				t.Fatalf("%d after %d", at, last)
			}
			if again := b.Next(); again != at {
				t.Fatalf("%d, and %d the second time", at, again)
			}
			last = at
		}
	})
}

// On this ramp bursts come closer than time resolves: after some gaps the root, rounded, is less than before.
func TestSchedulesDoNotGoBackWhereRoundingDoes(t *testing.T) {
	spec := Spec{Process: Gamma, Shape: 0.05, Rate: 1e-8, RateEnd: 1e-7, Span: math.MaxInt64, Seed: 1}
	require.NoError(t, spec.Validate())
	s := New(spec)
	back := 0
	for range 100 {
		last := s.last
		require.GreaterOrEqual(t, s.Next(), last)
		if nanoseconds(s.time()) < last {
			back++
		}
	}
	require.NotZero(t, back, "the case is no longer one")
}

// Next to the end of this ramp the square of the rate, rounded, is below 0.
func TestARampThatEndsNextToZeroKeepsItsTime(t *testing.T) {
	s := New(Spec{Process: Poisson, Rate: 1e8 / 3.0, RateEnd: 1e-9, Span: 3517 * time.Nanosecond})
	s.total = math.Nextafter(s.ramped, 0)
	require.Negative(t, mul(s.start, s.start)+mul(s.slope, s.total), "the case is no longer one")
	require.InDelta(t, 3517, s.time(), 0.01)
}

func TestSeedsDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := specs.Filter(func(s Spec) bool { return s.Process != Constant }).Draw(t, "spec")
		one.Rate, one.RateEnd, one.Span = 1, 0, 0
		other := one
		other.Seed = rapid.Uint64().Filter(func(seed uint64) bool { return seed != one.Seed }).Draw(t, "other seed")
		a, b := New(one), New(other)
		for range 10 {
			if a.Next() != b.Next() {
				return
			}
		}
		t.Fatal("ten arrivals are the same")
	})
}

// The order of the samples draws from NewSource(seed); gaps drawn from it as well would depend on that order.
func TestGapsAreNotDrawnFromTheSeedsOwnStream(t *testing.T) {
	s := New(Spec{Process: Poisson, Rate: 1, Seed: 5})
	own := NewSource(5)
	drawn := map[uint64]bool{}
	for range 1000 {
		drawn[own.Uint64()] = true
	}
	for range 1000 {
		require.False(t, drawn[s.source.Uint64()])
	}
}

// A faster rate squeezes the same process: a sweep over rates compares like with like.
func TestRateOnlyScalesTheProcess(t *testing.T) {
	slow := New(Spec{Process: Poisson, Rate: 1, Seed: 9})
	fast := New(Spec{Process: Poisson, Rate: 1000, Seed: 9})
	for range 10000 {
		require.InDelta(t, float64(slow.Next())/1000, float64(fast.Next()), 1)
	}
}

func TestConstantArrivalsDoNotDrift(t *testing.T) {
	for _, rate := range []float64{3, 7, 999, 1e6 / 3} {
		s := New(Spec{Process: Constant, Rate: rate})
		for n := range 2000000 {
			if want, at := float64(n)*1e9/rate, s.Next(); math.Abs(want-float64(at)) > 1 {
				t.Fatalf("arrival %d at rate %v: %d, want %v", n, rate, at, want)
			}
		}
	}
}

func TestARampMeetsItsSteadyRate(t *testing.T) {
	s := New(Spec{Process: Constant, Rate: 1000, RateEnd: 100, Span: 2 * time.Second})
	for range 1100 {
		s.Next()
	}
	require.Equal(t, int64(2e9), s.Next())
	require.Equal(t, int64(2.01e9), s.Next())
	require.Equal(t, int64(2.02e9), s.Next())
}

func TestArrivalsBeyondInt64StayAtTheGreatest(t *testing.T) {
	for _, spec := range []Spec{
		{Process: Constant, Rate: 1e-10},
		{Process: Poisson, Rate: math.SmallestNonzeroFloat64},
		{Process: Constant, Rate: 1, RateEnd: 5e-324, Span: time.Nanosecond},
	} {
		require.NoError(t, spec.Validate())
		s := New(spec)
		s.Next()
		for range 10 {
			require.Equal(t, int64(math.MaxInt64), s.Next(), "%+v", spec)
		}
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	for _, process := range []Process{Poisson, Constant, Gamma} {
		s := New(Spec{Process: process, Shape: 0.5, Rate: 1, RateEnd: 1e6, Span: time.Hour})
		var h Hash
		require.Zero(t, testing.AllocsPerRun(1000, func() { h.Add(s.Next(), 1) }))
	}
}

func TestValidate(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		spec Spec
		says string // "" is valid
	}{
		{Spec{Process: Poisson, Rate: 1}, ""},
		{Spec{Process: Constant, Rate: maxRate}, ""},
		{Spec{Process: Gamma, Shape: minShape, Rate: 5e-324}, ""},
		{Spec{Process: Gamma, Shape: maxShape, Rate: 1, RateEnd: maxRate, Span: 1}, ""},
		{Spec{Rate: 1}, `unknown process "": there are poisson, constant and gamma`},
		{Spec{Process: "pareto", Rate: 1}, `unknown process "pareto"`},
		{Spec{Process: Poisson, Shape: 1, Rate: 1}, "a shape needs process gamma"},
		{Spec{Process: Constant, Shape: nan, Rate: 1}, "a shape needs process gamma"},
		{Spec{Process: Gamma, Rate: 1}, "shape 0: process gamma takes one from 0.05 to 1000"},
		{Spec{Process: Gamma, Shape: 0.049, Rate: 1}, "shape 0.049"},
		{Spec{Process: Gamma, Shape: 1001, Rate: 1}, "shape 1001"},
		{Spec{Process: Gamma, Shape: nan, Rate: 1}, "shape NaN"},
		{Spec{Process: Poisson}, "rate 0 per second: it must be above 0 and at most 1e+09"},
		{Spec{Process: Poisson, Rate: -1}, "rate -1"},
		{Spec{Process: Poisson, Rate: 1.1e9}, "rate 1.1e+09"},
		{Spec{Process: Poisson, Rate: nan}, "rate NaN"},
		{Spec{Process: Poisson, Rate: inf}, "rate +Inf"},
		{Spec{Process: Poisson, Rate: 1, Span: time.Second}, "span 1s without a final rate"},
		{Spec{Process: Poisson, Rate: 1, RateEnd: -1, Span: time.Second}, "final rate -1 per second"},
		{Spec{Process: Poisson, Rate: 1, RateEnd: nan, Span: time.Second}, "final rate NaN"},
		{Spec{Process: Poisson, Rate: 1, RateEnd: 2}, "ramp to 2 per second over a span of 0s: it needs a span above 0"},
		{Spec{Process: Poisson, Rate: 1, RateEnd: 2, Span: -1}, "span of -1ns"},
	} {
		err := c.spec.Validate()
		if c.says == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "checking arrivals: ")
		require.ErrorContains(t, err, c.says)
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add("poisson", 0.0, 1000.0, 0.0, int64(0), uint64(1))
	f.Add("gamma", 0.05, 1e9, 1e-300, int64(1), uint64(2))
	f.Add("gamma", 1000.0, 5e-324, 1e9, int64(math.MaxInt64), uint64(3))
	f.Add("constant", 0.0, 1e9, 5e-324, int64(math.MaxInt64), uint64(4))
	f.Fuzz(func(t *testing.T, process string, shape, rate, rateEnd float64, span int64, seed uint64) {
		spec := Spec{Process(process), shape, rate, rateEnd, time.Duration(span), seed}
		if err := spec.Validate(); err != nil {
			if !strings.HasPrefix(err.Error(), "checking arrivals: ") {
				t.Fatal(err)
			}
			return
		}
		s := New(spec)
		last := int64(0)
		for range 300 {
			if at := s.Next(); at < last {
				t.Fatalf("%d after %d", at, last)
			} else {
				last = at
			}
			if !(s.total >= -1) || math.IsInf(s.total, 0) || math.IsNaN(s.time()) {
				t.Fatalf("total %v, time %v", s.total, s.time())
			}
		}
	})
}
