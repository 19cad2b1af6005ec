package nvml

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// errClosed is what reading a closed device gives.
var errClosed = errors.New("the device is closed")

// Read asks the driver for every sensor once. A sensor that GPU, driver or user lacks is nil. It fails when the GPU is lost
// or must be reset, or when the driver answers no question at all; what was read until then is in the Reading.
//
// Of a MIG slice, power, energy and utilization are nil, because the driver measures them only for the whole GPU, on which
// other slices may be at work; clocks, temperature and the reasons for throttling are those of the GPU.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	r := devices.Reading{Time: time.Now()}
	if d.closed {
		return r, fmt.Errorf("reading %s: %w", d.info.ID, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return r, fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	own, shared := &probe{gpu: d.gpu}, &probe{gpu: d.gpu}
	if d.parent == nil {
		r.PowerWatts = own.float(numPower, milli)
		r.EnergyJoules = own.float(numEnergy, milli)
		r.UtilizationPercent = own.float(numUtilization, 1)
	} else {
		shared.gpu = d.parent
	}
	r.MemoryUsedBytes = own.bytes(numMemoryUsed)
	r.Processes = own.processes()
	r.ClockMHz = shared.float(numSMClock, 1)
	r.MemoryClockMHz = shared.float(numMemoryClock, 1)
	r.TemperatureC = shared.float(numTemperature, 1)
	if mask := shared.bytes(numThrottle); mask != nil {
		r.Throttle = throttleReasons(*mask)
	}
	for _, p := range []*probe{own, shared} {
		if p.bad.isFatal() || p.bad != codeOK && own.answers+shared.answers == 0 {
			return r, fmt.Errorf("reading %s: %w", d.info.ID, &failure{code: p.bad})
		}
	}
	return r, nil
}

// probe reads numbers and keeps the worst code. After a fatal one it asks nothing more.
type probe struct {
	gpu     gpu
	answers int
	bad     code
}

func (p *probe) bytes(what number) *uint64 {
	return ask(p, func() (uint64, code) { return p.gpu.Number(what) })
}

func (p *probe) processes() *int { return ask(p, p.gpu.Processes) }

func ask[T any](p *probe, question func() (T, code)) *T {
	if p.bad.isFatal() {
		return nil
	}
	answer, c := question()
	switch {
	case c == codeOK:
		p.answers++
		return &answer
	case !c.isMissing():
		p.bad = c
	}
	return nil
}

func (p *probe) float(what number, per float64) *float64 {
	n := p.bytes(what)
	if n == nil {
		return nil
	}
	v := float64(*n) / per
	return &v
}

// throttleBits are the reasons for held-down clocks, in the order of their bits in nvml.h. Idle is left out: an idle GPU is
// not throttled.
var throttleBits = []struct {
	bit  uint64
	word string
}{
	{0x2, "application-clocks"},
	{0x4, "power-cap"},
	{0x8, "hardware-slowdown"},
	{0x10, "sync-boost"},
	{0x20, "thermal"},
	{0x40, "hardware-thermal"},
	{0x80, "hardware-power-brake"},
	{0x100, "display-clock"},
}

const throttleIdle = 0x1

// throttleReasons decodes the mask; the result is never nil. Bits without a name here are given as a number.
func throttleReasons(mask uint64) []string {
	words := []string{}
	rest := mask &^ throttleIdle
	for _, b := range throttleBits {
		if rest&b.bit != 0 {
			words = append(words, b.word)
			rest &^= b.bit
		}
	}
	if rest != 0 {
		words = append(words, fmt.Sprintf("unknown-0x%x", rest))
	}
	return words
}
