package load

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSlicesKeepEveryUnitInItsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSlices()
		times := rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 200).Draw(t, "times")
		end := int64(0)
		for _, at := range times {
			s.add(at, 3)
			end = max(end, at)
		}
		got := make([]int64, end/int64(s.width())+1)
		for _, at := range times {
			got[at/int64(s.width())] += 3 // the definition, at the final width
		}
		require.Equal(t, got, s.counts())
		require.LessOrEqual(t, len(got), maxSlices)
		if end >= 1<<firstWidthShift*maxSlices {
			require.Greater(t, len(got), maxSlices/2)
		}
	})
}

func TestSlicesOfNothing(t *testing.T) {
	s := newSlices()
	require.Empty(t, s.counts())
	s.add(-5, 1)
	require.Equal(t, []int64{1}, s.counts())
}
