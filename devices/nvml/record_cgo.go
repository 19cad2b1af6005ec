//go:build linux && cgo

package nvml

import (
	"slices"
	"time"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

var (
	symbolsEvents    = []string{"nvmlEventSetCreate", "nvmlDeviceRegisterEvents", "nvmlEventSetFree"}
	symbolsEventWait = []string{"nvmlEventSetWait_v2", "nvmlEventSetWait"}
	symbolsActivity  = []string{"nvmlGpmQueryDeviceSupport", "nvmlGpmSampleAlloc", "nvmlGpmSampleFree", "nvmlGpmSampleGet", "nvmlGpmMetricsGet"}
)

func (s symbols) allOf(names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !s[n] })
}

// record is an event set of one GPU, and the last of its samples of activity.
type record struct {
	gpu    *goGPU
	events nvml.EventSet
	watch  code // of the registration
	gpm    code // whether the GPU samples its activity
	// before and spare are two samples: the last one, and the one to be filled next. There is none before the first call.
	before, spare nvml.GpmSample
	taken         time.Time
}

// Record registers for critical errors, and asks whether activity is sampled: Hopper and newer do.
func (g *goGPU) Record() recorder {
	r := &record{gpu: g}
	r.watch = r.register()
	r.gpm = r.allocate()
	return r
}

func (r *record) register() code {
	if !r.gpu.has.allOf(symbolsEvents) || !r.gpu.has.anyOf(symbolsEventWait) {
		return codeFunctionNotFound
	}
	set, ret := r.gpu.lib.EventSetCreate()
	if ret != nvml.SUCCESS {
		return code(ret)
	}
	if ret := r.gpu.dev.RegisterEvents(nvml.EventTypeXidCriticalError, set); ret != nvml.SUCCESS {
		_ = set.Free() // the reason for giving it back says more
		return code(ret)
	}
	r.events = set
	return codeOK
}

// Fault does not wait.
func (r *record) Fault() (uint64, code) {
	if r.watch != codeOK {
		return 0, r.watch
	}
	event, ret := r.events.Wait(0)
	return event.EventData, code(ret)
}

func (r *record) allocate() code {
	if !r.gpu.has.allOf(symbolsActivity) {
		return codeFunctionNotFound
	}
	support, ret := r.gpu.dev.GpmQueryDeviceSupport()
	switch {
	case ret != nvml.SUCCESS:
		return code(ret)
	case support.IsSupportedDevice == 0:
		return codeNotSupported
	}
	for _, sample := range []*nvml.GpmSample{&r.before, &r.spare} {
		if *sample, ret = r.gpu.lib.GpmSampleAlloc(); ret != nvml.SUCCESS {
			*sample = nil
			return code(ret)
		}
	}
	return codeOK
}

// activityInterval is the least time between two samples; below it the driver's metrics mean nothing.
const activityInterval = 100 * time.Millisecond

// Activity takes a sample and compares it with the last one.
func (r *record) Activity() (activity, code) {
	if r.gpm != codeOK {
		return activity{}, r.gpm
	}
	first := r.taken.IsZero()
	if !first && time.Since(r.taken) <= activityInterval {
		return activity{}, codeNoData
	}
	if ret := r.gpu.dev.GpmSampleGet(r.spare); ret != nvml.SUCCESS {
		return activity{}, code(ret)
	}
	r.before, r.spare, r.taken = r.spare, r.before, time.Now()
	if first {
		return activity{}, codeNoData
	}
	metrics := nvml.GpmMetricsGetType{NumMetrics: 3, Sample1: r.spare, Sample2: r.before}
	for i, id := range []nvml.GpmMetricId{nvml.GPM_METRIC_SM_UTIL, nvml.GPM_METRIC_ANY_TENSOR_UTIL, nvml.GPM_METRIC_DRAM_BW_UTIL} {
		metrics.Metrics[i].MetricId = uint32(id)
	}
	if ret := r.gpu.lib.GpmMetricsGet(&metrics); ret != nvml.SUCCESS {
		return activity{}, code(ret)
	}
	return activity{share(metrics.Metrics[0]), share(metrics.Metrics[1]), share(metrics.Metrics[2])}, codeOK
}

// share is a metric in per cent; nil unless it is one.
func share(m nvml.GpmMetric) *float64 {
	if code(int32(m.NvmlReturn)) != codeOK || !(m.Value >= 0 && m.Value <= 100) {
		return nil
	}
	return &m.Value
}

// Close gives back what the driver holds.
func (r *record) Close() {
	if r.events != nil {
		_ = r.events.Free() // nothing is to be done about it
		r.events = nil
	}
	for _, sample := range []nvml.GpmSample{r.before, r.spare} {
		if sample != nil {
			_ = sample.Free()
		}
	}
	r.before, r.spare, r.watch, r.gpm = nil, nil, codeUninitialized, codeUninitialized
}
