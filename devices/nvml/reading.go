package nvml

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/accelbench/accelbench/devices"
)

// errClosed is what reading a closed device gives.
var errClosed = errors.New("the device is closed")

// Read asks the driver for every sensor once. A sensor that GPU, driver or user lacks is nil. It fails when the GPU is lost
// or must be reset, which wraps devices.ErrLost, or when the driver answers no question at all; what was read until then is in
// the Reading.
//
// Of a MIG slice, utilization is nil, and so are power and energy unless no other slice was seen on the GPU, because the
// driver measures them only for the whole GPU; clocks, temperature, links and the reasons for throttling are those of the GPU.
func (d *device) Read(ctx context.Context) (devices.Reading, error) {
	r := devices.Reading{Time: time.Now()}
	if err := d.readable(ctx); err != nil {
		return r, err
	}
	own, shared := &probe{gpu: d.gpu}, &probe{gpu: d.shared()}
	d.fill(&r, shared, sampledFields())
	if d.parent == nil {
		r.UtilizationPercent = own.float(numUtilization, 1)
		r.MemoryUtilizationPercent = own.float(numMemoryUtilization, 1)
	}
	r.MemoryUsedBytes = own.bytes(numMemoryUsed)
	r.Processes = own.processes()
	r.ClockMHz = shared.float(numSMClock, 1)
	r.MemoryClockMHz = shared.float(numMemoryClock, 1)
	r.TemperatureC = shared.float(numTemperature, 1)
	r.PCIeGeneration = shared.int(numPCIeGen)
	r.PCIeWidth = shared.int(numPCIeWidth)
	r.ECCUncorrected = shared.bytes(numECCUncorrected)
	if mask := shared.bytes(numThrottle); mask != nil {
		r.Throttle = throttleReasons(*mask)
	}
	d.remembered(&r, shared)
	return r, d.failed(own, shared)
}

// ReadPower asks for power and energy alone, in one call where the driver is not too old. Of a slice among others it tells
// nothing.
func (d *device) ReadPower(ctx context.Context) (devices.Reading, error) {
	r := devices.Reading{Time: time.Now()}
	if err := d.readable(ctx); err != nil {
		return r, err
	}
	p := &probe{gpu: d.shared()}
	d.fill(&r, p, nil)
	return r, d.failed(p)
}

func (d *device) readable(ctx context.Context) error {
	if d.closed {
		return fmt.Errorf("reading %s: %w", d.info.ID, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", d.info.ID, err)
	}
	return nil
}

// failed is the error of questions that a lost GPU, or none, answered.
func (d *device) failed(probes ...*probe) error {
	answers := 0
	for _, p := range probes {
		answers += p.answers
	}
	for _, p := range probes {
		if p.bad.isFatal() || p.bad != codeOK && answers == 0 {
			return fmt.Errorf("reading %s: %w", d.info.ID, &failure{code: p.bad})
		}
	}
	return nil
}

// fill reads the fields, power and energy among them where they are this device's, and falls back to the older functions.
func (d *device) fill(r *devices.Reading, p *probe, fields []field) {
	if d.metered {
		fields = append(slices.Clone(powerFields), fields...)
	}
	values := p.fields(d.fields, fields)
	number := func(id uint32, per float64) *float64 { return floatOf(values, field{id: id}, per) }
	if d.metered {
		if r.EnergyJoules = number(fieldEnergy, milli); r.EnergyJoules == nil {
			r.EnergyJoules = p.float(numEnergy, milli)
		}
		if r.EnergyJoules != nil {
			r.EnergySource = "nvml_energy_counter"
		}
		r.PowerAverageWatts = number(fieldPowerAverage, milli)
		switch r.PowerWatts = number(fieldPowerInstant, milli); {
		case r.PowerWatts != nil:
			r.PowerSource = "nvml_power"
		default:
			if r.PowerWatts = p.float(numPower, milli); r.PowerWatts != nil {
				r.PowerSource = "nvml_power_usage"
			}
		}
	}
	r.PowerLimitWatts = number(fieldPowerEnforced, milli)
	r.MemoryTemperatureC = number(fieldMemoryTemperature, 1)
	if pending, ok := values[field{id: fieldRemapPending}]; ok {
		yes := pending != 0
		r.RemapPending = &yes
	}
	r.PCIeSentBytes, r.PCIeReceivedBytes = bytesIn(values, field{id: fieldPCIeSent}, 1), bytesIn(values, field{id: fieldPCIeReceived}, 1)
	r.NVLinkSentBytes = bytesIn(values, field{fieldNVLinkSent, allLinks}, 1024)
	r.NVLinkReceivedBytes = bytesIn(values, field{fieldNVLinkReceived, allLinks}, 1024)
	for _, t := range throttledFields {
		if ns, ok := values[field{id: t.id}]; ok {
			if r.ThrottledSeconds == nil {
				r.ThrottledSeconds = map[string]float64{}
			}
			r.ThrottledSeconds[t.word] = float64(ns) / 1e9
		}
	}
}

// maxFaults bounds the errors taken at one reading: a GPU that reports without end must not hold up its readers.
const maxFaults = 16

// remembered reads what the driver has to remember between readings; it begins to with the first.
func (d *device) remembered(r *devices.Reading, p *probe) {
	if p.bad.isFatal() {
		return
	}
	if d.recorder == nil {
		d.recorder = p.gpu.Sensors().Record()
	}
	for range maxFaults {
		xid, c := d.recorder.Fault()
		if c == codeOK || c == codeTimeout {
			d.watched = true
		}
		if c.isFatal() {
			p.bad = c
		}
		if c != codeOK {
			break
		}
		if fault := fmt.Sprintf("Xid %d", xid); !slices.Contains(d.faults, fault) {
			d.faults = append(d.faults, fault)
		}
	}
	if d.watched {
		r.Faults = append([]string{}, d.faults...)
	}
	if !d.metered || p.bad.isFatal() {
		return // the work of other slices is not this one's
	}
	if a, c := d.recorder.Activity(); c == codeOK {
		r.CoresActivePercent, r.TensorActivePercent, r.MemoryBandwidthPercent = a.cores, a.tensor, a.bandwidth
	}
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

func (p *probe) processes() *int { return ask(p, p.gpu.Sensors().Processes) }

func (p *probe) fields(from *fieldReader, wanted []field) map[field]uint64 {
	if p.bad.isFatal() {
		return nil
	}
	values, c := from.read(wanted)
	p.answers += len(values)
	if c != codeOK {
		p.bad = c
	}
	return values
}

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

func (p *probe) int(what number) *int {
	n := p.bytes(what)
	if n == nil {
		return nil
	}
	v := int(*n)
	return &v
}

func floatOf(values map[field]uint64, f field, per float64) *float64 {
	n, ok := values[f]
	if !ok {
		return nil
	}
	v := float64(n) / per
	return &v
}

func bytesIn(values map[field]uint64, f field, each uint64) *uint64 {
	n, ok := values[f]
	if !ok {
		return nil
	}
	n *= each
	return &n
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
