package load

import "github.com/accelbench/accelbench/bench/load/arrival"

// order is the sequence of pool samples of a run: permutations of the whole pool, one after another, so that every
// sample is issued equally often (MLPerf's "equal issue"). It depends on the seed alone, on every platform: the
// permutations are Fisher-Yates shuffles, each of the one before.
type order struct {
	source arrival.Source
	perm   []int
	next   int
}

func newOrder(seed uint64, pool int) *order {
	o := &order{source: arrival.NewSource(seed), perm: make([]int, pool), next: pool}
	for i := range o.perm {
		o.perm[i] = i
	}
	return o
}

// index is the next sample.
func (o *order) index() int {
	if o.next == len(o.perm) {
		for i := len(o.perm) - 1; i > 0; i-- {
			j := o.source.Below(uint64(i) + 1)
			o.perm[i], o.perm[j] = o.perm[j], o.perm[i]
		}
		o.next = 0
	}
	o.next++
	return o.perm[o.next-1]
}
