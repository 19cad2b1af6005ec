package bench

import (
	"errors"
	"fmt"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

// record puts an outcome into the Result.
func (m *measurement) record(o load.Outcome) error {
	m.Counts = Counts{Queries: o.Queries, Samples: o.Samples, Units: o.Units, Errors: o.Errors, MostInFlight: int64(o.MostInFlight)}
	elapsed := int64(o.Elapsed)
	m.ElapsedNS = &elapsed
	if m.job.Plan.Scenario == Offline && o.Queries > 0 {
		m.Scenario.SamplesPerQuery = int((o.Samples + o.Queries - 1) / o.Queries)
	}
	if len(o.Slices) > 0 {
		m.Buckets = &Buckets{WidthNS: int64(o.Width), Units: o.Slices}
	}
	var errs [4]error
	m.Latency, errs[0] = latency(o.Latency)
	if o.TTFT != nil || o.TPOT != nil {
		m.Phases = &Phases{}
		m.Phases.TTFT, errs[1] = latency(o.TTFT)
		m.Phases.TPOT, errs[2] = latency(o.TPOT)
		if times := m.lanes[0].PhaseTimes(); len(m.lanes) == 1 && len(times) == 2 {
			prefill, decode := int64(times[0]), int64(times[1])
			m.Phases.PrefillNS, m.Phases.DecodeNS = &prefill, &decode
		}
	}
	for i, l := range m.job.Plan.Limits {
		m.Limits = append(m.Limits, LimitCount{Limit: l, Over: &o.Over[i]})
	}
	if s := o.Schedule; s != nil {
		m.Generator = &Generator{ScheduledNS: int64(s.Last), IssuedNS: int64(s.Issued), Hash: s.Hash, AwakeNS: int64(s.Awake)}
		m.Generator.Lateness, errs[3] = latency(s.Lateness)
	}
	for i, lane := range m.laneCounts() {
		before := m.warmed[i]
		m.Lanes = append(m.Lanes, Lane{Samples: lane.Samples - before.Samples, Batches: lane.Batches - before.Batches,
			BusyNS: int64(lane.Busy - before.Busy)})
	}
	switch {
	case o.Overrun:
		m.Ended = EndedOverrun
	case o.Missed:
		m.Ended = EndedLimit
	}
	if o.Errors > 0 {
		m.invalid = append(m.invalid, fmt.Sprintf("%d samples failed, the first with: %v", o.Errors, o.FirstError))
	}
	m.invalid = append(m.invalid, loadReasons(m.Result, o)...)
	if o.Broken {
		errs[0] = errors.Join(o.FirstError, errs[0])
	}
	return errors.Join(errs[:]...)
}

// laneCounts are those of the sessions behind a queue; nil without one.
func (m *measurement) laneCounts() []devices.LaneCount {
	if queue, ok := m.sys.(*devices.Queue); ok {
		return queue.Lanes()
	}
	return nil
}

func latency(h *stat.Histogram) (*Latency, error) {
	if h == nil || h.Count() == 0 {
		return nil, nil
	}
	text, err := h.Encode()
	if err != nil {
		return nil, err
	}
	return &Latency{Histogram: text, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}, nil
}

// wider tells whether the interval of the throughput within a run, by batch means, is still wider than so large a part of it
// on either side. With few completions in a slice all could hold as many, and the interval would claim certainty.
func wider(target float64, unitsPerCompletion int) func(width time.Duration, units []int64) bool {
	return func(width time.Duration, units []int64) bool {
		var sum int64
		for _, u := range units {
			sum += u
		}
		s := joined(&Buckets{WidthNS: int64(width), Units: units}, sum/int64(max(unitsPerCompletion, 1)))
		cut, ok := stat.MSER5(s.units)
		if !ok {
			return true
		}
		within, ok := stat.BatchMeans(s.units[cut:], stat.Confidence)
		return !ok || within.High-within.Mean > target*within.Mean
	}
}

// full are the slices as numbers, without the last one, which the end has cut.
func full(units []int64) []float64 {
	if len(units) == 0 {
		return nil
	}
	out := make([]float64, len(units)-1)
	for i := range out {
		out[i] = float64(units[i])
	}
	return out
}
