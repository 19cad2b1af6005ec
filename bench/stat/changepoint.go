package stat

import (
	"math"
	"slices"

	moremath "github.com/aclements/go-moremath/stats"
)

// ChangesNeed is the least length of a series in which [Changes] looks for changes. Below it use [PredictionInterval].
const ChangesNeed = 30

// The parameters of the search. A split is first kept at a p-value of weak, and stays at one of strong against the whole
// segments on both sides. A segment has at least segmentNeeds numbers. The windows keep what is old and far away from hiding
// what is new.
const (
	changeWindow = 50
	weakP        = 0.01
	strongP      = 0.001
	segmentNeeds = 3
)

// Change is a point where the mean of a series changes. Index is that of the first number after it, Before and After are the
// means of the segments on both sides, up to the next change or the end, and P is the p-value of Student's t between these.
// The place was chosen for its P, which is therefore no rate of false alarms.
type Change struct {
	Index  int
	Before float64
	After  float64
	P      float64
}

// Changes are the points where the mean of a series in order of time changes by at least least, in ascending order.
//
// Candidates come from E-divisive (Matteson and James, arXiv:1306.4933, with alpha = 1): the split of a segment with the
// largest energy statistic, again in its parts, in windows of 50 that overlap by half. Student's t with pooled variance then
// takes the place of the permutation test (Fleming et al., arXiv:2301.03034): splits with p <= 0.01 are kept at first, and
// merged away one by one, the weakest first, until every change has p <= 0.001 and the least magnitude. Since Student's t knows no
// outliers, the medians have to differ at least half as much as the means do, in the same direction: a single number far away is
// no level. The same series gives the same changes. Adding a constant to every number changes none of them: give logarithms, and the unit does not matter.
//
// It takes the numbers around a level for independent: drift becomes a staircase. ok is false for fewer than [ChangesNeed]
// numbers, one that is not finite, and a least that is negative or not a number.
func Changes(xs []float64, least float64) (changes []Change, ok bool) {
	if len(xs) < ChangesNeed || !finite(xs...) || !(least >= 0) {
		return nil, false
	}
	var at []int
	for from := 0; ; from += changeWindow / 2 {
		to := min(from+changeWindow, len(xs))
		at = append(at, splits(xs, from, to)...)
		if to == len(xs) {
			break
		}
	}
	slices.Sort(at)
	return merged(xs, slices.Compact(at), least), true
}

// splits are the weak changes within xs[from:to].
func splits(xs []float64, from, to int) []int {
	at, ok := bestSplit(xs[from:to])
	if !ok {
		return nil
	}
	at += from
	if c := changeAt(xs, from, at, to); c.P > weakP {
		return nil
	}
	return slices.Concat(splits(xs, from, at), []int{at}, splits(xs, at, to))
}

// bestSplit is the start k of the second part for which the energy statistic between xs[:k] and some xs[k:end] is largest.
// The end is sought as well, so that a level that comes and goes is seen.
func bestSplit(xs []float64) (at int, ok bool) {
	n := len(xs)
	if n < 2*segmentNeeds {
		return 0, false
	}
	// sum[i][j] is the sum of |xs[a]-xs[b]| over a < i and b < j: any block of distances is four look-ups away.
	sum := make([][]float64, n+1)
	sum[0] = make([]float64, n+1)
	for i := range n {
		sum[i+1] = make([]float64, n+1)
		row := 0.0
		for j := range n {
			row += math.Abs(xs[i] - xs[j])
			sum[i+1][j+1] = sum[i][j+1] + row
		}
	}
	best := math.Inf(-1)
	for k := segmentNeeds; k <= n-segmentNeeds; k++ {
		for end := k + segmentNeeds; end <= n; end++ {
			left, right := float64(k), float64(end-k)
			across := sum[k][end] - sum[k][k]
			within := sum[end][end] - 2*sum[k][end] + sum[k][k] // every pair twice, as in sum[k][k]
			energy := 2*across/(left*right) - sum[k][k]/(left*(left-1)) - within/(right*(right-1))
			if q := energy * left * right / (left + right); q > best {
				best, at = q, k
			}
		}
	}
	return at, true
}

// merged removes the weakest change until all are strong and large enough.
func merged(xs []float64, at []int, least float64) []Change {
	for {
		changes := make([]Change, len(at))
		weakest := -1
		for i, k := range at {
			from, to := 0, len(xs)
			if i > 0 {
				from = at[i-1]
			}
			if i < len(at)-1 {
				to = at[i+1]
			}
			c := changeAt(xs, from, k, to)
			changes[i] = c
			poor := c.P > strongP || math.Abs(c.After-c.Before) < least || !mediansFollow(xs[from:k], xs[k:to])
			if poor && (weakest < 0 || c.P > changes[weakest].P) {
				weakest = i
			}
		}
		if weakest < 0 {
			return changes
		}
		at = slices.Delete(at, weakest, weakest+1)
	}
}

// mediansFollow tells whether the medians differ as the means do, or half as much.
func mediansFollow(before, after []float64) bool {
	b, a := moremath.Sample{Xs: before}, moremath.Sample{Xs: after}
	means, medians := a.Mean()-b.Mean(), a.Quantile(0.5)-b.Quantile(0.5)
	return means > 0 && medians >= means/2 || means < 0 && medians <= means/2
}

// changeAt judges a split of xs[from:to] at k.
func changeAt(xs []float64, from, k, to int) Change {
	before, after := moremath.Sample{Xs: xs[from:k]}, moremath.Sample{Xs: xs[k:to]}
	c := Change{Index: k, Before: before.Mean(), After: after.Mean()}
	result, err := moremath.TwoSampleTTest(before, after, moremath.LocationDiffers)
	switch {
	case err == nil:
		c.P = result.P
	case c.Before == c.After: // no variance at all, as in a simulated clock: equal, or different beyond doubt
		c.P = 1
	}
	return c
}
