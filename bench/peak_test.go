package bench_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
)

var bound = bench.Limit{Metric: load.Latency, Percentile: 0.5, Bound: 15 * time.Millisecond}

// fate is what became of a probe.
type fate string

const (
	met     fate = "met"
	missed  fate = "missed"
	early   fate = "ended early"
	invalid fate = "invalid"
	failed  fate = "failed"
	stopped fate = "interrupted"
	toomuch fate = "overloaded"
	crowded fate = "contended and overloaded"
)

// step is a run of a search by hand.
type step struct {
	role bench.Role
	rate float64
	fate fate
}

// probed are the results of a search of two confirming runs, in the order in which they were made. Of 40 samples at most 12 may
// miss a p50.
func probed(t require.TestingT, steps ...step) []bench.Result {
	var out []bench.Result
	for i, s := range steps {
		r := full(t, i)
		r.Group, r.Ended = nil, ""
		r.Scenario.Name, r.Scenario.Concurrency = bench.Server, nil
		r.Scenario.Arrival = &bench.Arrival{Process: "poisson", RatePerSecond: s.rate}
		r.Scenario.Probe = &bench.Probe{Search: "a", Step: i, Role: s.role, Confirm: 2, Least: 1, Most: 140}
		r.Latency = latencies(t, make([]int64, 40)...)
		r.Limits = []bench.LimitCount{{Limit: bound, Over: ptr(int64(12))}}
		r.Validity = bench.Validity{Valid: true}
		switch s.fate {
		case missed:
			r.Limits[0].Over = ptr(int64(13))
		case early:
			r.Ended, r.Limits[0].Over = bench.EndedLimit, ptr(int64(0))
		case invalid:
			r.Validity = bench.Validity{Reasons: []string{"generator late: by a second"}}
		case crowded:
			r.Validity = bench.Validity{Reasons: []string{"contended: by a loop", "overloaded: 140 queries/s were asked for"}}
		case toomuch:
			r.Validity = bench.Validity{Reasons: []string{"overloaded: 140 queries/s were offered"}}
		case failed:
			r.Status, r.Reason, r.Limits = bench.Failed, "out of memory", nil
		case stopped:
			r.Status, r.Reason, r.Limits = bench.Interrupted, "interrupted", nil
		}
		if s.role == bench.RoleCapacity {
			r.Scenario.Name, r.Scenario.Arrival, r.Limits, r.Latency = bench.Offline, nil, nil, nil
		}
		out = append(out, r)
	}
	return out
}

