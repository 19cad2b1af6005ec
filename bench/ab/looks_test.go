package ab_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/ab"
)

func at(looks []ab.Look) []int {
	var rounds []int
	for _, l := range looks {
		rounds = append(rounds, l.Round)
	}
	return rounds
}

func TestLooks(t *testing.T) {
	require.Equal(t, []ab.Look{{Round: 10, Level: 0.05}}, ab.Once(10, 0.05))
	early := ab.Early(10, 0.05)
	require.Equal(t, []int{5, 8, 10}, at(early))
	// 2 - 2 Phi(1.959964/sqrt(t)) at t = 0.5 is 0.005575, at 0.8 it is 0.028430.
	require.InDelta(t, 0.005575, early[0].Level, 1e-6)
	require.InDelta(t, 0.028430-0.005575, early[1].Level, 1e-6)
	require.InDelta(t, 0.05-0.028430, early[2].Level, 1e-6)
	require.Equal(t, []int{10, 15, 20}, at(ab.Longer(ab.Once(10, 0.05), 20, 0.05)))
	require.Equal(t, []int{5, 8, 10, 15, 23, 30}, at(ab.Longer(early, 30, 0.05)))
	require.Equal(t, []int{2}, at(ab.Early(2, 0.05)), "after the first round there is no spread")
	require.Equal(t, []int{2, 3}, at(ab.Early(3, 0.05)))
}

// TestLooksSpendWhatThereIs: whatever is declared, the levels add up to the level, and none is 0.
func TestLooksSpendWhatThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.Float64Range(0.001, 0.3).Draw(t, "level")
		rounds := rapid.IntRange(2, 400).Draw(t, "rounds")
		most := rounds + rapid.IntRange(1, ab.MaxRounds-rounds).Draw(t, "further")
		for _, looks := range [][]ab.Look{ab.Once(rounds, level), ab.Early(rounds, level), ab.Longer(ab.Once(rounds, level), most, level),
			ab.Longer(ab.Early(rounds, level), most, level)} {
			sum, before := 0.0, 1
			for _, l := range looks {
				require.Greater(t, l.Round, before)
				require.Positive(t, l.Level)
				sum, before = sum+l.Level, l.Round
			}
			require.InDelta(t, level, sum, 1e-12)
			require.Less(t, len(looks), 40)
		}
		require.Equal(t, most, ab.Schedule{Looks: ab.Longer(ab.Once(rounds, level), most, level)}.Rounds())
	})
}
