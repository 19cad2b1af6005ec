package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/cpu/peak"
	"github.com/accelbench/accelbench/devices/engine/pjrt"
)

// hasPeaks tells whether the peaks of a device can be measured: those of a CPU always, those of an accelerator where a PJRT plugin
// serves it.
func hasPeaks(c bench.Candidate) bool {
	return isCPU(c.Info) || slices.ContainsFunc(c.Engines, func(e bench.Probed) bool { return e.Name == pjrt.Name && e.Info != nil })
}

func isCPU(dev devices.Info) bool { return dev.Backend == (cpu.Backend{}).Name() }

// measurePeak measures the peaks of a device.
func (s software) measurePeak(ctx context.Context, dev devices.Device) (*bench.MeasuredPeak, error) {
	if isCPU(dev.Info()) {
		return measureCPU(ctx)
	}
	p, err := pjrt.MeasurePeak(ctx, s.pjrt(), dev)
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
