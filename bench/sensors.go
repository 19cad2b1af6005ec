package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// powerInterval is how often power is read for its integral, where it can be read alone.
	powerInterval = 100 * time.Millisecond
	// An energy counter is refreshed every 1 to 100 ms. It is read every tickInterval until it changes, for maxTick at most.
	tickInterval = time.Millisecond
	maxTick      = 200 * time.Millisecond
	// A gap between two values of the power ends its integral when it is longer than maxGap and than so large a share of the time
	// since the first: sensors that are slow, or read seldom in a long run, leave shorter ones.
	maxGap      = 2 * time.Second
	maxGapShare = 0.05
	// answerTime is how long sensors may take to answer; the slowest are tools that give up after 10 s.
	answerTime = 15 * time.Second
	// idleTime is how long the power of a device is watched on which nothing is loaded.
	idleTime = 500 * time.Millisecond
)

// sampler reads a device's sensors in one goroutine of its own, off the timed path. The device is the sampler's between
// startSampler and lastTick.
type sampler struct {
	dev      devices.Device
	meter    devices.Meter // nil if power cannot be read alone
	phase    func() string // nil without phases
	stop     context.CancelFunc
	ended    sync.WaitGroup
	mu       sync.Mutex // over readings and lost: a goroutine whose device never answers is left behind
	readings []devices.Reading
	lost     error // wraps devices.ErrLost; nil if the device is there
	power    integral
	tells    bool // of power or energy, by the first reading
	silent   bool // the device did not answer at the end
}

// startSampler waits for a tick of the energy counter, takes a reading before it returns, and further ones in the background.
// phase, if not nil, tells what the device is at.
func startSampler(ctx context.Context, dev devices.Device, phase func() string) *sampler {
	// The last reading is wanted even when the run was interrupted.
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &sampler{dev: dev, phase: phase, stop: stop, readings: make([]devices.Reading, 0, maxReadings+2)}
	s.meter, _ = dev.(devices.Meter)
	tick, ticked := s.tick(ctx)
	s.read(ctx)
	if len(s.readings) > 0 {
		s.tells = s.readings[0].PowerWatts != nil || s.readings[0].EnergyJoules != nil
	}
	if ticked && len(s.readings) > 0 {
		r := &s.readings[0]
		r.Time, r.EnergyJoules, r.EnergySource, r.Ticked = tick.Time, tick.EnergyJoules, tick.EnergySource, true
		s.power.start(r)
	}
	s.ended.Go(func() { s.sample(ctx) })
	return s
}

func (s *sampler) sample(ctx context.Context) {
	interval := sensorInterval
	if s.phase != nil {
		interval = phaseInterval
	}
	pace := interval
	if s.meter != nil && s.power.known() {
		pace = min(pace, powerInterval)
	}
	due := time.Now().Add(interval)
	ticks := time.NewTicker(pace)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		now := time.Now()
		if now.Before(due) {
			s.integrate(ctx)
			continue
		}
		if s.thin() {
			interval *= 2
		}
		s.read(ctx)
		for !due.After(now) {
			due = due.Add(interval)
		}
	}
}

// thin drops every other reading when there are too many.
func (s *sampler) thin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.readings) < maxReadings {
		return false
	}
	for i := range maxReadings / 2 {
		s.readings[i] = s.readings[2*i]
	}
	s.readings = s.readings[:maxReadings/2]
	return true
}

