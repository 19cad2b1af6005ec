package arrival

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type pair struct {
	at     int64
	sample int
}

func hashOf(pairs []pair) string {
	var h Hash
	for _, p := range pairs {
		h.Add(p.at, p.sample)
	}
	return h.Sum()
}

func TestGoldenHash(t *testing.T) {
	require.Equal(t, "0000000000000000", hashOf(nil))
	require.Equal(t, "e220a8397b1dcdaf", hashOf([]pair{{0, 0}}))
	require.Equal(t, "117c43077212bf38", hashOf([]pair{{0, 0}, {1000, 3}, {1 << 62, 1023}}))
}

// What a schedule can differ in: one time, one sample, the order, the length.
func TestHashTellsSchedulesApart(t *testing.T) {
	pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pair {
		return pair{rapid.Int64Range(0, 1<<40).Draw(t, "at"), rapid.IntRange(0, 1<<20).Draw(t, "sample")}
	}), 1, 30)
	rapid.Check(t, func(t *rapid.T) {
		list := pairs.Draw(t, "pairs")
		sum := hashOf(list)
		require.Equal(t, sum, hashOf(list))
		require.NotEqual(t, sum, hashOf(list[1:]), "without the first")
		require.NotEqual(t, sum, hashOf(list[:len(list)-1]), "without the last")
		require.NotEqual(t, sum, hashOf(append([]pair{{}}, list...)), "with zeros before")

		i := rapid.IntRange(0, len(list)-1).Draw(t, "i")
		was := list[i]
		list[i].at++
		require.NotEqual(t, sum, hashOf(list), "another time")
		list[i] = pair{was.at, was.sample + 1}
		require.NotEqual(t, sum, hashOf(list), "another sample")
		list[i] = pair{was.at + 1, was.sample - 1}
		require.NotEqual(t, sum, hashOf(list), "another time and sample")
		list[i] = was

		j := rapid.IntRange(0, len(list)-1).Draw(t, "j")
		if list[i] != list[j] {
			list[i], list[j] = list[j], list[i]
			require.NotEqual(t, sum, hashOf(list), "another order")
		}
	})
}

func TestHashHasNoCollisionsInAGrid(t *testing.T) {
	seen := map[string]bool{}
	for at := range int64(300) {
		for sample := range 300 {
			sum := hashOf([]pair{{1, 1}, {at, sample}})
			require.False(t, seen[sum])
			seen[sum] = true
		}
	}
}
