package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

// made are runs that were never made, of which a test knows how fast they are.
type made struct {
	runs    int
	seed    uint64
	rate    float64 // images/s
	p99     float64 // ms; 0: no latency
	samples int     // of the latency
	noise   float64 // standard deviation of the logarithm, between runs
	engine  string
	trial   string
	side    string
	price   float64 // by hand; 0: none
	bad     int     // runs that are invalid
	day     int
}

// readMade reads key=value words.
func readMade(words []string) (made, error) {
	m := made{runs: 10, seed: 1, rate: 100, samples: 500, noise: 0.005, engine: "native"}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		x, err := strconv.ParseFloat(value, 64)
		switch key {
		case "engine":
			m.engine, err = value, nil
		case "trial":
			m.trial, err = value, nil
		case "side":
			m.side, err = value, nil
		case "runs":
			m.runs = int(x)
		case "seed":
			m.seed = uint64(x)
		case "rate":
			m.rate = x
		case "p99":
			m.p99 = x
		case "samples":
			m.samples = int(x)
		case "noise":
			m.noise = x
		case "price":
			m.price = x
		case "bad":
			m.bad = int(x)
		case "day":
			m.day = int(x)
		default:
			err = fmt.Errorf("unknown word %q", w)
		}
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

// append writes the runs behind what is in the file.
func (m made) append(path string) error {
	file, err := bench.OpenFile(path)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(m.seed, 7))
	for i := range m.runs {
		r, err := m.run(i, random)
		if err != nil {
			return err
		}
		if err := file.Append(r); err != nil {
			return err
		}
	}
	return file.Close()
}

func (m made) run(i int, random *rand.Rand) (bench.Result, error) {
	elapsed := int64(10e9 * math.Exp(m.noise*random.NormFloat64()))
	r := bench.Result{
		Schema: bench.Schema, ID: fmt.Sprintf("%016x", random.Uint64()), Session: fmt.Sprintf("%016x", m.seed),
		StartedAt: time.Date(2026, 8, 1+m.day, 10, i, 0, 0, time.UTC), Tool: bench.Tool{Version: "1"}, Command: "accelbench run --workload resnet50",
		Device:   devices.Info{Backend: "cpu", ID: "cpu", Name: "Test CPU"},
		Engine:   devices.EngineInfo{Name: m.engine, Version: "1", Kind: devices.Deployed},
		Workload: bench.WorkloadInfo{Name: "resnet50", Title: "resnet50", Unit: "image", UnitsPerSample: 1, Precision: "f32", Batch: 1},
		Scenario: bench.Scenario{Name: bench.Offline, DurationNS: 1e9, MinQueries: 1, SamplesPerQuery: 1, Batching: "static", Replicas: 1},
		Repeat:   i, Repeats: m.runs, Status: bench.OK, ElapsedNS: &elapsed, Validity: bench.Validity{Valid: true},
		Counts: bench.Counts{Queries: 1, Samples: int64(10 * m.rate), Units: int64(10 * m.rate)}, Readings: []devices.Reading{},
	}
	if i < m.bad {
		r.Validity = bench.Validity{Reasons: []string{"contended"}}
	}
	if m.side != "" {
		r.Trial = &bench.Trial{ID: m.trial, Side: m.side, Pair: 1, Round: i + 1, Place: 1}
	}
	if m.price > 0 {
		p, err := price.Custom(m.price)
		if err != nil {
			return r, err
		}
		r.Price = &p
	}
	if m.p99 == 0 {
		return r, nil
	}
	r.Scenario.Name = bench.SingleStream
	h := stat.NewHistogram()
	ns := int64(m.p99 * 1e6 * math.Exp(m.noise*random.NormFloat64()))
	for range m.samples {
		h.Record(ns)
	}
	text, err := h.Encode()
	r.Latency = &bench.Latency{Histogram: text, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}
	return r, err
}

// makeResults is a command of the scripts: makeresults FILE key=value...
func makeResults(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: makeresults FILE key=value...")
	}
	m, err := readMade(args[1:])
	ts.Check(err)
	ts.Check(m.append(ts.MkAbs(args[0])))
}

