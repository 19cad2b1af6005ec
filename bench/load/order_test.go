package load

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOrderIsPinned(t *testing.T) {
	o := newOrder(1, 5)
	var got []int
	for range 10 {
		got = append(got, o.index())
	}
	// A change here changes what every seed means: results before and after are no longer of the same samples.
	require.Equal(t, []int{1, 0, 3, 4, 2, 1, 0, 2, 4, 3}, got)
}

func TestOrderIssuesEverySampleEquallyOften(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := rapid.IntRange(1, 50).Draw(t, "pool")
		rounds := rapid.IntRange(1, 5).Draw(t, "rounds")
		o := newOrder(rapid.Uint64().Draw(t, "seed"), pool)
		counts := make([]int, pool)
		for range pool * rounds {
			counts[o.index()]++
		}
		for i, n := range counts {
			if n != rounds {
				t.Fatalf("sample %d came %d times in %d rounds", i, n, rounds)
			}
		}
	})
}
