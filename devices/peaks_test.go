package devices_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

func TestMedianTime(t *testing.T) {
	at := time.Unix(0, 0)
	took := []time.Duration{time.Hour, 5, 1, 9, 7, 3} // the first is not timed
	calls := 0
	once := func() error { at = at.Add(took[calls]); calls++; return nil }
	now := func() time.Time { return at }
	median, err := devices.MedianTime(t.Context(), now, 5, once)
	require.NoError(t, err)
	require.Equal(t, time.Duration(5), median)
	require.Equal(t, 6, calls)

	for failing := range 3 {
		calls = 0
		_, err = devices.MedianTime(t.Context(), now, 5, func() error {
			if calls++; calls > failing {
				return errBroken
			}
			return nil
		})
		require.ErrorIs(t, err, errBroken)
		require.Equal(t, failing+1, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls = 0
	_, err = devices.MedianTime(ctx, now, 5, func() error { calls++; cancel(); return nil })
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, calls)
}
