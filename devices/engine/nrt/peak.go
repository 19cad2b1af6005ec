package nrt

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/workloads"
)

// effort bounds the measurement of peaks: how long it may take, and how large what it works on is.
type effort struct {
	begin   time.Duration // nothing more is begun after it
	compile time.Duration // that the compiler may take for one program
	rows    int           // of a matrix
	arrays  int64         // bytes of an array in a core's memory
	copies  int64         // bytes of a copy
	chunk   int64         // bytes of random data that are made and copied at a time
}

// thorough is the effort for chips: executions of a few milliseconds on the fastest cores, whose launch takes some ten microseconds.
// Sizes are fixed, since each other size would be compiled for minutes.
func thorough() effort {
	return effort{begin: 20 * time.Minute, compile: 10 * time.Minute, rows: 4096, arrays: 1 << 30, copies: 64 << 20, chunk: 16 << 20}
}

// PeakLimit is how long [MeasurePeak] may take: whoever watches it must leave it that time. It is that long because of the compiler:
// with its programs in the cache the measurement takes seconds.
const PeakLimit = 35 * time.Minute

// MeasurePeak measures the peaks of a device: copies to and from the host in any case, the others where the compiler is on this
// machine. All logical cores of the device that the environment leaves to this process do the same at once, each by itself, and the
// figures are their sums; copies and launches are those of one core. What could not be measured is nil, and named in the method.
// The errors are those of Load.
func MeasurePeak(ctx context.Context, o Options, dev devices.Device) (devices.Peaks, error) {
	info := dev.Info()
	p, err := New(o).(*engine).peaks(ctx, info, thorough())
	if err != nil {
		return devices.Peaks{}, fmt.Errorf("measuring the peaks of %s with engine %s: %w", info.ID, Name, err)
	}
	return p, nil
}

func (e *engine) peaks(ctx context.Context, dev devices.Info, most effort) (p devices.Peaks, err error) {
	if err := ctx.Err(); err != nil {
		return p, err
	}
	if err := serves(dev); err != nil {
		return p, err
	}
	if len(dev.Members) > 1 {
		return p, fmt.Errorf("it computes on one device at a time: %w", devices.ErrUnsupported)
	}
	l, err := e.open()
	if err != nil {
		return p, fmt.Errorf("%w: %w", devices.ErrAbsent, err)
	}
	c, err := e.cores(dev)
	if err != nil {
		return p, err
	}
	m := meter{effort: most, ctx: ctx, now: time.Now, engine: e, until: time.Now().Add(most.begin)}
	defer m.leave()
	for range c.ids {
		here, err := e.runtime.enter(l.Library, c)
		if err != nil {
			return p, err
		}
		m.places = append(m.places, here)
	}
	m.measure(dev, &p)
	if err := ctx.Err(); err != nil {
		return p, err
	}
	p.Method = m.method(p, c)
	return p, nil
}

// measure measures what it can.
func (m *meter) measure(dev devices.Info, p *devices.Peaks) {
	m.try("copies", func() (err error) { p.HostToDevice, p.DeviceToHost, err = m.copies(); return err })
	p.FLOPs = map[string]float64{}
	var err error
	if m.compiler, m.target, err = m.engine.compiler(m.ctx, dev); err != nil {
		m.missing = append(m.missing, fmt.Sprintf("all that takes a program (%s: install neuronx-cc of the Neuron SDK)", shortened(err)))
		return
	}
	m.try("launch", func() (err error) { p.Launch, err = m.launch(); return err })
	products := func(precision string, stored workloads.DType) {
		m.try(precision, func() error {
			rate, err := m.products(stored)
			if err == nil {
				p.FLOPs[precision] = rate
			}
			return err
		})
	}
	products(workloads.BFloat16, workloads.BF16)
	m.try("memory", func() (err error) { p.BytesPerSecond, err = m.bandwidth(); return err })
	products(workloads.Full, workloads.F32)
	products(workloads.Half, workloads.F16)
}

// try keeps the reason for which something could not be measured.
func (m *meter) try(what string, measure func() error) {
	if m.ctx.Err() != nil || !time.Now().Before(m.until) {
		m.missing = append(m.missing, what+" (no time was left)")
		return
	}
	if err := measure(); err != nil {
		m.missing = append(m.missing, what+" ("+shortened(err)+")")
	}
}

// method says how the peaks were measured.
func (m *meter) method(p devices.Peaks, c cores) string {
	var parts []string
	if len(p.FLOPs) > 0 || p.BytesPerSecond != nil || p.Launch != nil {
		parts = append(parts, fmt.Sprintf("HLO programs of this project, compiled by %s %s, through libnrt, on %s of the device at once, each by itself: "+
			"products of random matrices of %d rows, the sum of two arrays; a launch on one of them", compilerName, m.compiler.version,
			english.Count(len(m.places), "logical core"), m.rows))
	}
	if p.HostToDevice != nil || p.DeviceToHost != nil {
		parts = append(parts, "copies through libnrt of memory that is not pinned, to and from one logical core")
	}
	if c.hidden > 0 {
		parts = append(parts, english.Count(c.hidden, "logical core")+" hidden by the environment and not measured")
	}
	parts = append(parts, fmt.Sprintf("medians of %d", timedExecutions))
	if len(m.missing) > 0 {
		parts = append(parts, "not measured: "+strings.Join(m.missing, ", "))
	}
	return strings.Join(parts, "; ")
}

// shortened is the beginning of an error on one line, for a text that says more.
func shortened(err error) string {
	const most = 200
	text := strings.Join(strings.Fields(err.Error()), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
