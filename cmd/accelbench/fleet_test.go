package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

// fleet is a command of the scripts that appends results of a machine to a file, with the throughputs of its runs in units per second:
//
//	fleet FILE INSTANCE-TYPE [engine=NAME] [kind=harness] [batch=N] [workload=NAME] [precision=P] [latency=MS] [usd=X] [market=M] THROUGHPUT...
func fleet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: fleet FILE INSTANCE-TYPE [WORD=VALUE] THROUGHPUT...")
	}
	word := map[string]string{"engine": "onnxruntime", "kind": string(devices.Deployed), "batch": "1", "workload": "resnet50", "precision": "f32",
		"latency": "", "usd": "", "market": string(price.MarketOnDemand), "session": args[1]}
	f, err := bench.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { ts.Check(f.Close()) }()
	n := 0
	for _, arg := range args[2:] {
		if key, value, ok := strings.Cut(arg, "="); ok {
			word[key] = value
			continue
		}
		x, err := strconv.ParseFloat(arg, 64)
		ts.Check(err)
		ts.Check(f.Append(machineRun(ts, args[1], word, n, x)))
		n++
	}
}

func machineRun(ts *testscript.TestScript, instance string, word map[string]string, n int, perSecond float64) bench.Result {
	batch, err := strconv.Atoi(word["batch"])
	ts.Check(err)
	const units = 1_000_000_000
	elapsed, usable, cores := int64(units/perSecond*1e9), true, 0
	provider, region := "aws", "us-east-1"
	r := bench.Result{
		Schema: bench.Schema, ID: fmt.Sprintf("%s-%s-%d", instance, strings.Join([]string{word["engine"], word["batch"], word["workload"],
			word["precision"], word["session"], word["market"], word["latency"]}, "-"), n), Session: word["session"],
		StartedAt: time.Date(2026, 8, 1, 12, n, 0, 0, time.UTC), Tool: bench.Tool{Version: "v1", Dirty: &usable},
		Cloud:    host.Cloud{Provider: &provider, InstanceType: &instance, Region: &region},
		Device:   devices.Info{Backend: "cpu", ID: "cpu", Name: "CPU of " + instance},
		Engine:   devices.EngineInfo{Name: word["engine"], Version: "1", Kind: devices.EngineKind(word["kind"])},
		Workload: bench.WorkloadInfo{Name: word["workload"], Unit: "image", UnitsPerSample: 1, Precision: word["precision"], Batch: batch},
		Scenario: bench.Scenario{Name: bench.Offline, Replicas: 1}, Repeat: n, Repeats: 3, Status: bench.OK,
		Counts: bench.Counts{Queries: units, Samples: units, Units: units}, ElapsedNS: &elapsed,
		Checks:   &bench.Checks{Kind: "golden", Elements: 64, Passed: true},
		Validity: bench.Validity{Valid: true},
	}
	if text := word["latency"]; text != "" {
		ms, err := strconv.ParseFloat(text, 64)
		ts.Check(err)
		h := stat.NewHistogram()
		for range 500 {
			h.Record(int64(ms * 1e6 * (1 + 0.01*float64(n))))
		}
		code, err := h.Encode()
		ts.Check(err)
		r.Scenario.Name = bench.SingleStream
		r.Latency = &bench.Latency{Histogram: code, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}
	}
	if text := word["usd"]; text != "" {
		usd, err := strconv.ParseFloat(text, 64)
		ts.Check(err)
		r.Price = &price.Price{AmountUSDPerHour: usd, Currency: price.Currency, Market: price.Market(word["market"]), Provider: provider,
			InstanceType: instance, Region: region, Date: "2026-07-20", Source: "a list", AcceleratorCount: &cores}
	} else {
		r.Unpriced = "not asked for"
	}
	return r
}
