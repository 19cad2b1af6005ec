package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/stat"
)

// sample are the figures of one metric on one side, one for each run, or for each round where both sides have it. The order is that
// of the rounds, else of the figures, so that sums do not depend on the order of the runs.
type sample struct {
	xs, logs []float64
	paired   bool
}

// sides are the samples of both sides: of the rounds that both have, if there are any, else of all runs. lone counts the rounds that
// one side has alone.
func sides(base, head []Value, opts Options) (b, h sample, lone int) {
	if !opts.Unpaired {
		bs, hs := byRound(base), byRound(head)
		var both []int
		for round := range bs {
			if hs[round] != nil {
				both = append(both, round)
			} else {
				lone++
			}
		}
		lone += len(hs) - len(both)
		if len(both) > 0 {
			slices.Sort(both)
			return perRound(bs, both), perRound(hs, both), lone
		}
	}
	return ofFigures(Figures(base)), ofFigures(Figures(head)), 0
}

func byRound(values []Value) map[int][]float64 {
	rounds := map[int][]float64{}
	for _, v := range values {
		if v.Round > 0 {
			rounds[v.Round] = append(rounds[v.Round], v.X)
		}
	}
	return rounds
}

// perRound is one figure for each round: the geometric mean of its runs.
func perRound(values map[int][]float64, rounds []int) sample {
	s := sample{paired: true}
	for _, round := range rounds {
		one := ofFigures(values[round])
		if len(one.xs) > 1 {
			centre, _ := Mean.Centre(one.xs) // 0 if all are
			one = sample{xs: []float64{centre}, logs: []float64{one.mean()}}
		}
		s.xs, s.logs = append(s.xs, one.xs...), append(s.logs, one.logs...)
	}
	return s
}

// Figures are those of the values.
func Figures(values []Value) []float64 {
	xs := make([]float64, len(values))
	for i, v := range values {
		xs[i] = v.X
	}
	return xs
}

func ofFigures(xs []float64) sample {
	s := sample{xs: slices.Sorted(slices.Values(xs)), logs: make([]float64, len(xs))}
	for i, x := range s.xs {
		s.logs[i] = math.Log(x)
	}
	return s
}

// mean of the logarithms.
func (s sample) mean() float64 {
	mean, _ := stat.Mean(s.logs) // there is at least one, and each is finite
	return mean
}

func (s Subject) series(name string) Series {
	for _, series := range s.Series {
		if series.Metric.Name == name {
			return series
		}
	}
	return Series{}
}

// lack says why a series has no figures.
func (s Subject) lack(series Series) string {
	if s.Runs > 0 && s.Bad == s.Runs {
		return "no run gave figures: " + reasons(s)
	}
	return series.Missing
}

// reasons are the first few, of those that differ in their figures only one: each run waited for a CPU by a percentage of its own.
func reasons(s Subject) string {
	const most = 3
	var kinds, out []string
	alike := map[string]int{}
	for _, reason := range s.Reasons {
		kind := withoutFigures(reason)
		if alike[kind]++; alike[kind] == 1 {
			kinds, out = append(kinds, kind), append(out, reason)
		}
	}
	for i, kind := range kinds {
		if n := alike[kind]; n > 1 {
			out[i] += fmt.Sprintf(" (and %d more alike)", n-1)
		}
	}
	if len(out) > most {
		out = append(slices.Clone(out[:most]), fmt.Sprintf("%d more reasons", len(out)-most))
	}
	if len(out) == 0 {
		return "no reason given"
	}
	return strings.Join(out, "; ")
}

func withoutFigures(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' {
			return -1
		}
		return r
	}, text)
}

// notAbove0 is a figure that has no logarithm; empty if there is none, or if all are 0.
func (s Series) notAbove0() string {
	zeros := 0
	for _, v := range s.Values {
		switch {
		case !(v.X >= 0) || math.IsInf(v.X, 0):
			return fmt.Sprint(v.X)
		case v.X == 0:
			zeros++
		}
	}
	if zeros > 0 && zeros < len(s.Values) {
		return "0"
	}
	return ""
}

func (m Metric) words() string {
	return fmt.Sprintf("%s in %s, better %s, by %s", m.Name, m.Unit, m.Better, m.Method)
}

// metricsOf are the metrics of both sides, in the order of base, then of head.
func metricsOf(base, head Subject) []Metric {
	var out []Metric
	for _, s := range slices.Concat(base.Series, head.Series) {
		if !slices.ContainsFunc(out, func(m Metric) bool { return m.Name == s.Metric.Name }) {
			out = append(out, s.Metric)
		}
	}
	return out
}
