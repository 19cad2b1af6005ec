package ab

import (
	"math"
	"slices"

	moremath "github.com/aclements/go-moremath/stats"
	"github.com/montanaflynn/stats"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/stat"
)

// Power is the chance with which the smallest visible change is found.
const Power = 0.9

// Floor is how finely a metric can be compared where it was measured, as rounds with the same on both sides show.
type Floor struct {
	Case   string
	Metric compare.Metric
	// Rounds have figures of both sides.
	Rounds int
	// Within is the standard deviation, as a share, between two runs of one round, and Between what is added from round to round: by
	// drift, or by neighbours who come and go. Nil with too few rounds.
	Within, Between *float64
	// Gain is how many times as many runs it takes to see the same without pairs.
	Gain *float64
	// Visible are the smallest slowdowns that are found, by number of rounds.
	Visible []Visible
}

// Visible is the smallest true slowdown that is called a regression with the chance [Power].
type Visible struct {
	Rounds int
	// Change is a share above 0: 0.05 is a throughput that is 5 % lower, or a latency that is 5 % higher. Nil if no change is found
	// with so few rounds, whatever it is; Needs then has the least number of rounds.
	Change *float64
	Needs  int
}

// Floors are those of the gated metrics of a comparison of a thing with itself, for comparisons of so many rounds with the same gate,
// tolerance and confidence.
//
// With b and h the logarithms of the figures of a round, the variance within is that of h - b, halved, and the variance between
// rounds is that of (b + h)/2 less half of the variance within: the estimates of the two-way analysis of variance with one run a cell
// (Searle, Casella and McCulloch, Variance Components, 1992, chapter 4), not below 0.
func Floors(c compare.Comparison, rounds []int) []Floor {
	gated := 0
	for _, one := range c.Cases {
		for _, d := range one.Deltas {
			if d.Gated {
				gated++
			}
		}
	}
	var out []Floor
	for _, one := range c.Cases {
		for _, d := range one.Deltas {
			if !d.Gated {
				continue
			}
			base, head := logs(one.Base, one.Head, d.Metric.Name)
			f := Floor{Case: one.Name, Metric: d.Metric, Rounds: len(base)}
			if within, between, ok := deviations(base, head); ok {
				f.Within, f.Between = &within, &between
				if within > 0 {
					gain := 1 + between*between/(within*within)
					f.Gain = &gain
				}
				for _, n := range rounds {
					f.Visible = append(f.Visible, visible(d.Metric, within, n, (1-c.Confidence)/float64(gated), c.Tolerance))
				}
			}
			out = append(out, f)
		}
	}
	return out
}

// logs are the logarithms of a metric in the rounds that both sides have, in order.
func logs(base, head compare.Subject, metric string) (b, h []float64) {
	of := func(s compare.Subject) map[int]float64 {
		out := map[int]float64{}
		for _, series := range s.Series {
			for _, v := range series.Values {
				if series.Metric.Name == metric && v.X > 0 && v.Round > 0 {
					out[v.Round] = math.Log(v.X)
				}
			}
		}
		return out
	}
	bs, hs := of(base), of(head)
	var rounds []int
	for round := range bs {
		if _, both := hs[round]; both {
			rounds = append(rounds, round)
		}
	}
	slices.Sort(rounds)
	for _, round := range rounds {
		b, h = append(b, bs[round]), append(h, hs[round])
	}
	return b, h
}

// deviations within rounds and between them; ok is false for fewer than two rounds.
func deviations(base, head []float64) (within, between float64, ok bool) {
	var differences, means []float64
	for i := range base {
		differences = append(differences, head[i]-base[i])
		means = append(means, (head[i]+base[i])/2)
	}
	d, err := stats.SampleVariance(differences)
	m, err2 := stats.SampleVariance(means)
	if len(base) < 2 || err != nil || err2 != nil {
		return 0, 0, false
	}
	return math.Sqrt(d / 2), math.Sqrt(max(m-d/4, 0)), true
}

// visible is the smallest slowdown that n rounds find at a two-sided level. Its interval, whose half-width is t(1-level/2) s/sqrt(n) with s
// the deviation of the difference of two runs, has to lie beyond the edge of the tolerance in [Power] of all comparisons. How far beyond
// the edge the change has to be for that, in units of s/sqrt(n), is the noncentrality of Student's t, by its normal approximation
// (Abramowitz and Stegun, 26.7.10). By ranks it takes pi/3 times as many rounds at normal noise, no fewer than the signed-rank
// distribution has levels for, and the next level that it has.
func visible(m compare.Metric, within float64, n int, level, tolerance float64) Visible {
	v := Visible{Rounds: n, Needs: 2}
	efficient := 1.0
	if m.Method == compare.Rank {
		v.Needs, efficient = max(6, stat.SignedRankNeeds(1-level)), 3/math.Pi
	}
	if n < v.Needs {
		return v
	}
	if m.Method == compare.Rank {
		level = stat.SignedRankLevel(n, 1-level)
	}
	freedom := float64(n - 1)
	t := stat.StudentQuantile(level, freedom)
	noncentrality := t*(1-1/(4*freedom)) + moremath.StdNormal.InvCDF(Power)*math.Sqrt(1+t*t/(2*freedom))
	beyond := noncentrality * math.Sqrt2 * within / math.Sqrt(efficient*float64(n))
	change := 1 - (1-tolerance)*math.Exp(-beyond)
	if m.Better == compare.Lower {
		change = (1+tolerance)*math.Exp(beyond) - 1
	}
	if math.IsInf(change, 0) {
		return v
	}
	v.Change = &change
	return v
}
