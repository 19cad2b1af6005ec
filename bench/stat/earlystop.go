package stat

import "sort"

// The parameters of early stopping in MLPerf's rules: the confidence, written as what is left of it (the tolerance of the
// rules is 0), and the largest number of queries that is answered for. Beyond it the logarithms of the factorials lose the
// digits that the answer needs.
const (
	earlyStoppingTail = 0.01
	earlyStoppingMost = int64(1e10)
)

// EarlyStoppingNeeds is MLPerf's n(t): the least number of queries that shows, with 99 % confidence, that the p-quantile of
// the latency keeps a limit when t = over of them were over it, 0 < p < 1.
//
// It is a one-sided bound under independence: n is the least with P(K <= t) <= 0.01, for K the number of queries over the
// limit when each is with probability 1-p (appendix "Early stopping" of the MLPerf inference rules, which write the same
// sum as the incomplete beta function I_p(n-t, t+1)). Latencies that follow one another closely, as in a queue, say less than
// they seem to. ok is false for a p outside, a negative count, and above 10^10 queries.
func EarlyStoppingNeeds(p float64, over int64) (queries int64, ok bool) {
	if over < 0 || over >= earlyStoppingMost {
		return 0, false
	}
	high := over + 1
	for !EarlyStoppingMet(p, high, over) {
		if high > earlyStoppingMost {
			return 0, false
		}
		high *= 2
	}
	low := high / 2 // not met, or below over+1
	queries = low + int64(sort.Search(int(high-low), func(i int) bool { return EarlyStoppingMet(p, low+int64(i), over) }))
	return queries, queries <= earlyStoppingMost
}

// EarlyStoppingMost is the largest count over the limit with which n queries still pass: the largest t with n >= n(t), see
// [EarlyStoppingNeeds]. ok is false below n(0), where no count passes, above 10^10 and for a p outside 0 < p < 1.
func EarlyStoppingMost(p float64, n int64) (over int64, ok bool) {
	if !inside(p) || !inside(1-p) || n < 1 || n > earlyStoppingMost {
		return 0, false
	}
	rank := lowRank(n, 1-p, earlyStoppingTail)
	return max(rank-1, 0), rank >= 1
}

// EarlyStoppingMet says whether n queries, of which over had a latency above the limit, show with 99 % confidence that the
// p-quantile keeps it: n >= n(over), see [EarlyStoppingNeeds]. It is the condition of MLPerf's server scenario.
func EarlyStoppingMet(p float64, n, over int64) bool {
	most, ok := EarlyStoppingMost(p, n)
	return ok && 0 <= over && over <= most
}

// EarlyStoppingRank is the rank (1 to n) of the latency that MLPerf reports as its estimate of the p-quantile in
// single-stream and multi-stream: the t-th largest, for the largest t >= 1 with n >= n(t), see [EarlyStoppingNeeds]. It lies
// above the quantile with at least 99 % confidence, under independence. ok is false below n(1), as 64 queries for p90 and 662
// for p99, and as for [EarlyStoppingMost].
func EarlyStoppingRank(p float64, n int64) (rank int64, ok bool) {
	most, ok := EarlyStoppingMost(p, n)
	if !ok || most < 1 {
		return 0, false
	}
	return n - most + 1, true
}
