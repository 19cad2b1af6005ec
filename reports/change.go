package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/internal/english"
)

// signed writes a relative change in percent with its sign: -5.1 %.
func signed(change float64, decimals int) string {
	text := strconv.FormatFloat(100*change, 'f', decimals, 64)
	if value, _ := strconv.ParseFloat(text, 64); value == 0 { // strconv wrote it
		return strings.TrimPrefix(text, "-") + " %"
	}
	if !strings.HasPrefix(text, "-") {
		text = "+" + text
	}
	return text + " %"
}

// decimals are as many as show two digits of the width of an interval, from one to three.
func decimals(in *compare.Interval) int {
	if in == nil || in.High <= in.Low {
		return 1
	}
	return min(max(1-int(math.Floor(math.Log10(100*(in.High-in.Low)))), 1), 3)
}

// changeText is the change of a ratio with its interval: -5.1 % (-6.0 to -4.2).
func changeText(ratio *float64, in *compare.Interval) string {
	if ratio == nil {
		return NA
	}
	n := decimals(in)
	text := signed(*ratio-1, n)
	if in == nil {
		return text
	}
	end := func(x float64) string { return strings.TrimSuffix(signed(x-1, n), " %") }
	return text + " (" + end(in.Low) + " to " + end(in.High) + ")"
}

// changeWords say the change of a metric for a sentence: 5.1 % lower (4.2 to 6.0). An interval to both sides of none keeps its signs. What
// has no interval says so: else it would look as sure as what has one.
func changeWords(d compare.Delta) string {
	if d.Ratio == nil {
		return orNA(d.Reason)
	}
	if d.Interval == nil {
		return changeText(d.Ratio, nil) + ", no interval"
	}
	low, high, word := d.Interval.Low, d.Interval.High, "higher"
	n := decimals(d.Interval)
	size := func(x float64) string { return strconv.FormatFloat(100*math.Abs(x-1), 'f', n, 64) }
	switch {
	case *d.Ratio == 1 && low == 1 && high == 1:
		return "as before"
	case low < 1 && high > 1:
		return changeText(d.Ratio, d.Interval)
	case *d.Ratio < 1:
		low, high, word = high, low, "lower"
	}
	return size(*d.Ratio) + " % " + word + " (" + size(low) + " to " + size(high) + ")"
}

// figure writes a value in a metric's unit.
func figure(x float64, unit string) string {
	switch {
	case unit == "ns":
		return nanoseconds(x)
	case unit == "sec":
		return nanoseconds(x * 1e9)
	case strings.HasPrefix(unit, "sec/"):
		return nanoseconds(x*1e9) + strings.TrimPrefix(unit, "sec")
	case strings.HasSuffix(unit, "-sec"):
		return nanoseconds(x * 1e9)
	case unit == "B" || strings.HasPrefix(unit, "B/") && unit != "B/s":
		return binary(x) + strings.TrimPrefix(unit, "B")
	case unit == "B/s":
		return decimal(x, "B/s")
	}
	return english.Joined(" ", number(x), unit)
}

// tolerance writes the tolerance of a comparison: 3 %, 0.5 %.
func toleranceText(x float64) string { return amount(100*x) + " %" }

// level writes a level of confidence: 95 %, 98.33 %, and 99.9989 % rather than 100 %.
func level(x float64) string {
	decimals := 2
	for x < 1 && decimals < 12 && strings.HasPrefix(strconv.FormatFloat(100*x, 'f', decimals, 64), "100") {
		decimals++
	}
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(100*x, 'f', decimals, 64), "0"), ".") + " %"
}

// changeCell is the change of a metric in a cell; what came from 0 has no ratio.
func changeCell(d compare.Delta) string {
	if d.Ratio == nil && strings.HasPrefix(d.Reason, "from ") {
		return d.Reason
	}
	return changeText(d.Ratio, d.Interval)
}

// changed is a metric of a case.
type changed struct {
	name string // of the case
	compare.Delta
}

// worse is how much worse a metric became, in logarithms; what came from 0 is the worst.
func (d changed) worse() float64 {
	if d.Ratio == nil || *d.Ratio <= 0 {
		if d.Verdict == compare.Improved {
			return math.Inf(-1)
		}
		return math.Inf(1)
	}
	if d.Metric.Better == compare.Higher {
		return -math.Log(*d.Ratio)
	}
	return math.Log(*d.Ratio)
}

// urgency orders verdicts for readers.
func urgency(v compare.Verdict) int { return slices.Index(compare.Verdicts(), v) }

// deltas are the metrics of a comparison that are gated, or those that are not, the worst first.
func deltas(c compare.Comparison) (gated, others []changed) {
	for _, k := range c.Cases {
		for _, d := range k.Deltas {
			if d.Gated {
				gated = append(gated, changed{k.Name, d})
			} else {
				others = append(others, changed{k.Name, d})
			}
		}
	}
	slices.SortStableFunc(gated, func(a, b changed) int {
		return cmp.Or(cmp.Compare(urgency(a.Verdict), urgency(b.Verdict)), cmp.Compare(b.worse(), a.worse()))
	})
	return gated, others
}

// needs says how many further runs would decide; without an interval nobody knows, and it says how many there must be for one.
func (d changed) needs() string {
	if d.Verdict != compare.Undecided || d.Needs == nil {
		return ""
	}
	how := "about "
	if d.Interval == nil {
		how = "at least "
	}
	if d.Paired {
		return "needs " + how + english.Count(*d.Needs, "further round")
	}
	return "needs " + how + english.Count(*d.Needs, "further run") + " of each side"
}

func (d changed) verdict() string {
	text := string(d.Verdict)
	if d.Metric.Better == "" {
		text = "no direction is known"
	}
	return english.Joined(", ", text, d.needs())
}

func (d changed) runs() string {
	switch {
	case d.Paired:
		return english.Count(d.BaseRuns, "round")
	case d.BaseRuns == d.HeadRuns:
		return fmt.Sprintf("%d each", d.BaseRuns)
	}
	return fmt.Sprintf("%d, %d", d.BaseRuns, d.HeadRuns)
}
