package bench

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/devicetest"
)

// gauge is a device that takes a constant power, with a counter that is refreshed now and then.
type gauge struct {
	devicetest.Device
	watts   float64
	refresh time.Duration // of the counter; 0 for none
	begun   time.Time
	alone   int           // reads of the power alone
	broken  int           // from which of them on the device is lost; 0 for never
	takes   time.Duration // to read all sensors
}

func (g *gauge) ReadPower(context.Context) (devices.Reading, error) {
	g.alone++
	if g.broken > 0 && g.alone >= g.broken {
		return devices.Reading{}, fmt.Errorf("reading a gauge: %w", devices.ErrLost)
	}
	return g.reading(), nil
}

func (g *gauge) Read(context.Context) (devices.Reading, error) {
	g.Reads++
	time.Sleep(g.takes)
	r := g.reading()
	hot := 40.0
	r.TemperatureC = &hot
	return r, nil
}

func (g *gauge) reading() devices.Reading {
	now := time.Now()
	r := devices.Reading{Time: now, PowerWatts: &g.watts, PowerSource: "a"}
	if g.refresh > 0 {
		joules := g.watts * now.Sub(g.begun).Truncate(g.refresh).Seconds()
		r.EnergyJoules, r.EnergySource = &joules, "b"
	}
	return r
}

// Between two ticks the counter tells the energy to a millisecond's, however coarse it is, and the trapezoids agree.
func TestTicksMakeCoarseCountersExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		refresh := time.Duration(rapid.IntRange(1, 150).Draw(rt, "refresh")) * time.Millisecond
		before := time.Duration(rapid.IntRange(0, 300).Draw(rt, "before")) * time.Millisecond
		run := time.Duration(rapid.IntRange(1, 20000).Draw(rt, "run")) * time.Millisecond
		synctest.Test(t, func(t *testing.T) {
			g := &gauge{watts: 300, refresh: refresh, begun: time.Now(), takes: 7 * time.Millisecond}
			time.Sleep(before)
			waits := time.Now()
			s := startSampler(t.Context(), g, nil)
			require.LessOrEqual(t, time.Since(waits), maxTick+g.takes)
			time.Sleep(run)
			readings := s.end(t.Context())
			end := time.Now()
			readings = s.lastTick(t.Context(), readings)
			require.LessOrEqual(t, time.Since(end), maxTick)
			require.True(t, readings[0].Ticked)
			require.True(t, readings[len(readings)-1].Ticked)
			require.NotNil(t, readings[0].TemperatureC)
			require.Nil(t, readings[len(readings)-1].TemperatureC, "power alone")
			require.False(t, readings[len(readings)-1].Time.Before(end))

			w, ok := windowOf(readings)
			require.True(t, ok)
			require.True(t, w.ticked)
			require.Equal(t, energyCounter, w.source)
			require.Equal(t, "b", w.method)
			require.InDelta(t, w.seconds*300, w.joules, 300*2*tickInterval.Seconds())
			require.InDelta(t, w.seconds*300, *w.cross, 1e-6)
		})
	})
}

func TestNoTickInTime(t *testing.T) {
	for name, g := range map[string]*gauge{"coarse": {watts: 300, refresh: 250 * time.Millisecond}, "no counter": {watts: 300}} {
		synctest.Test(t, func(t *testing.T) {
			g.begun = time.Now()
			s := startSampler(t.Context(), g, nil)
			waited := time.Since(g.begun)
			time.Sleep(time.Second)
			for _, r := range s.lastTick(t.Context(), s.end(t.Context())) {
				require.False(t, r.Ticked, name)
			}
			if g.refresh == 0 {
				require.Zero(t, waited)
				require.Zero(t, s.tickless(), name)
			} else {
				require.Equal(t, maxTick, waited)
			}
			require.InDelta(t, 300, *powerIntegral(s.readings), 1e-6)
		})
	}
}

// tickless is the time from the last reading to now.
func (s *sampler) tickless() time.Duration {
	return time.Since(s.readings[len(s.readings)-1].Time)
}

// The sum of two counters changes when one of them does, which says nothing of the other.
func TestCountersOfSeveralDevicesHaveNoTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		two := []devices.Device{&gauge{watts: 300, refresh: 90 * time.Millisecond, begun: time.Now()}, &gauge{watts: 300, refresh: 70 * time.Millisecond, begun: time.Now()}}
		s := startSampler(t.Context(), devices.Join(two), nil)
		time.Sleep(10 * time.Second)
		readings := s.lastTick(t.Context(), s.end(t.Context()))
		require.False(t, readings[0].Ticked)
		require.False(t, readings[len(readings)-1].Ticked)
		w, ok := windowOf(readings)
		require.True(t, ok)
		require.InDelta(t, 600, w.joules/w.seconds, 600*0.02)
	})
}

// Power that can be read alone is integrated every 100 ms, while all sensors are read every 500 ms.
func TestPowerIsReadMoreOftenThanTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{watts: 100}
		s := startSampler(t.Context(), g, nil)
		time.Sleep(9950 * time.Millisecond)
		readings := s.end(t.Context())
		require.Len(t, readings, 21)
		require.Equal(t, 1+80, g.alone, "one to look for a counter")
		for _, r := range readings {
			require.InDelta(t, 100*r.Time.Sub(readings[0].Time).Seconds(), *r.PowerIntegralJoules, 1e-6)
		}
	})
}

