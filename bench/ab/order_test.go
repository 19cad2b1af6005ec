package ab_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/ab"
)

func TestOrderIsTheSameOnEveryMachine(t *testing.T) {
	require.Equal(t, []bool{false, true, true, false, false, true, false, true, true, false}, ab.Order(1, 10))
	require.NotEqual(t, ab.Order(1, 10), ab.Order(2, 10))
	require.Empty(t, ab.Order(1, 0))
}

func TestOrderIsBalancedAndByChance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, rounds := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 300).Draw(t, "rounds")
		order := ab.Order(seed, rounds)
		require.Len(t, order, rounds)
		for i := 0; i+1 < rounds; i += 2 {
			require.NotEqual(t, order[i], order[i+1], "rounds %d and %d", i+1, i+2)
		}
		require.Equal(t, order, ab.Order(seed, rounds+7)[:rounds], "fewer rounds are the beginning of more")
	})
	first := 0
	const seeds = 4000
	for seed := range uint64(seeds) {
		if ab.Order(seed, 1)[0] {
			first++
		}
	}
	require.InDelta(t, seeds/2, first, 95, "three standard deviations of a fair coin") // sqrt(4000)/2 = 32
}
