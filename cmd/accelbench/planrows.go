package main

import (
	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/reports"
)

func planRows(forecasts []bench.Forecast) []reports.PlanRow {
	var out []reports.PlanRow
	for _, f := range forecasts {
		row := reports.PlanRow{Device: f.Plan.Device, Engine: f.Plan.Engine, Workload: f.Plan.Workload, Options: f.Plan.Options,
			Scenario: string(f.Plan.Scenario), Repeats: f.Plan.Repeats, Duration: f.Plan.Duration, MemoryBytes: f.Workload.MemoryBytes,
			Unchecked: f.Unchecked, Settings: reports.ScenarioWords(planned(f.Plan), f.Plan.Options.Batch), Replicas: f.Plan.Replicas,
			FindPeak: f.Plan.FindPeak}
		if len(f.Plan.Peers) > 0 {
			row.Devices = append([]string{f.Plan.Device}, f.Plan.Peers...)
		}
		if f.Workload.FLOPsPerUnit != nil {
			flops := *f.Workload.FLOPsPerUnit * float64(f.Workload.UnitsPerSample)
			row.FLOPsPerQuery = &flops
		}
		if f.Err != nil {
			row.Unsupported = f.Err.Error()
		} else {
			row.Estimated = &f.Time
		}
		out = append(out, row)
	}
	return out
}

// planned is the scenario of a plan as its results will have it, as far as it is known before.
func planned(p bench.Plan) bench.Scenario {
	s := bench.Scenario{Name: p.Scenario, Batching: string(p.BatchingOf()), Replicas: p.Replicas}
	if wait := int64(p.MaxWait); wait > 0 {
		s.MaxWaitNS = &wait
	}
	if p.Concurrency > 0 {
		s.Concurrency = &p.Concurrency
	}
	if p.Scenario == bench.Server {
		s.Arrival = &bench.Arrival{Process: string(p.Arrival), RatePerSecond: p.Rate}
		if p.Arrival == "" {
			s.Arrival.Process = string(arrival.Poisson)
		}
		if p.Shape > 0 {
			s.Arrival.Shape = &p.Shape
		}
		if p.RateEnd > 0 {
			s.Arrival.RateEndPerSecond = &p.RateEnd
		}
	}
	return s
}
