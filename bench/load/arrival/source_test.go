package arrival

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSourceIsSplitmix64(t *testing.T) {
	// The published first values of splitmix64 for the seed 1234567.
	source := NewSource(1234567)
	for _, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
		16408922859458223821} {
		require.Equal(t, want, source.Uint64())
	}
}

func TestBelowIsUniform(t *testing.T) {
	source := NewSource(7)
	var counts [6]int
	for range 60000 {
		counts[source.Below(6)]++
	}
	for _, n := range counts {
		require.InDelta(t, 10000, n, 500) // 5 standard deviations of a fair die
	}
}

// A quarter of all integers is rejected for this n; without that, every third result would come twice as often.
func TestBelowRejectsWhatWouldFavourSome(t *testing.T) {
	const n = 1<<63 + 1<<62
	source := NewSource(7)
	var thirds [3]int
	for range 30000 {
		thirds[source.Below(n)%3]++
	}
	for _, count := range thirds {
		require.InDelta(t, 10000, count, 410) // 5 standard deviations
	}
}

func TestBelowStaysBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		source := NewSource(rapid.Uint64().Draw(t, "seed"))
		n := rapid.Uint64Min(1).Draw(t, "n")
		if x := source.Below(n); x >= n {
			t.Fatalf("%d is not below %d", x, n)
		}
	})
}

func TestUnitIsInItsRange(t *testing.T) {
	zero := NewSource(1<<64 - weyl) // its first integer is 0
	require.Equal(t, 0x1p-53, zero.unit())

	source := NewSource(3)
	sum := 0.0
	for range 100000 {
		u := source.unit()
		require.True(t, u > 0 && u <= 1)
		sum += u
	}
	require.InDelta(t, 0.5, sum/100000, 0.0046) // 5 standard deviations of the mean
}
