package bench

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/accelbench/accelbench/bench/price"
)

// topWords are the words that stand at the top of a plan only.
func topWords() map[string]func(*PlanFile, ast.Node) error {
	return map[string]func(*PlanFile, ast.Node) error{
		"out":           func(p *PlanFile, n ast.Node) error { return setText(&p.Out, n) },
		"provider":      func(p *PlanFile, n ast.Node) error { return setText(&p.Pricing.Provider, n) },
		"instance-type": func(p *PlanFile, n ast.Node) error { return setText(&p.Pricing.InstanceType, n) },
		"region":        func(p *PlanFile, n ast.Node) error { return setText(&p.Pricing.Region, n) },
		"ort-lib":       func(p *PlanFile, n ast.Node) error { return setText(&p.Software.ONNXRuntime, n) },
		"pjrt-plugin":   func(p *PlanFile, n ast.Node) error { return setText(&p.Software.PJRTPlugin, n) },
		"nrt-lib":       func(p *PlanFile, n ast.Node) error { return setText(&p.Software.NeuronRuntime, n) },
		"market": func(p *PlanFile, n ast.Node) error {
			return setParsed(&p.Pricing.Market, n, price.ParseMarket)
		},
		"charge": func(p *PlanFile, n ast.Node) error {
			return setParsed(&p.Pricing.Charge, n, price.ParseCharge)
		},
		"price": func(p *PlanFile, n ast.Node) error {
			x, ok := number(n)
			if !ok {
				return at(n, "expected USD per hour, a number such as 4.5, found %s", kind(n))
			}
			if _, err := price.Custom(x); err != nil {
				return at(n, "%v", err)
			}
			p.Pricing.USDPerHour = &x
			return nil
		},
	}
}

// entryWords are the words of an entry.
func entryWords() map[string]func(*PlanEntry, ast.Node) error {
	return map[string]func(*PlanEntry, ast.Node) error{
		"device":          func(p *PlanEntry, n ast.Node) error { return setText(&p.Device, n) },
		"devices":         func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Devices, n) },
		"engine":          func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Engines, n) },
		"model-file":      func(p *PlanEntry, n ast.Node) error { return setTexts(&p.ModelFiles, n) },
		"input":           func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Inputs, n) },
		"dim":             func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Dims, n) },
		"unit":            func(p *PlanEntry, n ast.Node) error { return setText(&p.Unit, n) },
		"weights":         func(p *PlanEntry, n ast.Node) error { return setText(&p.Weights, n) },
		"precision":       func(p *PlanEntry, n ast.Node) error { return setText(&p.Precision, n) },
		"workload":        func(p *PlanEntry, n ast.Node) error { return setTexts(&p.Workloads, n) },
		"batch":           func(p *PlanEntry, n ast.Node) error { return setCount(&p.Batch, n) },
		"seq-len":         func(p *PlanEntry, n ast.Node) error { return setCount(&p.SeqLen, n) },
		"isl":             func(p *PlanEntry, n ast.Node) error { return setCount(&p.ISL, n) },
		"osl":             func(p *PlanEntry, n ast.Node) error { return setCount(&p.OSL, n) },
		"min-queries":     func(p *PlanEntry, n ast.Node) error { return setCount(&p.MinQueries, n) },
		"repeats":         func(p *PlanEntry, n ast.Node) error { return setCount(&p.Repeats, n) },
		"scenario":        func(p *PlanEntry, n ast.Node) error { return setScenarios(&p.Scenarios, n) },
		"duration":        func(p *PlanEntry, n ast.Node) error { return setDuration(&p.Duration, n) },
		"concurrency":     func(p *PlanEntry, n ast.Node) error { return setCount(&p.Concurrency, n) },
		"replicas":        func(p *PlanEntry, n ast.Node) error { return setCount(&p.Replicas, n) },
		"threads":         func(p *PlanEntry, n ast.Node) error { return setCount(&p.Threads, n) },
		"max-repeats":     func(p *PlanEntry, n ast.Node) error { return setCount(&p.MaxRepeats, n) },
		"max-duration":    func(p *PlanEntry, n ast.Node) error { return setDuration(&p.MaxDuration, n) },
		"query-deadline":  func(p *PlanEntry, n ast.Node) error { return setDuration(&p.QueryDeadline, n) },
		"max-wait":        func(p *PlanEntry, n ast.Node) error { return setDuration(&p.MaxWait, n) },
		"rate":            func(p *PlanEntry, n ast.Node) error { return setNumber(&p.Rate, n) },
		"ramp-to":         func(p *PlanEntry, n ast.Node) error { return setNumber(&p.RateEnd, n) },
		"shape":           func(p *PlanEntry, n ast.Node) error { return setNumber(&p.Shape, n) },
		"arrival":         func(p *PlanEntry, n ast.Node) error { return setParsed(&p.Arrival, n, ParseArrival) },
		"batching":        func(p *PlanEntry, n ast.Node) error { return setParsed(&p.Batching, n, ParseBatching) },
		"target-interval": func(p *PlanEntry, n ast.Node) error { return setParsed(&p.TargetInterval, n, ParseShare) },
		"sweep":           func(p *PlanEntry, n ast.Node) error { return setParsed(&p.Sweep, n, ParseSweep) },
		"limit":           func(p *PlanEntry, n ast.Node) error { return setLimits(&p.Limits, n) },
		"find-peak":       func(p *PlanEntry, n ast.Node) error { return setSwitch(&p.FindPeak, n) },
		"seed": func(p *PlanEntry, n ast.Node) error {
			x, ok := whole(n)
			if !ok {
				return at(n, "expected a whole number of 0 or more, found %s", kind(n))
			}
			p.Seed = &x
			return nil
		},
	}
}
