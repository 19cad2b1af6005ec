package devices_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

type watcher struct {
	devicetest.Device
	text string
	on   bool
}

func (w *watcher) Watch() { w.on = true }

func (w *watcher) Info() devices.Info {
	info := w.Device.Info()
	if w.on {
		info.Unwatched = w.text
	}
	return info
}

// TestJoinedWatchers: all members that can be watched are, and what they say is said once.
func TestJoinedWatchers(t *testing.T) {
	counting := func(n uint64) devicetest.Device {
		return devicetest.Device{Reading: devices.Reading{ExecutionErrors: &n}}
	}
	a, b, c := &watcher{Device: counting(3), text: "it ended"}, &watcher{Device: counting(3), text: "it ended"}, &watcher{Device: counting(2)}
	dev := devices.Join([]devices.Device{a, b, c})
	require.Empty(t, dev.Info().Unwatched)
	dev.(devices.Watcher).Watch()
	require.True(t, a.on && b.on && c.on)
	require.Equal(t, "it ended", dev.Info().Unwatched)
	r, err := dev.Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, uint64(3), *r.ExecutionErrors, "of one process, not of three")
	plain := devices.Join([]devices.Device{&devicetest.Device{}, a})
	plain.(devices.Watcher).Watch()
	require.Equal(t, "it ended", plain.Info().Unwatched)
}
