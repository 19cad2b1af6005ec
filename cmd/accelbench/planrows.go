package main

import (
	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/reports"
)

func planRows(forecasts []bench.Forecast) []reports.PlanRow {
	var out []reports.PlanRow
	for _, f := range forecasts {
		row := reports.PlanRow{Device: f.Plan.Device, Engine: f.Plan.Engine, Workload: f.Plan.Workload, Options: f.Plan.Options,
			Scenario: string(f.Plan.Scenario), Repeats: f.Plan.Repeats, Duration: f.Plan.Duration, MemoryBytes: f.Workload.MemoryBytes,
			Unchecked: f.Unchecked, Settings: reports.ScenarioWords(f.Plan.Settings(), f.Plan.Options.Batch), Replicas: f.Plan.Replicas,
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
