package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
)

// Whole is the index of what stands for all runs of a group.
const Whole = -1

// together makes a run on the plan's device and on its peers at the same time: the workers load and warm up one by one or all
// at once, as they like, and begin the timed part together. Rate and concurrency are shared out, and every device has a schedule
// of its own, whose sum is a Poisson schedule again if they are.
func (s *sequence) together(ctx context.Context, p *planned, repeat int) []Result {
	members := s.members(p)
	defer func() { p.members = members }()
	for i := range members {
		s.prepare(ctx, &members[i], repeat)
	}
	id, g := NewID(), newGate(len(members))
	results := make([]Result, len(members))
	var done sync.WaitGroup
	for i := range members {
		results[i] = s.skeleton(&members[i], repeat)
		results[i].Group = &Group{ID: id, Size: len(members), Index: i}
	}
	for i := range members {
		done.Go(func() { results[i] = s.measure(ctx, &members[i], results[i], g) })
	}
	done.Wait()
	for i := range members {
		p.over = p.over || members[i].over
	}
	return results
}

// members are the plan for each of its devices, with what was found out for them before.
func (s *sequence) members(p *planned) []planned {
	ids := slices.Concat([]string{p.Device}, p.Peers)
	n := len(ids)
	out := slices.Clone(p.members)
	if out == nil {
		out = make([]planned, n)
	}
	for i, id := range ids {
		m := p.Plan
		m.Device, m.Peers = id, nil
		m.Rate, m.RateEnd = p.Rate/float64(n), p.RateEnd/float64(n)
		m.Concurrency = p.Concurrency / n
		if i < p.Concurrency%n {
			m.Concurrency++
		}
		// Neighbouring seeds of splitmix64 give sequences that have nothing to do with each other, unlike equal ones.
		m.ScheduleSeed = p.schedule().Seed + uint64(i)
		out[i].Plan, out[i].index = m, p.index
	}
	return out
}

// merged are the results of the runs of a group as one result of all its devices: what they did is added up, energy too, and the time is
// that of the slowest, since all began together. What cannot be added up, such as sensor readings, stays with the devices. The
// group's figures are ok only if all of its runs are. A result alone is itself.
func merged(results []Result) Result {
	if len(results) == 1 {
		return results[0]
	}
	out := results[0]
	size := len(results)
	out.ID, out.Device.ID = out.Group.ID, fmt.Sprintf("%d x %s", size, out.Device.Backend)
	out.Device.UUID, out.Device.Details = "", nil
	out.Group = &Group{ID: out.Group.ID, Size: size, Index: Whole}
	out.Readings, out.Lanes, out.Checks, out.Buckets, out.Peak = nil, nil, worstCheck(results), nil, Peak{}
	out.Noise, out.Generator, out.Engine.Threads = Noise{}, nil, nil
	out.Validity = Validity{Valid: true}
	out.Counts, out.ElapsedNS, out.Limits = Counts{}, nil, slices.Clone(out.Limits)
	out.Parts = results
	for i := range results {
		r := &results[i]
		out.Counts.add(r.Counts)
		if r.ElapsedNS != nil && (out.ElapsedNS == nil || *r.ElapsedNS > *out.ElapsedNS) {
			out.ElapsedNS = r.ElapsedNS
		}
		if out.Status == OK && r.Status != OK {
			out.Status = r.Status
		}
		out.Validity.Valid = out.Validity.Valid && r.Validity.Valid
		for _, reason := range r.Validity.Reasons {
			out.Validity.Reasons = append(out.Validity.Reasons, r.Device.ID+": "+reason)
		}
		if r.Ended != "" {
			out.Ended = r.Ended
		}
	}
	if out.Status != OK {
		out.Reason = strings.Join(out.Validity.Reasons, "; ")
	}
	for i := range out.Limits {
		out.Limits[i].Over = nil
		for j := range results {
			if l := results[j].Limits; i < len(l) && l[i].Over != nil {
				sum := *l[i].Over + orZero(out.Limits[i].Over)
				out.Limits[i].Over = &sum
			}
		}
	}
	out.Latency = mergedLatency(results, func(r *Result) *Latency { return r.Latency })
	if out.Phases != nil {
		out.Phases = &Phases{TTFT: mergedLatency(results, (*Result).ttft), TPOT: mergedLatency(results, (*Result).tpot)}
	}
	if a := out.Scenario.Arrival; a != nil {
		sum := *a
		sum.RatePerSecond *= float64(size)
		if a.RateEndPerSecond != nil {
			sum.RateEndPerSecond = positive(*a.RateEndPerSecond * float64(size))
		}
		out.Scenario.Arrival = &sum
	}
	if out.Scenario.Concurrency != nil {
		sum := 0
		for i := range results {
			sum += orZero(results[i].Scenario.Concurrency)
		}
		out.Scenario.Concurrency = &sum
	}
	return out
}

func (c *Counts) add(o Counts) {
	c.Queries += o.Queries
	c.Samples += o.Samples
	c.Units += o.Units
	c.Errors += o.Errors
	c.MostInFlight += o.MostInFlight
}

func worstCheck(results []Result) *Checks {
	var worst *Checks
	for i := range results {
		if c := results[i].Checks; c != nil && (worst == nil || worst.Passed && !c.Passed || worst.Passed == c.Passed && c.Error > worst.Error) {
			worst = c
		}
	}
	return worst
}

// mergedLatency is nil where no run has the latency, or where one cannot be read.
func mergedLatency(results []Result, of func(*Result) *Latency) *Latency {
	sum := stat.NewHistogram()
	for i := range results {
		l := of(&results[i])
		if l == nil {
			continue
		}
		h, err := l.decode()
		if err != nil {
			return nil
		}
		sum.Merge(h)
	}
	out, err := latency(sum)
	if err != nil {
		return nil
	}
	return out
}

// ttft and tpot are the token latencies of a run; nil where there are none.
func (r *Result) ttft() *Latency {
	if r.Phases == nil {
		return nil
	}
	return r.Phases.TTFT
}

func (r *Result) tpot() *Latency {
	if r.Phases == nil {
		return nil
	}
	return r.Phases.TPOT
}

// population is the number of samples that have a metric.
func (r *Result) population(m load.Metric) int64 {
	l := r.Latency
	switch m {
	case load.TTFT:
		l = r.ttft()
	case load.TPOT:
		l = r.tpot()
	}
	if l == nil {
		return 0
	}
	return l.Count
}
