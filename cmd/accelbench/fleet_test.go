package main

import (
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank/ranktest"
	"github.com/accelbench/accelbench/devices"
)

// fleet is a command of the scripts that appends results of a machine to a file: those of the throughputs of its runs in units per second.
//
//	fleet FILE INSTANCE-TYPE [engine=NAME] [kind=harness] [batch=N] [workload=NAME] [precision=P] [session=S] [latency=MS,MS...] [usd=X] [market=M] THROUGHPUT...
func fleet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: fleet FILE INSTANCE-TYPE [WORD=VALUE] THROUGHPUT...")
	}
	number := func(text string) float64 {
		x, err := strconv.ParseFloat(text, 64)
		ts.Check(err)
		return x
	}
	m := ranktest.Machine{Type: args[1]}
	for _, arg := range args[2:] {
		word, value, ok := strings.Cut(arg, "=")
		if !ok {
			m.PerSecond = append(m.PerSecond, number(arg))
			continue
		}
		switch word {
		case "engine":
			m.Engine = value
		case "kind":
			m.Kind = devices.EngineKind(value)
		case "batch":
			m.Batch = int(number(value))
		case "workload":
			m.Workload = value
		case "precision":
			m.Precision = value
		case "session":
			m.Session = value
		case "latency":
			for ms := range strings.SplitSeq(value, ",") {
				m.LatencyMS = append(m.LatencyMS, number(ms))
			}
		case "usd":
			m.USD = number(value)
		case "market":
			m.Market = price.Market(value)
		default:
			ts.Fatalf("fleet: unknown word %q", word)
		}
	}
	f, err := bench.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, r := range m.Results() {
		ts.Check(f.Append(r))
	}
	ts.Check(f.Close())
}
