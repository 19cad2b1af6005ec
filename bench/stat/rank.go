package stat

import (
	"math"
	"slices"
)

// A RankShift estimates by how much the values of one series lie above those of another whatever their distribution, by the ranks of
// their differences. Of logarithms it is that of a ratio.
type RankShift struct {
	// sorted are the differences (or their averages) whose order statistics are the ends of intervals.
	sorted []float64
	// tail[k] is the probability that at most k of them lie on one side of the true shift.
	tail []float64
}

// MostDifferences bounds the memory of a [RankShift]: ten thousand pairs, or seven thousand runs of each side.
const MostDifferences = 10_000 * 10_001 / 2

// MannWhitney is the shift from base to head of independent series that differ in nothing but it: the median of all differences
// head[j] - base[i], between order statistics of them at which the two-sided test of Mann and Whitney turns (J. L. Hodges and E. L.
// Lehmann, Annals of Mathematical Statistics 34, 1963). The distribution is the exact one up to 2500 differences, beyond that the normal
// one with continuity correction. It knows no ties: with ties intervals hold the shift at least as often as they say. ok is false
// for an empty series, for a number that is not finite, and for more than [MostDifferences].
func MannWhitney(base, head []float64) (shift RankShift, ok bool) {
	if len(base)*len(head) > MostDifferences || !finite(base...) || !finite(head...) {
		return RankShift{}, false
	}
	for _, b := range base {
		for _, h := range head {
			shift.sorted = append(shift.sorted, h-b)
		}
	}
	slices.Sort(shift.sorted)
	shift.tail = mannWhitneyTail(len(base), len(head))
	return shift, finite(shift.sorted...)
}

// SignedRank is the shift from base to head where base[i] and head[i] were measured under the same circumstances: the median of the
// averages of every two of the differences, and of each with itself, between order statistics of them at which Wilcoxon's two-sided
// signed-rank test turns (M. Hollander, D. A. Wolfe and E. Chicken, Nonparametric Statistical Methods, 2014, section 3.3). It asks for
// differences that are as likely to lie as much above the shift as below, as those of two runs in random order are. The distribution
// is the exact one up to 100 pairs, beyond that the normal one with continuity correction; ties as for [MannWhitney]. ok is false for
// no pair, for sides of unlike lengths, for a number that is not finite, and for more than [MostDifferences].
func SignedRank(base, head []float64) (shift RankShift, ok bool) {
	differences, ok := differencesOf(base, head)
	if n := len(differences); !ok || n*(n+1)/2 > MostDifferences {
		return RankShift{}, false
	}
	for i, d := range differences {
		for _, e := range differences[i:] {
			shift.sorted = append(shift.sorted, d/2+e/2)
		}
	}
	slices.Sort(shift.sorted)
	shift.tail = signedRankTail(len(differences))
	return shift, true
}

// Estimate is the shift: the median of the differences.
func (s RankShift) Estimate() float64 {
	return middle(s.sorted)
}

// Interval is the two-sided interval of the shift, 0 < confidence < 1. ok is false where the series are too short for so much
// confidence, see [MannWhitneyNeeds] and [SignedRankNeeds].
func (s RankShift) Interval(confidence float64) (low, high float64, ok bool) {
	if !inside(confidence) {
		return 0, 0, false
	}
	most := (1 - confidence) / 2 * rounded
	outside := 0
	for outside < len(s.tail) && s.tail[outside] <= most {
		outside++
	}
	if outside == 0 {
		return 0, 0, false
	}
	return s.sorted[outside-1], s.sorted[len(s.sorted)-outside], true
}

// Level is 1 minus the confidence of the widest two-sided interval that does not hold edge: the p-value of the hypothesis that the
// shift is edge. It is 1 where every interval holds it.
func (s RankShift) Level(edge float64) float64 {
	above, below := 0, 0
	for _, d := range s.sorted {
		if d >= edge {
			above++
		}
		if d <= edge {
			below++
		}
	}
	if least := min(above, below); least < len(s.tail) {
		return min(2*s.tail[least], 1)
	}
	return 1
}

