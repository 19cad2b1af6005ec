package rank

import (
	"fmt"
	"math"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/stat"
)

func logarithms(xs []float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = math.Log(x)
	}
	return out
}

// Ratio is that of the figures of two samples, the first over the second.
type Ratio struct {
	Value float64
	shift compare.Shift // nil with too few runs
	runs  int           // of the shorter sample
	// method and sides, such as "valid runs of each side, has 3 and 4", say what an interval takes.
	method compare.Method
	sides  string
}

// Compare gives the ratio of two samples of the metric: of means by Student's t after Welch, of percentiles by the ranks of their
// differences, both on logarithms and with the samples independent of each other. Where a side has too few runs for an interval, the
// text says how many it takes.
func (m Metric) Compare(first, second Sample) (Ratio, string) {
	a, b := logarithms(first.Values), logarithms(second.Values)
	what := "valid runs"
	if first.PerSession || second.PerSession {
		what = "valid runs, or sessions,"
	}
	out := Ratio{Value: m.Value(first) / m.Value(second), runs: min(len(a), len(b)), method: m.Method(),
		sides: fmt.Sprintf("%s of each side, has %d and %d", what, len(a), len(b))}
	if out.runs < m.Method().Least() {
		return out, out.Missing(stat.Confidence)
	}
	if m.Method() == compare.Rank {
		if s, ok := stat.MannWhitney(b, a); ok {
			out.shift = s
		}
	} else if s, ok := stat.Welch(b, a); ok {
		out.shift = s
	}
	if out.shift == nil {
		return out, out.Missing(stat.Confidence)
	}
	out.Value = math.Exp(out.shift.Estimate())
	return out, ""
}

// AfterChoice is the confidence that an interval of two sides has to have for what it says to hold with that of confidence, where each
// side is the best of as many configurations. The best is partly the luckiest: so all pairs of a configuration of one side with one of
// the other have to hold at once, whichever is looked at, and the chance to err is shared out among them (Bonferroni).
func AfterChoice(confidence float64, of, ofOther int) float64 {
	return 1 - (1-confidence)/float64(of*ofOther)
}

// Missing says why there is no interval at a confidence; empty if there is one.
func (r Ratio) Missing(confidence float64) string {
	if r.Interval(confidence) != nil {
		return ""
	}
	least := r.method.Least()
	if r.method == compare.Rank {
		least = max(least, stat.MannWhitneyNeeds(confidence))
	}
	if r.runs >= least {
		return "the figures cannot be compared"
	}
	return fmt.Sprintf("needs %d %s", least, r.sides)
}

// Interval is that of the ratio, 0 < confidence < 1; nil where there is none.
func (r Ratio) Interval(confidence float64) *bench.Interval {
	if r.shift == nil {
		return nil
	}
	low, high, ok := r.shift.Interval(confidence)
	if !ok {
		return nil
	}
	return &bench.Interval{Low: math.Exp(low), High: math.Exp(high)}
}

// Level is the p-value of the hypothesis that the ratio is edge, above 0; 1 where that cannot be told.
func (r Ratio) Level(edge float64) float64 {
	if r.shift == nil {
		return 1
	}
	return r.shift.Level(math.Log(edge))
}

// mostRuns is the number beyond which nobody will make them.
const mostRuns = 1000

// Further is about how many further runs of each side it takes until the interval no longer holds edge, if the ratio and the noise
// stay as they are: the width falls with the root of the runs, and with the quantile of Student's t. ok is false where it would take
// more than a thousand.
func (r Ratio) Further(edge, confidence float64) (runs int, ok bool) {
	in := r.Interval(confidence)
	if in == nil {
		return 0, false
	}
	distance := math.Abs(math.Log(r.Value) - math.Log(edge))
	half := max(math.Log(in.High)-math.Log(r.Value), math.Log(r.Value)-math.Log(in.Low))
	width := func(n int) float64 { // at n runs a side, but for a factor
		return stat.StudentQuantile(1-confidence, float64(2*n-2)) / math.Sqrt(float64(n))
	}
	for n := r.runs + 1; n <= r.runs+mostRuns; n++ {
		if half*width(n)/width(r.runs) < distance {
			return n - r.runs, true
		}
	}
	return 0, false
}
