package load

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestOrderIsSplitmix64(t *testing.T) {
	// The published first values of splitmix64 for the seed 1234567.
	o := newOrder(1234567, 1)
	for _, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
		16408922859458223821} {
		require.Equal(t, want, o.uint64())
	}
}

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

func TestBelowIsUniform(t *testing.T) {
	o := newOrder(7, 1)
	var counts [6]int
	for range 60000 {
		counts[o.below(6)]++
	}
	for _, n := range counts {
		require.InDelta(t, 10000, n, 500) // 5 standard deviations of a fair die
	}
}