// A device that is no meter has its trapezoids between the readings that are kept.
func TestIntegralWithoutMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		watts := 100.0
		s := startSampler(t.Context(), &devicetest.Device{Watts: &watts}, nil)
		time.Sleep(10 * time.Second)
		readings := s.end(t.Context())
		require.InDelta(t, 1000, *readings[len(readings)-1].PowerIntegralJoules, 1e-6)
	})
	synctest.Test(t, func(t *testing.T) {
		watts := 100.0
		s := startSampler(t.Context(), &devicetest.Device{Watts: &watts}, nil)
		time.Sleep(24 * time.Hour) // in which the interval grows to minutes
		readings := s.end(t.Context())
		require.InDelta(t, 100*24*3600, *readings[len(readings)-1].PowerIntegralJoules, 1)
	})
}

// What nobody saw is not drawn as a straight line.
func TestGapEndsTheIntegral(t *testing.T) {
	for gap, known := range map[time.Duration]bool{time.Second: true, 2 * time.Second: true, 2001 * time.Millisecond: false, time.Minute: false} {
		var i integral
		watts := 100.0
		at := time.Unix(0, 0)
		for range 10 {
			at = at.Add(time.Second)
			i.add(devices.Reading{Time: at, PowerWatts: &watts})
		}
		got := i.add(devices.Reading{Time: at.Add(gap), PowerWatts: &watts})
		require.Equal(t, known, got != nil, gap)
	}
}

// The integral is that of straight lines between the readings, whenever they are; one without power ends it.
func TestIntegralProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var i integral
		at, sum, last := time.Unix(0, 0), 0.0, math.NaN()
		for range rapid.IntRange(1, 50).Draw(t, "readings") {
			step := time.Duration(rapid.IntRange(0, int(maxGap.Milliseconds())).Draw(t, "step")) * time.Millisecond
			watts := rapid.Float64Range(0, 1000).Draw(t, "watts")
			at = at.Add(step)
			if !math.IsNaN(last) {
				sum += step.Seconds() * (last + (watts-last)/2)
			}
			last = watts
			got := i.add(devices.Reading{Time: at, PowerWatts: &watts})
			require.InDelta(t, sum, *got, 1e-6)
		}
		require.Nil(t, i.add(devices.Reading{Time: at}))
		require.Nil(t, i.add(devices.Reading{Time: at, PowerWatts: &last}), "a gap is no energy")
		require.False(t, i.known())
	})
}

func TestSamplerNotesALostDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{watts: 100, broken: 20}
		s := startSampler(t.Context(), g, nil)
		time.Sleep(10 * time.Second)
		s.end(t.Context())
		require.ErrorIs(t, s.gone(), devices.ErrLost)
		require.False(t, s.silent)
	})
}

// mute is a device whose driver answers so many times, and then never.
type mute struct {
	devicetest.Device
	answers int
	release chan struct{}
}

func (m *mute) Read(context.Context) (devices.Reading, error) {
	if m.answers--; m.answers < 0 {
		<-m.release
	}
	return devices.Reading{Time: time.Now()}, nil
}

// A driver that hangs within a run, or after it, costs the device and not what was read before.
func TestSensorsThatNeverAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answers, kept int
		interrupted   bool
		waits         time.Duration
	}{
		"within the run":           {3, 3, false, answerTime},
		"after it":                 {6, 6, false, answerTime},
		"when it was interrupted":  {3, 3, true, blameTime},
		"never, it answers always": {100, 7, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dev := &mute{answers: c.answers, release: make(chan struct{})}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := startSampler(ctx, dev, nil)
				time.Sleep(2750 * time.Millisecond)
				if c.interrupted {
					cancel()
				}
				before := time.Now()
				readings := s.end(ctx)
				require.Equal(t, c.waits, time.Since(before))
				require.Len(t, s.lastTick(ctx, readings), c.kept)
				require.Equal(t, c.waits > 0, s.silent)
				if s.silent {
					require.ErrorIs(t, s.gone(), devices.ErrLost)
					require.ErrorContains(t, s.gone(), "its sensors do not answer within "+c.waits.String())
				} else {
					require.NoError(t, s.gone())
				}
				close(dev.release)
				synctest.Wait()
				require.Len(t, readings, c.kept, "what comes too late is left out")
			})
		})
	}
}

func TestIdlePower(t *testing.T) {
	for _, c := range []struct {
		name    string
		dev     devices.Device
		foreign *int
		want    *float64
		most    time.Duration
	}{
		{"counter", &gauge{watts: 60, refresh: 20 * time.Millisecond}, ptr(0), ptr(60.0), idleTime + 2*maxTick},
		{"power", &gauge{watts: 60}, nil, ptr(60.0), idleTime},
		{"no meter", &devicetest.Device{Watts: ptr(60.0)}, nil, ptr(60.0), idleTime},
		{"others use it", &gauge{watts: 60}, ptr(1), nil, 0},
		{"nothing to read", &devicetest.Device{}, nil, nil, 0},
		{"sensors that fail", &devicetest.Device{ReadError: context.Canceled}, nil, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				if g, ok := c.dev.(*gauge); ok {
					g.begun = start
				}
				got := idlePower(t.Context(), c.dev, c.foreign)
				require.LessOrEqual(t, time.Since(start), c.most)
				if c.want == nil {
					require.Nil(t, got)
					return
				}
				require.InDelta(t, *c.want, *got, 3)
			})
		})
	}
}

func TestIdlePowerEndsWithTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		start := time.Now()
		idlePower(ctx, &gauge{watts: 60}, nil)
		require.Zero(t, time.Since(start))
	})
}