// TestExitCodesOfCompare is the table of what CI may rely on: planted changes of known size and direction, and all that is no
// comparison.
func TestExitCodesOfCompare(t *testing.T) {
	dir := t.TempDir()
	file := func(name, words string) string {
		path := filepath.Join(dir, name)
		m, err := readMade(strings.Fields(words))
		require.NoError(t, err)
		require.NoError(t, m.append(path))
		return path
	}
	text := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	base := file("base.jsonl", "seed=1 rate=100")
	timed := file("timed.jsonl", "seed=2 rate=100 p99=20")
	gone := text("gone.txt", "BenchmarkA 1 100 ns/op\nBenchmarkA 1 101 ns/op\n")
	more := text("more.txt", "BenchmarkA 1 100 ns/op 5 J/op\nBenchmarkA 1 101 ns/op 5 J/op\nBenchmarkB 1 5 ns/op\nBenchmarkB 1 5 ns/op\n")
	for name, test := range map[string]struct {
		args []string
		code int
		says string // in standard output, or in standard error where there is none
	}{
		"a slowdown":                      {[]string{base, file("slow.jsonl", "seed=3 rate=93")}, exitRegressed, "# Regressed: resnet50 f32, offline with native on Test CPU: throughput"},
		"a speed-up":                      {[]string{base, file("fast.jsonl", "seed=4 rate=110")}, exitOK, "# Improved: "},
		"no change":                       {[]string{base, file("same.jsonl", "seed=5 rate=100")}, exitOK, "# Unchanged: 1 metric within 3 %"},
		"a latency that rose":             {[]string{timed, file("late.jsonl", "seed=6 rate=100 p99=22")}, exitRegressed, "latency.p99 9.7 % higher"},
		"a latency that fell":             {[]string{timed, file("soon.jsonl", "seed=7 rate=100 p99=18")}, exitOK, "# Improved: resnet50 f32, single-stream with native on Test CPU: latency.p99"},
		"more throughput, later":          {[]string{timed, file("mixed.jsonl", "seed=8 rate=120 p99=25")}, exitRegressed, "latency.p99 2"},
		"noise":                           {[]string{base, file("noisy.jsonl", "seed=9 rate=98 noise=0.1")}, exitOK, "# Undecided: "},
		"noise, strictly":                 {[]string{base, file("noisy2.jsonl", "seed=9 rate=98 noise=0.1"), "--strict"}, exitUndecided, "# Undecided: "},
		"no change, strictly":             {[]string{base, file("same2.jsonl", "seed=10 rate=100"), "--strict"}, exitOK, "# Unchanged"},
		"a slowdown, strictly":            {[]string{base, file("slow2.jsonl", "seed=11 rate=90"), "--strict"}, exitRegressed, "# Regressed"},
		"a slowdown within the tolerance": {[]string{base, file("slow3.jsonl", "seed=12 rate=93"), "--tolerance", "20%"}, exitOK, "within 20 %"},
		"a tolerance as a share":          {[]string{base, file("slow4.jsonl", "seed=13 rate=93"), "--tolerance", "0.2"}, exitOK, "within 20 %"},
		"another engine":                  {[]string{base, file("ort.jsonl", "seed=14 rate=50 engine=onnxruntime")}, exitUsage, "# Could not compare: base and head differ in engine (native, onnxruntime)"},
		"another engine, strictly":        {[]string{base, file("ort3.jsonl", "seed=25 engine=onnxruntime"), "--strict"}, exitUsage, "# Could not compare"},
		"another engine, allowed":         {[]string{base, file("ort2.jsonl", "seed=15 rate=50 engine=onnxruntime"), "--allow-mixed"}, exitRegressed, "# Regressed"},
		"another scenario":                {[]string{base, timed}, exitFailure, "# Could not compare: nothing to compare"},
		"too few samples on a side":       {[]string{timed, file("few.jsonl", "seed=16 rate=100 p99=20 samples=9")}, exitFailure, "p99 needs 441 samples in a run, had 9"},
		"too few samples on both":         {[]string{file("few1.jsonl", "seed=17 rate=100 p99=20 samples=9"), file("few2.jsonl", "seed=18 rate=100 p99=20 samples=9")}, exitOK, "latency.p99 is skipped, neither side has it"},
		"nothing valid":                   {[]string{base, file("bad.jsonl", "seed=19 bad=10")}, exitFailure, "no run gave figures: contended"},
		"something valid":                 {[]string{base, file("partly.jsonl", "seed=20 bad=3")}, exitOK, "3 of 10 runs of head gave no figures"},
		"one run a side":                  {[]string{file("one.jsonl", "seed=21 runs=1"), file("one2.jsonl", "seed=22 runs=1"), "--strict"}, exitUndecided, "needs 2 runs of each side"},
		"a benchmark that is gone":        {[]string{more, gone}, exitFailure, "gone: base has it and head does not"},
		"a benchmark that is new":         {[]string{gone, more}, exitOK, "Only head has, so that there is nothing to compare with: B"},
		"a unit without a direction":      {[]string{more, more + "," + gone, "--gate", "J/op"}, exitUsage, "more.txt is on both sides"},
		"a gate without a direction":      {[]string{gone, more, "--gate", "J/op"}, exitUsage, "cannot decide: which way it is better is not known"},
		"a gate of no metric":             {[]string{base, file("x.jsonl", "seed=23"), "--gate", "thruput"}, exitUsage, `no metric is called "thruput": there are throughput`},
		"a gate of a lacking metric":      {[]string{base, file("x.jsonl", "seed=23"), "--gate", "ttft.p99"}, exitUsage, `gate: neither side has ttft.p99: there are throughput`},
		"a gate in Go's spelling":         {[]string{gone, text("go.txt", "BenchmarkA 1 200 ns/op\nBenchmarkA 1 201 ns/op\n"), "--gate", "ns/op"}, exitRegressed, "sec/op"},
		"an empty gate":                   {[]string{base, timed, "--gate", ""}, exitUsage, "--gate has an empty name"},
		"a tolerance of nothing":          {[]string{base, timed, "--tolerance", "0"}, exitUsage, "--tolerance \"0\""},
		"a tolerance without a unit":      {[]string{base, timed, "--tolerance", "3"}, exitUsage, "such as 3%, or the same as a share, 0.03"},
		"a tolerance of all":              {[]string{base, timed, "--tolerance", "100%"}, exitUsage, "--tolerance"},
		"no arguments":                    {nil, exitUsage, "accelbench compare BASE HEAD"},
		"three arguments":                 {[]string{base, timed, gone}, exitUsage, "put commas between several files of a side"},
		"an empty argument":               {[]string{base, ""}, exitUsage, "a side is empty"},
		"one file of no rounds":           {[]string{base}, exitUsage, "does not hold both sides of an interleaved comparison"},
		"the same file":                   {[]string{base, base}, exitUsage, "10 runs are on both sides"},
		"both kinds":                      {[]string{base, gone}, exitUsage, "holds result lines and gone.txt Go's benchmark format"},
		"both kinds on a side":            {[]string{base + "," + gone, timed}, exitUsage, "give one kind"},
		"an absent file":                  {[]string{base, filepath.Join(dir, "no.jsonl")}, exitFailure, "no.jsonl is not there"},
		"an absent glob":                  {[]string{base, filepath.Join(dir, "absent*.jsonl")}, exitFailure, "absent*.jsonl is not there"},
		"a bad glob":                      {[]string{base, filepath.Join(dir, "[")}, exitUsage, "syntax error in pattern"},
		"an empty directory":              {[]string{base, t.TempDir()}, exitUsage, "no *.jsonl and no *.txt is in it"},
		"no results":                      {[]string{base, text("notes.txt", "shopping list\n")}, exitUsage, "notes.txt holds no results"},
		"a bad line":                      {[]string{base, text("broken.jsonl", `{"schema":1}`+"\n")}, exitUsage, "broken.jsonl:1:"},
		"a bad line of a benchmark":       {[]string{gone, text("broken.txt", "BenchmarkA fast\n")}, exitUsage, "broken.txt:1:1: parsing iteration count"},
		"standard input twice":            {[]string{"-", "-"}, exitUsage, "standard input holds no results"},
		"a form that a comparison has no": {[]string{base, file("y.jsonl", "seed=24"), "--format", "gobench"}, exitUsage, "it comes as markdown, text, html, json, csv, junit, github"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := invoke(t, "", append([]string{"compare"}, test.args...)...)
			require.Equal(t, test.code, code, "%s%s", stdout, stderr)
			require.Contains(t, stdout+stderr, test.says)
			if stdout == "" {
				require.Contains(t, stderr, test.says)
			} else {
				require.NotContains(t, stdout, dir, "no path of this machine is published")
			}
		})
	}
}
