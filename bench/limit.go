package bench

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
)

// Limit bounds a percentile of a latency.
type Limit struct {
	Metric     load.Metric   `json:"metric"`
	Percentile float64       `json:"percentile"` // 0.99
	Bound      time.Duration `json:"bound_ns"`
}

// LimitCount is a limit with the number of samples that missed it; nil where nothing was measured.
type LimitCount struct {
	Limit Limit  `json:"limit"`
	Over  *int64 `json:"over"`
}

var errLimit = errors.New("a limit is a percentile with its bound, such as p99=15ms, ttft-p99=2s or tpot-p90=50ms")

// ParseLimit reads a limit as flags and plans have it: p99=15ms bounds the latency, ttft-p99=2s the time to the first token,
// tpot-p99=200ms the time per output token. The error wraps ErrBadPlan.
func ParseLimit(text string) (Limit, error) {
	name, bound, ok := strings.Cut(strings.TrimSpace(text), "=")
	limit := Limit{Metric: load.Latency}
	if metric, percentile, two := strings.Cut(name, "-"); two {
		limit.Metric, name = load.Metric(metric), percentile
	}
	percent, isPercentile := strings.CutPrefix(name, "p")
	p, err := strconv.ParseFloat(percent, 64)
	// What String shows, so that it is read as the same again, and the nearest number to that decimal, which a division may miss.
	limit.Percentile, _ = strconv.ParseFloat(strconv.FormatFloat(roundPercent(p/100), 'f', -1, 64)+"e-2", 64)
	known := limit.Metric == load.Latency || limit.Metric == load.TTFT || limit.Metric == load.TPOT
	if !ok || !isPercentile || !known || err != nil || !(limit.Percentile > 0 && limit.Percentile < 1) {
		return Limit{}, fmt.Errorf("%w: limit %q: %w", ErrBadPlan, text, errLimit)
	}
	if limit.Bound, err = time.ParseDuration(bound); err != nil || limit.Bound <= 0 {
		return Limit{}, fmt.Errorf("%w: limit %q: the bound %q is no duration above 0: write it with a unit, such as 15ms", ErrBadPlan, text, bound)
	}
	return limit, nil
}

// String is the limit as ParseLimit reads it.
func (l Limit) String() string {
	name := "p" + strconv.FormatFloat(roundPercent(l.Percentile), 'f', -1, 64)
	if l.Metric != load.Latency {
		name = string(l.Metric) + "-" + name
	}
	return name + "=" + l.Bound.String()
}

// roundPercent is the percentage of a share without the last bits that a division by 100 has cost.
func roundPercent(p float64) float64 {
	x, _ := strconv.ParseFloat(strconv.FormatFloat(100*p, 'g', 12, 64), 64)
	return x
}

// Met tells whether n samples, of which some missed the limit, meet it by MLPerf's rule of early stopping: that the share of
// misses is below 1 - percentile must hold with 99 % confidence, if samples are independent. known is false where nothing was
// measured.
func (l LimitCount) Met(n int64) (met, known bool) {
	if l.Over == nil {
		return false, false
	}
	return stat.EarlyStoppingMet(l.Limit.Percentile, n, *l.Over), true
}

// generatorLimits are the limits as the generator takes them. A run that is part of a search ends when one of them is missed for
// certain: more often than the queries that are planned allow for.
func (p Plan) generatorLimits() []load.Limit {
	var out []load.Limit
	for _, l := range p.Limits {
		limit := load.Limit{Metric: l.Metric, Bound: int64(l.Bound), Most: -1}
		if most, ok := stat.EarlyStoppingMost(l.Percentile, p.mostQueries()); ok && p.Probe != nil {
			limit.Most = most
		}
		out = append(out, limit)
	}
	return out
}

// mostQueries is a number of queries that a run of the server scenario hardly ever exceeds: Poisson schedules with a chance of less
// than one in a million, and none of 20 000 simulated ones with bursts. It is 0 if none is known beforehand.
func (p Plan) mostQueries() int64 {
	if p.Scenario != Server || p.TargetInterval > 0 {
		return 0
	}
	mean := max(p.Rate, p.RateEnd) * p.Duration.Seconds()
	// The squared coefficient of variation of the gaps is 1/shape, and the number of them varies by mean/shape; that of bursts has a
	// long tail besides.
	variance, tail := mean, 0.0
	if p.Shape > 0 && p.Shape < 1 {
		variance, tail = mean/p.Shape, 15/p.Shape
	}
	return max(int64(p.MinQueries), int64(mean+5*math.Sqrt(variance)+tail)+1)
}
