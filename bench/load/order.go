package load

import "math/bits"

// order is the sequence of pool samples of a run: permutations of the whole pool, one after another, so that every
// sample is issued equally often (MLPerf's "equal issue"). It depends on the seed alone, on every platform: the integers
// are splitmix64's, brought into a range by the high word of a product with rejection, and the permutations are
// Fisher-Yates shuffles, each of the one before.
type order struct {
	state uint64
	perm  []int
	next  int
}

func newOrder(seed uint64, pool int) *order {
	o := &order{state: seed, perm: make([]int, pool), next: pool}
	for i := range o.perm {
		o.perm[i] = i
	}
	return o
}

// uint64 is the next integer of splitmix64.
func (o *order) uint64() uint64 {
	o.state += 0x9e3779b97f4a7c15
	x := o.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below is a uniform integer in [0, n). Of the 2^64 products n*x, the first 2^64 mod n low words of each high word are
// rejected, so that every high word is left with equally many.
func (o *order) below(n uint64) uint64 {
	reject := -n % n
	for {
		high, low := bits.Mul64(o.uint64(), n)
		if low >= reject {
			return high
		}
	}
}

// index is the next sample.
func (o *order) index() int {
	if o.next == len(o.perm) {
		for i := len(o.perm) - 1; i > 0; i-- {
			j := o.below(uint64(i) + 1)
			o.perm[i], o.perm[j] = o.perm[j], o.perm[i]
		}
		o.next = 0
	}
	o.next++
	return o.perm[o.next-1]
}
