package stat

import "math"

// Confidence is the level of every interval that is shown.
const Confidence = 0.95

// MinSamples is the least sample that an interval of the p-quantile is given for, 0 < p < 1 and 0 < confidence < 1; 0 for
// anything else.
//
// A finite interval with at most half of 1-confidence in each tail exists as soon as neither extreme is likely to lie on
// the wrong side: max(p, 1-p)^n <= (1-confidence)/2, which is 6, 36, 72, 368 and 3688 at 95 % for the percentiles 50, 90,
// 95, 99 and 99.9. For these this project asks for a little more, 6, 39, 76, 441 and 4401, where the normal approximation
// to the binomial agrees that the interval is finite.
func MinSamples(p, confidence float64) int64 {
	if !inside(p) || !inside(confidence) {
		return 0
	}
	if confidence == Confidence {
		switch p {
		case 0.5:
			return 6
		case 0.9:
			return 39
		case 0.95:
			return 76
		case 0.99:
			return 441
		case 0.999:
			return 4401
		}
	}
	return int64(math.Ceil(math.Log((1-confidence)/2) / math.Log(max(p, 1-p))))
}

func inside(p float64) bool { return p > 0 && p < 1 }

// QuantileRanks are the ranks (1 to n) of the order statistics between which the p-quantile of the population lies with at
// least the given confidence, with at most half of the rest in each tail, whatever the distribution: the number of samples
// at or below the quantile is binomial. It holds for independent samples; latencies of one run are not quite, so that the
// interval is a lower bound of the uncertainty. ok is false with fewer than [MinSamples].
func QuantileRanks(n int64, p, confidence float64) (low, high int64, ok bool) {
	if needs := MinSamples(p, confidence); needs == 0 || n < needs {
		return 0, 0, false
	}
	tail := (1 - confidence) / 2
	low = lowRank(n, p, tail)
	high = n + 1 - lowRank(n, 1-p, tail) // the same seen from above
	return low, high, low >= 1 && high <= n
}

// lowRank is the largest l with P(K <= l-1) <= tail for a binomial K of n trials at p; 0 when there is none.
//
// The sum is exact but for rounding and starts where what lies below it has a probability under 1e-13 (Bernstein's
// inequality). It takes some 10*sqrt(n*p*(1-p)) steps, where the library's incomplete beta function stops converging at
// large n.
func lowRank(n int64, p, tail float64) int64 {
	mean := float64(n) * p
	k := max(int64(mean-10*math.Sqrt(mean*(1-p))-30), 0)
	prob := binomial(n, k, p)
	for sum := prob; sum <= tail && k < n; sum += prob {
		prob *= float64(n-k) / float64(k+1) * p / (1 - p)
		k++
	}
	return k
}

// binomial is the probability of k successes in n trials.
func binomial(n, k int64, p float64) float64 {
	lgamma := func(x int64) float64 { y, _ := math.Lgamma(float64(x) + 1); return y }
	return math.Exp(lgamma(n) - lgamma(k) - lgamma(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}
