package bench

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

func TestDeviceErrors(t *testing.T) {
	with := func(ecc, failed *uint64, faults ...string) devices.Reading {
		return devices.Reading{ECCUncorrected: ecc, ExecutionErrors: failed, Faults: faults}
	}
	n := func(x uint64) *uint64 { return &x }
	for name, c := range map[string]struct {
		readings []devices.Reading
		want     []string
	}{
		"none":                      {nil, nil},
		"nothing told":              {[]devices.Reading{{}, {}}, nil},
		"old errors":                {[]devices.Reading{with(n(5), n(7)), with(n(5), n(7))}, nil},
		"new memory errors":         {[]devices.Reading{with(n(5), nil), with(n(7), nil)}, []string{"could not be corrected: 2;"}},
		"a counter that began anew": {[]devices.Reading{with(n(5), n(5)), with(n(0), n(0))}, nil},
		"a fault":                   {[]devices.Reading{with(nil, nil), with(nil, nil, "Xid 48", "Xid 79")}, []string{"Xid 48, Xid 79"}},
		"executions that failed":    {[]devices.Reading{with(nil, n(0)), with(nil, n(3))}, []string{"executions that failed: 3;"}},
		"told late, and not at last": {[]devices.Reading{with(nil, nil), with(n(5), n(1)), with(n(6), n(4)), with(nil, nil)},
			[]string{"could not be corrected: 1;", "executions that failed: 3;"}},
		"errors before a new beginning": {[]devices.Reading{with(n(5), nil), with(n(6), nil), with(n(0), nil)}, []string{"could not be corrected: 1;"}},
		"a counter told at the start":   {[]devices.Reading{with(n(5), nil), with(nil, nil)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := surroundings{readings: c.readings}.deviceErrors()
			require.Len(t, got, len(c.want), "%v", got)
			for i := range got {
				require.Contains(t, got[i], c.want[i])
			}
		})
	}
}

// silent is a device whose driver never answers.
type silent struct {
	devicetest.Device
	release chan struct{}
}

func (s *silent) Read(context.Context) (devices.Reading, error) {
	<-s.release
	return devices.Reading{}, nil
}

func TestBlame(t *testing.T) {
	lost := &devicetest.Device{ReadError: devices.ErrLost}
	failed := errors.New("launch failed")
	for name, c := range map[string]struct {
		dev  devices.Device
		lost error
		err  error
		want string // empty is no error
	}{
		"all well":                  {lost, nil, nil, ""},
		"lost, and nobody noticed":  {lost, devices.ErrLost, nil, "the device was lost within the run: lost"},
		"an engine that failed":     {lost, nil, failed, "launch failed; the device was lost: lost"},
		"the device is there":       {&devicetest.Device{}, nil, failed, "launch failed"},
		"sensors fail otherwise":    {&devicetest.Device{ReadError: errors.New("no permission")}, nil, failed, "launch failed"},
		"no device":                 {nil, nil, failed, "launch failed"},
		"unsupported":               {lost, nil, devices.ErrUnsupported, "unsupported"},
		"the engine has said it":    {lost, devices.ErrLost, devices.ErrLost, "lost"},
		"a device that is silenced": {&silent{release: make(chan struct{})}, nil, failed, "launch failed; the device was lost: lost: its sensors do not answer within 2s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := measurement{Result: &Result{}, dev: c.dev, lost: c.lost}
				if s, ok := c.dev.(*silent); ok {
					s.release = make(chan struct{})
					defer close(s.release)
				}
				start := time.Now()
				err := m.blame(t.Context(), c.err)
				require.LessOrEqual(t, time.Since(start), blameTime)
				if c.want == "" {
					require.NoError(t, err)
					return
				}
				require.EqualError(t, err, c.want)
				if _, ok := c.dev.(*silent); ok {
					require.Nil(t, m.dev, "it is not closed either")
				}
			})
		})
	}
}

func TestInterruptedRunsBlameNobody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := measurement{Result: &Result{}, dev: &devicetest.Device{ReadError: devices.ErrLost}}
	require.Equal(t, context.Canceled, m.blame(ctx, context.Canceled))
}

// Counters see heat between two readings. Limits that last, and less than a hundredth of the time, are nothing.
func TestHeldByCounters(t *testing.T) {
	at := func(second int64, seconds map[string]float64, now ...string) devices.Reading {
		return devices.Reading{Time: time.Unix(second, 0), ThrottledSeconds: seconds, Throttle: now}
	}
	for name, c := range map[string]struct {
		first, last devices.Reading
		want        []string
	}{
		"heat":               {at(0, map[string]float64{"thermal": 5}), at(10, map[string]float64{"thermal": 5.2}), []string{"the device was throttled: thermal for 2.0 % of the time (limit 1 %)"}},
		"a little":           {at(0, map[string]float64{"thermal": 5}), at(10, map[string]float64{"thermal": 5.1}), nil},
		"lasting":            {at(0, map[string]float64{"power-cap": 5}), at(10, map[string]float64{"power-cap": 15}), nil},
		"seen as well":       {at(0, map[string]float64{"thermal": 5}), at(10, map[string]float64{"thermal": 7}, "thermal"), []string{"the device was throttled: thermal"}},
		"unknown at first":   {at(0, nil), at(10, map[string]float64{"thermal": 7}), nil},
		"no time":            {at(0, map[string]float64{"thermal": 5}), at(0, map[string]float64{"thermal": 7}), nil},
		"began anew":         {at(0, map[string]float64{"thermal": 5}), at(10, map[string]float64{"thermal": 1}), nil},
		"no counters at all": {at(0, nil), at(10, nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := surroundings{readings: []devices.Reading{c.first, c.last}}
			require.Equal(t, c.want, s.disturbances(Noise{}))
		})
	}
}
