package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// seen is the range of a figure over runs, and the row of the worst one.
type seen struct {
	low, high float64
	lowRow    string
	highRow   string
	runs      int
}

func (v view) seen(of func(bench.Result) *float64) seen {
	var s seen
	for _, r := range v.rows {
		for _, x := range r.runs() {
			f := of(x)
			if f == nil || math.IsNaN(*f) || math.IsInf(*f, 0) {
				continue
			}
			if s.runs == 0 || *f < s.low {
				s.low, s.lowRow = *f, r.name
			}
			if s.runs == 0 || *f > s.high {
				s.high, s.highRow = *f, r.name
			}
			s.runs++
		}
	}
	return s
}

// noise tells in words what may have disturbed the runs: a sentence about the threads and one about the machine, so that
// neither is too long.
func (v view) noise() []string {
	var out, sentences []string
	say := func(s seen, format string, args ...any) {
		if s.runs > 0 {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	end := func() {
		if len(out) > 0 {
			sentences = append(sentences, strings.Join(out, "; "))
		}
		out = nil
	}
	cpu := v.seen(cpuShare)
	say(cpu, "threads computed %s of the time over %s%s", between(cpu, percent), english.Count(cpu.runs, "run"), cpu.row("least", cpu.lowRow))
	forced := v.seen(forcedRate)
	say(forced, "threads were forced off their CPU %s times a second each%s", between(forced, two), forced.row("most", forced.highRow))
	queue := v.seen(func(r bench.Result) *float64 { return r.Noise.RunQueueFraction })
	say(queue, "threads waited for a CPU %s of the time%s", between(queue, percent), queue.row("most", queue.highRow))
	others := v.seen(func(r bench.Result) *float64 { return r.Noise.OthersFraction })
	say(others, "other processes computed for %s of the time of these threads%s", between(others, percent), others.row("most", others.highRow))
	end()
	steal := v.seen(func(r bench.Result) *float64 { return r.Noise.StealFraction })
	say(steal, "the hypervisor took %s of the CPU time%s", between(steal, percent), steal.row("most", steal.highRow))
	throttled := v.seen(func(r bench.Result) *float64 { return r.Noise.ThrottledFraction })
	say(throttled, "a cgroup quota stopped the process for %s of the time%s", between(throttled, percent), throttled.row("most", throttled.highRow))
	load := v.seen(func(r bench.Result) *float64 { return r.Noise.LoadAverage1 })
	say(load, "the load average before the runs was %s", between(load, two))
	clock := v.seen(func(r bench.Result) *float64 { return r.Noise.ClockChange })
	say(clock, "the device's clock changed by %s within a run", between(clock, percent))
	end()
	return append(sentences, v.throttling()...)
}

// between is a range, or one figure if both ends print alike.
func between(s seen, write func(float64) string) string {
	low, high := write(s.low), write(s.high)
	if low == high {
		return high
	}
	return low + " to " + high
}

// row names the row at one end of a range, if there is a range.
func (s seen) row(end, name string) string {
	if two(s.low) == two(s.high) {
		return ""
	}
	return " (" + end + ": " + name + ")"
}

func two(x float64) string { return digits(x, 2) }

// cpuShare is the CPU time of a CPU engine per thread and wall time; nil where a schedule lets the threads idle.
func cpuShare(r bench.Result) *float64 {
	if r.Scenario.Name == bench.Server || r.Noise.CPUOverWall == nil || r.Engine.Threads == nil || *r.Engine.Threads == 0 {
		return nil
	}
	share := *r.Noise.CPUOverWall / float64(threads(r))
	return &share
}

// threads are those of all sessions of an engine; 1 where that is not how it works.
func threads(r bench.Result) int {
	if r.Engine.Threads == nil {
		return 1
	}
	return max(1, *r.Engine.Threads*max(1, r.Scenario.Replicas))
}

// forcedRate is the number of forced context switches per second and thread.
func forcedRate(r bench.Result) *float64 {
	if r.Noise.InvoluntarySwitches == nil || r.ElapsedNS == nil || *r.ElapsedNS <= 0 {
		return nil
	}
	rate := float64(*r.Noise.InvoluntarySwitches) / (float64(*r.ElapsedNS) / 1e9) / float64(threads(r))
	return &rate
}

// throttling lists why clocks were held down, with the rows in which that was seen, and for how long where that is known.
func (v view) throttling() []string {
	var reasons []string
	rows := map[string][]string{}
	for _, r := range v.rows {
		shares := r.shares()
		for _, reason := range r.held() {
			if !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
			name := r.name
			if share, known := shares[reason]; known {
				name += ": " + percent(share) + " of the time"
			}
			rows[reason] = append(rows[reason], name)
		}
	}
	var out []string
	for _, reason := range reasons {
		out = append(out, fmt.Sprintf("the device's clocks were held down: %s (%s)", reason, strings.Join(rows[reason], "; ")))
	}
	return out
}

// shares are those of the time for which reasons held clocks down, by the device's counters: the share of readings is none of the time.
func (r row) shares() map[string]float64 {
	out := map[string]float64{}
	if u := r.UnderLoad; u != nil && u.ThrottledSource == "counters" {
		for _, t := range u.Throttled {
			out[t.Reason] = t.Share
		}
	}
	return out
}

// held are the reasons that were seen in any run of a row, or counted, each once.
func (r row) held() []string {
	var out []string
	add := func(reason string) {
		if !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	for _, x := range r.runs() {
		for _, reading := range x.Readings {
			for _, reason := range reading.Throttle {
				add(reason)
			}
		}
	}
	if u := r.UnderLoad; u != nil {
		for _, t := range u.Throttled {
			add(t.Reason)
		}
	}
	return out
}