func TestLoadPeaks(t *testing.T) {
	const capacity, bracket, bisect, confirm = bench.RoleCapacity, bench.RoleBracket, bench.RoleBisect, bench.RoleConfirm
	for name, c := range map[string]struct {
		steps        []step
		status       bench.PeakStatus
		load, missed float64 // 0 is none
		confirmed    int
		reason       string
	}{
		"reached": {[]step{{capacity, 0, met}, {bracket, 70, met}, {bracket, 140, missed}, {bisect, 99, met}, {bisect, 118, early},
			{confirm, 99, met}, {confirm, 99, met}}, bench.PeakReached, 99, 118, 2, ""},
		"a confirmation fails": {[]step{{bracket, 70, met}, {bracket, 140, missed}, {confirm, 70, missed}, {confirm, 66.7, met},
			{confirm, 66.7, met}}, bench.PeakReached, 66.7, 70, 2, ""},
		// The step down from 103 goes below 100, which was tried before and is no further off.
		"a confirmation fails, and steps over what met once": {[]step{{bracket, 100, met}, {bracket, 106, missed}, {bisect, 103, met},
			{confirm, 103, missed}, {confirm, 98.1, met}, {confirm, 98.1, met}}, bench.PeakReached, 98.1, 103, 2, ""},
		"met once and missed once is no peak": {[]step{{bracket, 70, met}, {bracket, 140, missed}, {confirm, 70, met}, {confirm, 70, missed},
			{confirm, 66.7, met}, {confirm, 66.7, met}}, bench.PeakReached, 66.7, 70, 2, ""},
		"not reached": {[]step{{capacity, 0, met}, {bracket, 2, missed}, {bracket, 1, missed}}, bench.PeakNotReached, 0, 0, 0,
			"missed even at 1 queries/s, the lowest load tried"},
		"not reached, since nothing was valid": {[]step{{bracket, 1, invalid}, {bracket, 1, invalid}, {bracket, 1, invalid}},
			bench.PeakUnfinished, 0, 0, 0, "no run was valid: generator late: by a second"},
		"overloaded by another": {[]step{{bracket, 70, met}, {bracket, 140, crowded}, {bracket, 140, crowded}, {bracket, 140, crowded},
			{confirm, 70, met}, {confirm, 70, met}}, bench.PeakReached, 70, 140, 2, "the runs at 140 queries/s were invalid"},
		"cut off while trying again": {[]step{{capacity, 0, met}, {bracket, 2, missed}, {bracket, 1, invalid}}, bench.PeakUnfinished, 0, 0, 0,
			"no run was valid at 1 queries/s: generator late"},
		"cut off on the way down": {[]step{{capacity, 0, met}, {bracket, 70, missed}, {bracket, 35, missed}}, bench.PeakUnfinished, 0, 0, 0, "it was cut off"},
		"cut off on the way up":   {[]step{{capacity, 0, met}, {bracket, 35, met}, {bracket, 70, met}}, bench.PeakUnfinished, 70, 0, 0, "it was cut off"},
		"an invalid run that was made again is forgotten": {[]step{{bracket, 70, invalid}, {bracket, 70, met}, {bracket, 140, missed},
			{confirm, 70, invalid}, {confirm, 70, met}, {confirm, 70, met}}, bench.PeakReached, 70, 140, 2, ""},
		"three invalid runs miss": {[]step{{bracket, 70, met}, {bracket, 140, invalid}, {bracket, 140, invalid}, {bracket, 140, invalid},
			{confirm, 70, met}, {confirm, 70, met}}, bench.PeakReached, 70, 140, 2, "the runs at 140 queries/s were invalid and so counted as missed"},
		"invalid once, then missed": {[]step{{bracket, 70, met}, {bracket, 140, invalid}, {bracket, 140, missed},
			{confirm, 70, met}, {confirm, 70, met}}, bench.PeakReached, 70, 140, 2, ""},
		"more than the system can": {[]step{{bracket, 70, met}, {bracket, 140, toomuch}, {confirm, 70, met}, {confirm, 70, met}},
			bench.PeakReached, 70, 140, 2, ""},
		"not exceeded":             {[]step{{capacity, 0, met}, {bracket, 70, met}, {bracket, 140, met}}, bench.PeakNotExceeded, 140, 0, 0, "no load that was tried missed"},
		"interrupted":              {[]step{{bracket, 70, met}, {bracket, 140, missed}, {confirm, 70, met}, {confirm, 70, stopped}}, bench.PeakUnfinished, 70, 140, 1, "interrupted"},
		"interrupted while rising": {[]step{{bracket, 70, met}, {bracket, 140, stopped}}, bench.PeakUnfinished, 70, 0, 0, "interrupted"},
		"failed":                   {[]step{{bracket, 70, met}, {bracket, 140, failed}}, bench.PeakUnfinished, 70, 0, 0, "failed: out of memory"},
		"failed at once":           {[]step{{capacity, 0, failed}}, bench.PeakUnfinished, 0, 0, 0, "failed: out of memory"},
		"no run under load":        {[]step{{capacity, 0, met}}, bench.PeakUnfinished, 0, 0, 0, "no run under load was made"},
		"killed while confirming":  {[]step{{bracket, 70, met}, {bracket, 140, missed}, {confirm, 70, met}}, bench.PeakUnfinished, 70, 140, 1, "1 of 2 confirming runs"},
		"killed before confirming": {[]step{{bracket, 70, met}, {bracket, 140, missed}}, bench.PeakUnfinished, 70, 140, 0, "0 of 2 confirming runs"},
		"killed after a confirmation failed": {[]step{{bracket, 70, met}, {bracket, 140, missed}, {bisect, 99, met}, {confirm, 99, missed}},
			bench.PeakUnfinished, 70, 99, 0, "0 of 2 confirming runs"},
	} {
		t.Run(name, func(t *testing.T) {
			results := probed(t, c.steps...)
			r := rand.New(rand.NewPCG(1, 2))
			for range 5 { // the order of reading says nothing
				peaks := bench.LoadPeaks(results)
				require.Len(t, peaks, 1)
				p := peaks[0]
				require.Equal(t, c.status, p.Status, p.Reason)
				require.Equal(t, c.load, orNone(p.Load))
				require.Equal(t, c.missed, orNone(p.Missed))
				require.Equal(t, c.confirmed, p.Confirmed)
				require.Equal(t, c.reason == "", p.Reason == "")
				require.Contains(t, p.Reason, c.reason)
				require.Equal(t, strings.Contains(c.reason, "invalid"), p.Doubtful)
				require.Equal(t, "r0", p.First.ID)
				require.Equal(t, "a", p.Search)
				r.Shuffle(len(results), func(i, j int) { results[i], results[j] = results[j], results[i] })
			}
		})
	}
}

