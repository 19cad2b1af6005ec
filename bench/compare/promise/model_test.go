// Package promise_test measures by simulation what the verdicts of a comparison are worth: how often they cry wolf, how often they call
// a slower engine unchanged, and how often they find it.
//
// The flow: a cell is a true change under a noise; its trials draw the runs of both sides and go through the same [compare.Compare] as
// a user's results; the shares of the verdicts are held to the promise and written into docs/statistics.md (go test -update).
//
// The room's one rule: nothing here knows a formula of the comparison, only the truth that the runs were drawn from.
package promise_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/accelbench/accelbench/bench/compare"
)

// runsPerSide and parts are those of the facts on comparing: ten runs of a side, each the mean of ten measurements.
const (
	runsPerSide = 10
	parts       = 10
)

// noise is what runs differ by, as standard deviations of logarithms: from run to run, from one measurement to the next within a run,
// and from round to round, which both sides of a round have in common.
type noise struct{ between, within, round float64 }

// metrics are two throughputs and a percentile, independent of each other: where they are not, fewer false alarms come together.
func metrics() []compare.Metric {
	return []compare.Metric{
		{Name: "throughput", Unit: "images/s", Better: compare.Higher, Method: compare.Mean},
		{Name: "tokens", Unit: "tokens/s", Better: compare.Higher, Method: compare.Mean},
		{Name: "latency.p99", Unit: "ns", Better: compare.Lower, Method: compare.Rank},
	}
}

// change is how much slower head truly is in each of the metrics: 0.05 is 5 %.
type change struct {
	name   string
	slower [3]float64
}

// factor is what the figures of a metric of head are multiplied by.
func (c change) factor(i int) float64 {
	if metrics()[i].Better == compare.Higher {
		return 1 - c.slower[i]
	}
	return 1 + c.slower[i]
}

// run is the figure of a metric in one run: the mean of its parts, or the largest of them in place of a percentile.
func (n noise) run(r *rand.Rand, method compare.Method) float64 {
	mean, most := 0.0, 0.0
	for range parts {
		x := math.Exp(n.within * r.NormFloat64())
		mean, most = mean+x/parts, max(most, x)
	}
	level := math.Exp(n.between * r.NormFloat64())
	if method == compare.Rank {
		return level * most
	}
	return level * mean
}

// draw makes the runs of both sides. Rounds are told where the sides ran next to each other.
func draw(r *rand.Rand, n noise, c change, runs int) (base, head []compare.Subject) {
	sides := [2]compare.Subject{{Key: "k", Name: "simulated"}, {Key: "k", Name: "simulated"}}
	for i, m := range metrics() {
		var values [2][]compare.Value
		for round := 1; round <= runs; round++ {
			disturbance := math.Exp(n.round * r.NormFloat64())
			for side, factor := range []float64{1, c.factor(i)} {
				values[side] = append(values[side], compare.Value{X: 100 * factor * disturbance * n.run(r, m.Method), Round: round})
			}
		}
		for side := range sides {
			sides[side].Runs = runs
			sides[side].Series = append(sides[side].Series, compare.Series{Metric: m, Values: values[side]})
		}
	}
	return sides[:1], sides[1:]
}

// shares are those of the trials of a cell.
type shares struct {
	trials int
	// falseRegressed is any metric regressed that is not slower by more than the tolerance, falseUnchanged any unchanged that is.
	falseRegressed, falseUnchanged float64
	// found is any metric regressed that is slower by more than the tolerance.
	found float64
	// of the whole comparison
	verdict map[compare.Verdict]float64
}

// simulate runs the trials of a cell through the comparison.
func simulate(n noise, c change, runs, trials int, seed uint64, opts compare.Options) shares {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	opts.Gate = []string{"throughput", "tokens", "latency.p99"}
	out := shares{trials: trials, verdict: map[compare.Verdict]float64{}}
	one := 1 / float64(trials)
	for range trials {
		base, head := draw(r, n, c, runs)
		got := compare.Compare(base, head, opts)
		if len(got.Problems) > 0 || len(got.Cases) != 1 || len(got.Cases[0].Deltas) != len(metrics()) {
			panic("a trial could not be compared")
		}
		var wolf, missed, found bool
		for i, d := range got.Cases[0].Deltas {
			slower := c.slower[i] > compare.Tolerance
			wolf = wolf || !slower && d.Verdict == compare.Regressed
			found = found || slower && d.Verdict == compare.Regressed
			missed = missed || slower && d.Verdict == compare.Unchanged
		}
		out.falseRegressed += share(wolf, one)
		out.falseUnchanged += share(missed, one)
		out.found += share(found, one)
		out.verdict[got.Verdict] += one
	}
	return out
}

func share(is bool, one float64) float64 {
	if is {
		return one
	}
	return 0
}

// each does n things on all CPUs.
func each(n int, do func(i int)) {
	var done sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		done.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	done.Wait()
}
