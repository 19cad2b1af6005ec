package bench

import (
	"context"
	"sync"
	"time"

	"github.com/accelbench/accelbench/devices"
)

const (
	sensorInterval = 500 * time.Millisecond
	// maxReadings bounds what is kept of a run; beyond it every other reading goes and the interval doubles.
	maxReadings = 240
	// phaseInterval is how often the sensors of a device are read whose work has phases, so that each has readings of its own.
	// Sensors of power have a value for the last 25 to 100 ms.
	phaseInterval = 100 * time.Millisecond
)

// sampler reads a device's sensors in one goroutine of its own, off the timed path. The device is the sampler's between
// startSampler and end.
type sampler struct {
	dev      devices.Device
	phase    func() string // nil without phases
	stop     context.CancelFunc
	ended    sync.WaitGroup
	readings []devices.Reading
}

// startSampler takes a reading before it returns and further ones in the background.
// phase, if not nil, tells what the device is at.
func startSampler(ctx context.Context, dev devices.Device, phase func() string) *sampler {
	// The last reading is wanted even when the run was interrupted.
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &sampler{dev: dev, phase: phase, stop: stop, readings: make([]devices.Reading, 0, maxReadings+1)}
	s.read(ctx)
	s.ended.Go(func() { s.sample(ctx) })
	return s
}

func (s *sampler) sample(ctx context.Context) {
	interval := sensorInterval
	if s.phase != nil {
		interval = phaseInterval
	}
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		if len(s.readings) == maxReadings {
			for i := range maxReadings / 2 {
				s.readings[i] = s.readings[2*i]
			}
			s.readings = s.readings[:maxReadings/2]
			interval *= 2
			ticks.Reset(interval)
		}
		s.read(ctx)
	}
}

// read keeps a reading. Sensors that fail as a whole leave a gap.
func (s *sampler) read(ctx context.Context) {
	phase := ""
	if s.phase != nil {
		phase = s.phase()
	}
	if r, err := s.dev.Read(ctx); err == nil {
		r.Phase = phase
		s.readings = append(s.readings, r)
	}
}

// end takes a last reading and returns all.
func (s *sampler) end(ctx context.Context) []devices.Reading {
	s.stop()
	s.ended.Wait()
	s.read(context.WithoutCancel(ctx))
	return s.readings
}