// MannWhitneyNeeds is the least number of runs of each side that [MannWhitney] gives an interval for: 2 sides of n runs fall into
// 2n over n orders, of which the two extreme ones lie outside. 4 at 95 %. It is 0 for a confidence that is not between 0 and 1.
func MannWhitneyNeeds(confidence float64) int {
	if !inside(confidence) {
		return 0
	}
	n, orders := 1, 2.0
	for ; 2/orders > (1-confidence)*rounded; n++ {
		orders *= 2 * float64(2*n+1) / float64(n+1)
	}
	return n
}

// SignedRankNeeds is the least number of pairs that [SignedRank] gives an interval for: n differences have 2^n signs, of which the
// two extreme ones lie outside. 6 at 95 %. It is 0 for a confidence that is not between 0 and 1.
func SignedRankNeeds(confidence float64) int {
	if !inside(confidence) {
		return 0
	}
	n, signs := 1, 2.0
	for ; 2/signs > (1-confidence)*rounded; n++ {
		signs *= 2
	}
	return n
}

// SignedRankLevel is 1 minus the confidence that the interval of n pairs really has where it was asked for at least that much: the
// distribution has no levels between its steps. 0 for fewer pairs than [SignedRankNeeds].
func SignedRankLevel(n int, confidence float64) float64 {
	level := 0.0
	for _, tail := range signedRankTail(n) {
		if 2*tail > (1-confidence)*rounded {
			break
		}
		level = 2 * tail
	}
	return level
}

const (
	exactDifferences = 2500
	exactPairs       = 100
	// rounded allows for levels that are an exact multiple of the least probability but for rounding.
	rounded = 1 + 1e-12
)

// mannWhitneyTail is P(U <= u) for all u below the middle, U being the number of pairs in which the run of one side lies above that of
// the other. The probabilities of m and n runs follow from those of fewer: the largest of all is one of the m, and above all n, or is
// one of the n, and above none that counts (H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18, 1947).
func mannWhitneyTail(m, n int) []float64 {
	all := m * n
	if all > exactDifferences {
		return normalTail(all, math.Sqrt(float64(all)*float64(m+n+1)/12))
	}
	// row[j] is the distribution for i and j runs, i growing.
	row := make([][]float64, n+1)
	for j := range row {
		row[j] = []float64{1}
	}
	for i := 1; i <= m; i++ {
		row[0] = []float64{1}
		for j := 1; j <= n; j++ {
			next := make([]float64, i*j+1)
			first := float64(i) / float64(i+j)
			for u, p := range row[j] { // i-1 and j
				next[u+j] += first * p
			}
			for u, p := range row[j-1] { // i and j-1
				next[u] += (1 - first) * p
			}
			row[j] = next
		}
	}
	return lowerHalf(row[n])
}

// signedRankTail is P(T <= t) for all t below the middle, T being the sum of the ranks of the positive differences: each of the ranks
// 1 to n is in it or not, with equal chance.
func signedRankTail(n int) []float64 {
	all := n * (n + 1) / 2
	if n > exactPairs {
		return normalTail(all, math.Sqrt(float64(all)*float64(2*n+1)/12))
	}
	ps := make([]float64, all+1)
	ps[0] = 1
	for rank := 1; rank <= n; rank++ {
		for t := rank * (rank + 1) / 2; t >= 0; t-- {
			ps[t] /= 2
			if t >= rank {
				ps[t] += ps[t-rank] / 2
			}
		}
	}
	return lowerHalf(ps)
}

// lowerHalf sums up the part of a symmetric distribution that lies below its middle.
func lowerHalf(ps []float64) []float64 {
	tail := make([]float64, len(ps)/2)
	sum := 0.0
	for k := range tail {
		sum += ps[k]
		tail[k] = sum
	}
	return tail
}

// normalTail is the same of the normal distribution that has its middle at half of all, with continuity correction.
func normalTail(all int, deviation float64) []float64 {
	tail := make([]float64, (all+1)/2)
	for k := range tail {
		tail[k] = math.Erfc((float64(all)/2-float64(k)-0.5)/deviation/math.Sqrt2) / 2
	}
	return tail
}
