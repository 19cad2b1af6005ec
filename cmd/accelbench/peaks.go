package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/cpu/peak"
	"github.com/accelbench/accelbench/devices/engine/nrt"
	"github.com/accelbench/accelbench/devices/engine/pjrt"
	"github.com/accelbench/accelbench/devices/neuron"
)

// hasPeaks tells whether the peaks of a device can be measured: those of a CPU always, those of an accelerator where a PJRT plugin, or
// Neuron's runtime, serves it.
func hasPeaks(c bench.Candidate) bool {
	return isCPU(c.Info) || slices.ContainsFunc(c.Engines, func(e bench.Probed) bool {
		return (e.Name == pjrt.Name || e.Name == nrt.Name) && e.Info != nil
	})
}

func isCPU(dev devices.Info) bool { return dev.Backend == (cpu.Backend{}).Name() }

// throughNRT tells whether the engine nrt measures a device's peaks, as it does those of a Neuron chip by itself.
func throughNRT(dev devices.Info) bool {
	return dev.Backend == neuron.New().Name() && len(dev.Members) < 2
}

// peakDeadline is how long measuring the peaks of a device may take: a compiler gets the time for it.
func peakDeadline(dev devices.Info) time.Duration {
	if throughNRT(dev) {
		return nrt.PeakLimit
	}
	return bench.PeakDeadline(dev)
}

// peakNote is what is said of the time that measuring the peaks of a device takes.
func peakNote(dev devices.Info) string {
	if throughNRT(dev) {
		return " (where the compiler is there, programs are compiled the first time, which takes minutes)"
	}
	return ""
}

// measurePeak measures the peaks of a device.
func (s software) measurePeak(ctx context.Context, dev devices.Device) (*bench.MeasuredPeak, error) {
	var p devices.Peaks
	var err error
	switch {
	case isCPU(dev.Info()):
		return measureCPU(ctx)
	case throughNRT(dev.Info()):
		p, err = nrt.MeasurePeak(ctx, neuronOptions(), dev)
		if s.experimental && errors.Is(err, devices.ErrAbsent) { // nothing was started that would keep the plugin out
			p, err = pjrt.MeasurePeak(ctx, s.pjrt(), dev)
		}
	default:
		p, err = pjrt.MeasurePeak(ctx, s.pjrt(), dev)
	}
	if err != nil {
		return nil, err
	}
	out := &bench.MeasuredPeak{FLOPsByPrecision: p.FLOPs, ReadBytesPerSecond: p.BytesPerSecond, HostToDeviceBytesPerSecond: p.HostToDevice,
		DeviceToHostBytesPerSecond: p.DeviceToHost, Method: p.Method}
	if p.Launch != nil {
		took := int64(*p.Launch)
		out.LaunchNS = &took
	}
	return out, nil
}

// measureCPU measures with loops that share no code with any engine.
func measureCPU(ctx context.Context) (*bench.MeasuredPeak, error) {
	// As many threads as the engines take: GOMAXPROCS knows the cgroup quota, the affinity mask does not.
	p, err := peak.Measure(ctx, nil, peak.Options{Threads: runtime.GOMAXPROCS(0)})
	if err != nil {
		return nil, err
	}
	out := &bench.MeasuredPeak{Threads: p.Threads, ReadBytesPerSecond: &p.ReadBytesPerSecond, CPUOverWall: p.CPUOverWall,
		Method: fmt.Sprintf("%s; %s, streams per thread: %d", p.Method, p.ReadMethod, p.Streams)}
	if !p.LowerBound {
		out.FLOPs = &p.FlopsF32
	}
	return out, nil
}
