package stat

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table of throughput in the project's facts on comparing results (section 3, 3000 trials). It has batch means with k = 10
// always and leaves out the remainder at the end; BatchMeans doubles the length where need be and leaves it out at the
// start, and must not keep its word less often for that.
func TestCoverageOfThroughput(t *testing.T) {
	const theirs = 3000
	ten := func(xs []float64) (low, high float64, ok bool) {
		interval, ok := batchInterval(xs[:len(xs)/10*10], 10, Confidence)
		return interval.Low, interval.High, ok
	}
	cut := func(xs []float64) []float64 { n, _ := MSER5(xs); return xs[n:] }
	for _, c := range []struct {
		phi                        float64
		n                          int
		naive, ten                 float64
		rampNaive, rampTen         float64
		biased                     bool // the table has the biases
		rampNaiveBias, rampTenBias float64
	}{
		{0, 300, 0.953, 0.953, 0.000, 0.933, true, -1.40, -0.04},
		{0.5, 300, 0.739, 0.940, 0.008, 0.925, false, 0, 0},
		{0.8, 300, 0.484, 0.929, 0.088, 0.894, false, 0, 0},
		{0.95, 300, 0.228, 0.828, 0.225, 0.699, false, 0, 0},
		{0, 60, 0.946, 0.947, 0.000, 0.729, true, -6.99, -0.78},
		{0.8, 60, 0.465, 0.821, 0.000, 0.601, false, 0, 0},
	} {
		steady := func(r *rand.Rand) []float64 { return autoregressive(r, c.n, c.phi, 100, 3) }
		ramp := func(r *rand.Rand) []float64 { return warmUp(steady(r)) }
		after := func(r *rand.Rand) []float64 { return cut(ramp(r)) }

		agrees(t, c.naive, theirs, kept(100, steady, naive))
		plain := kept(100, steady, ten)
		agrees(t, c.ten, theirs, plain)
		agrees(t, c.rampNaive, theirs, kept(100, ramp, naive))
		plainAfter := kept(100, after, ten)
		agrees(t, c.rampTen, theirs, plainAfter)

		ours, oursAfter := kept(100, steady, batched), kept(100, after, batched)
		require.Greater(t, ours, plain-0.01)
		require.Greater(t, oursAfter, plainAfter-0.01)
		t.Logf("phi %v n %d: plain %.3f, doubled %.3f; after a ramp %.3f, %.3f", c.phi, c.n, plain, ours, plainAfter, oursAfter)

		if c.biased {
			r := rand.New(rand.NewPCG(43, 47))
			before, behind := 0.0, 0.0
			for range trials {
				xs := ramp(r)
				all, _ := Mean(xs)
				rest, _ := Mean(cut(xs))
				before += (all - 100) / trials
				behind += (rest - 100) / trials
			}
			require.InDelta(t, c.rampNaiveBias, before, 0.05)
			require.InDelta(t, c.rampTenBias, behind, 0.05)
			t.Logf("bias %.2f, %.2f", before, behind)
		}
	}
}

// What NeverSteady finds, and how often it is wrong, for series as a run has them: 130 to 256 slices, noise of 3 %.
func TestNeverSteadyRates(t *testing.T) {
	type drawing func(r *rand.Rand, n int) []float64
	noise := func(phi, deviation float64) drawing {
		return func(r *rand.Rand, n int) []float64 { return autoregressive(r, n, phi, 100, deviation) }
	}
	// on adds f of the share of the run that is over to noise of 3 %.
	on := func(f func(share float64) float64) drawing {
		return func(r *rand.Rand, n int) []float64 {
			xs := noise(0, 3)(r, n)
			for i := range xs {
				xs[i] += f(float64(i) / float64(n))
			}
			return xs
		}
	}
	for name, c := range map[string]struct {
		draw        drawing
		least, most float64
	}{
		"steady":               {noise(0, 3), 0, 0.01},
		"steady, phi 0.5":      {noise(0.5, 3), 0, 0.01},
		"steady, phi 0.8":      {noise(0.8, 3), 0, 0.01},
		"steady, noise 10":     {noise(0, 10), 0, 0.01},
		"steady, noise 30":     {noise(0, 30), 0, 0.01},
		"warm-up of half":      {on(func(s float64) float64 { return -40 * max(0, 1-2*s) }), 0, 0.15},
		"warm-up of a quarter": {on(func(s float64) float64 { return -40 * max(0, 1-4*s) }), 0, 0.01},
		"drift up":             {on(func(s float64) float64 { return 10 * s }), 0.9, 1},
		"drift down":           {on(func(s float64) float64 { return -10 * s }), 0.9, 1},
		"throttled at 60 %":    {on(func(s float64) float64 { return -10 * max(0, min(1, 1000*(s-0.6))) }), 0.9, 1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{130, 150, 200, 256} {
				r, found := rand.New(rand.NewPCG(53, 59)), 0.0
				for range trials {
					if NeverSteady(c.draw(r, n)) {
						found += 1.0 / trials
					}
				}
				t.Logf("n %d: %.4f", n, found)
				require.True(t, c.least <= found && found <= c.most, "n %d: %.4f", n, found)
			}
		})
	}
}
