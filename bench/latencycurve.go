package bench

import "github.com/accelbench/accelbench/bench/stat"

// LatencyCurve are percentiles of the merged latencies of the row's valid runs: ps in order, each above 0 and below 1, as far as
// there are samples enough on either side of the median. It is empty where no run has latencies.
func (s Summary) LatencyCurve(ps []float64) []Quantile {
	merged := stat.NewHistogram()
	for _, r := range s.Results {
		if r.Latency == nil || r.Status != OK || !r.Validity.Valid || r.Ended != "" {
			continue
		}
		if h, err := r.Latency.decode(); err == nil { // the summary has a warning where it is not
			merged.Merge(h)
		}
	}
	var out []Quantile
	for _, p := range ps {
		q := quantile(merged, nil, p)
		switch {
		case q.Value != nil:
			out = append(out, q)
		case p >= 0.5:
			return out
		}
	}
	return out
}
