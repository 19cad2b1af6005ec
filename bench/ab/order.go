package ab

import "math/rand/v2"

// Order tells for each round whether base runs first; else head does. Of the rounds 1 and 2, 3 and 4, and so on, one begins with
// base and one with head, and chance says which: neither a drift nor what the first run does to the second can favour a side for
// long. The same seed gives the same order on every machine, and fewer rounds give the beginning of it.
func Order(seed uint64, rounds int) []bool {
	const stream = 0x6162 // apart from other uses of the seed
	random := rand.New(rand.NewPCG(seed, stream))
	var order []bool
	for len(order) < rounds {
		baseFirst := random.Uint64()&1 == 0
		order = append(order, baseFirst, !baseFirst)
	}
	return order[:max(rounds, 0)]
}