// read keeps a reading. Sensors that fail as a whole leave a gap.
func (s *sampler) read(ctx context.Context) {
	phase := ""
	if s.phase != nil {
		phase = s.phase()
	}
	r, err := s.dev.Read(ctx)
	if s.failed(err) {
		return
	}
	r.Phase = phase
	r.PowerIntegralJoules = s.power.add(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readings = append(s.readings, r)
}

// integrate reads the power between two readings that are kept.
func (s *sampler) integrate(ctx context.Context) {
	if s.meter == nil || !s.power.known() {
		return // only the interval has grown
	}
	if r, err := s.meter.ReadPower(ctx); !s.failed(err) {
		s.power.add(r)
	}
}

// failed notes that a device is lost, for good.
func (s *sampler) failed(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(err, devices.ErrLost) && s.lost == nil {
		s.lost = err
	}
	return err != nil
}

// tick reads the energy counter until it changes. Without a counter that can be read alone, or in vain, it reports false; so it does
// for devices that compute together, since a sum of counters changes with each of them.
func (s *sampler) tick(ctx context.Context) (devices.Reading, bool) {
	if s.meter == nil || len(s.dev.Info().Members) > 1 {
		return devices.Reading{}, false
	}
	first, err := s.meter.ReadPower(ctx)
	if s.failed(err) || first.EnergyJoules == nil {
		return first, false
	}
	for until := time.Now().Add(maxTick); time.Now().Before(until); {
		time.Sleep(tickInterval)
		r, err := s.meter.ReadPower(ctx)
		switch {
		case s.failed(err) || r.EnergyJoules == nil:
			return r, false
		case *r.EnergyJoules != *first.EnergyJoules:
			return r, true
		}
	}
	return first, false
}

// end takes a last reading and returns all. Of a device that does not answer it returns those from before: it is lost, and what was
// measured beside it is not.
func (s *sampler) end(ctx context.Context) []devices.Reading {
	s.stop()
	answered := make(chan struct{})
	go func() {
		s.ended.Wait()
		s.read(context.WithoutCancel(ctx))
		close(answered)
	}()
	limit := answerTime
	if ctx.Err() != nil {
		limit = blameTime // an interrupted worker has little time left
	}
	select {
	case <-answered:
	case <-time.After(limit):
		s.silent = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent && s.lost == nil {
		s.lost = fmt.Errorf("%w: its sensors do not answer within %s", devices.ErrLost, limit)
	}
	return slices.Clone(s.readings)
}

// gone is why the device is lost; nil if it is there.
func (s *sampler) gone() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// lastTick waits for a tick after the end, if there was one at the start, and adds to the readings of end the one at the tick. It has
// power and energy alone: the device may be idle by now.
func (s *sampler) lastTick(ctx context.Context, readings []devices.Reading) []devices.Reading {
	if s.silent || len(readings) == 0 || !readings[0].Ticked {
		return readings
	}
	if r, ticked := s.tick(context.WithoutCancel(ctx)); ticked {
		r.Ticked = true
		r.PowerIntegralJoules = s.power.add(r)
		readings = append(readings, r)
	}
	return readings
}

// integral adds up the trapezoids under a power that is read now and then.
type integral struct {
	joules      float64
	first, last time.Time
	watts       *float64 // at the last time; nil before the first
	broken      bool     // power was missing once, or for too long, so that there is no integral any more
}

// start begins anew at a reading.
func (i *integral) start(r *devices.Reading) {
	*i = integral{}
	r.PowerIntegralJoules = i.add(*r)
}

// add takes a reading and gives the integral up to it in joules; nil if there is none.
func (i *integral) add(r devices.Reading) *float64 {
	gap := r.Time.Sub(i.last)
	if r.PowerWatts == nil || i.watts != nil && gap > max(maxGap, time.Duration(maxGapShare*float64(r.Time.Sub(i.first)))) {
		i.broken = true
	}
	if i.broken {
		return nil
	}
	if i.watts == nil {
		i.first = r.Time
	} else {
		i.joules += (*i.watts + *r.PowerWatts) / 2 * gap.Seconds()
	}
	i.watts, i.last = r.PowerWatts, r.Time
	joules := i.joules
	return &joules
}

func (i *integral) known() bool { return i.watts != nil && !i.broken }

// idlePower is the mean power in watts of a device on which nothing is loaded; nil if it does not tell, or if others use it.
func idlePower(ctx context.Context, dev devices.Device, foreign *int) *float64 {
	if foreign != nil && *foreign > 0 {
		return nil
	}
	s := startSampler(ctx, dev, nil)
	if s.tells {
		select {
		case <-time.After(idleTime):
		case <-ctx.Done():
		}
	}
	readings := s.end(ctx)
	w, ok := windowOf(s.lastTick(ctx, readings))
	if !ok || w.seconds <= 0 {
		return nil
	}
	watts := w.joules / w.seconds
	return &watts
}