func orNone(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

func TestLoadPeaksOfSeveralSearches(t *testing.T) {
	a := probed(t, step{bench.RoleBracket, 10, missed}, step{bench.RoleBracket, 5, missed})
	b := probed(t, step{bench.RoleBracket, 7, met})
	b[0].Scenario.Probe.Search = "b"
	alone := full(t, 9)
	alone.Scenario.Probe = nil
	peaks := bench.LoadPeaks([]bench.Result{alone, b[0], a[0], a[1]})
	require.Len(t, peaks, 2)
	require.Equal(t, "b", peaks[0].Search)
	require.Equal(t, 2, peaks[1].Tried)
	require.Equal(t, []bench.Limit{bound}, peaks[1].Limits)
	require.Empty(t, bench.LoadPeaks([]bench.Result{alone}))
	require.Empty(t, bench.LoadPeaks(nil))
}

// Two devices make one run: the rate is that of both, and the limit must be kept by both together.
func TestLoadPeakOfGroups(t *testing.T) {
	var results []bench.Result
	for _, s := range []step{{bench.RoleBracket, 10, met}, {bench.RoleBracket, 20, missed}, {bench.RoleConfirm, 10, met}, {bench.RoleConfirm, 10, met}} {
		for i := range 2 {
			r := probed(t, s)[0]
			r.Scenario.Probe.Step = len(results) / 2
			r.Group = &bench.Group{ID: string(rune('g' + r.Scenario.Probe.Step)), Size: 2, Index: i}
			r.ID, r.Device.ID = r.Group.ID+r.Device.ID, string(rune('0'+i))
			if s.fate == missed {
				r.Limits[0].Over = ptr(int64(20)) // 40 of 80
			} else {
				r.Limits[0].Over = ptr(int64(26 * i)) // of 80, which p50 allows, although 26 of 40 it would not
			}
			results = append(results, r)
		}
	}
	p := bench.LoadPeaks(results)
	require.Len(t, p, 1)
	require.Equal(t, bench.PeakReached, p[0].Status, p[0].Reason)
	require.Equal(t, 20.0, *p[0].Load)
	require.Equal(t, 40.0, *p[0].Missed)
	require.Equal(t, 4, p[0].Tried)

	// A group of which a run is lacking says nothing: the confirmation is not complete.
	p = bench.LoadPeaks(results[:len(results)-1])
	require.Equal(t, bench.PeakUnfinished, p[0].Status)
	require.Equal(t, 1, p[0].Confirmed)
}
