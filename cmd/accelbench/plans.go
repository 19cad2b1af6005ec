package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/names"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/own"
)

// planFlags are the words of a plan.
func planFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "device", Usage: "device id, backend, or all; ids joined by + compute one model together (default: the first that has a usable engine)"},
		&cli.StringSliceFlag{Name: "devices", Usage: "devices to use at the same time, in one run: ids, a backend for all of its kind, or all"},
		&cli.StringSliceFlag{Name: "engine", Usage: "engine, repeatable or with commas, or all (default: the first that serves the device)"},
		&cli.StringSliceFlag{Name: "workload", Usage: "workload, repeatable or with commas, or all (default: the everyday ones)"},
		&cli.StringSliceFlag{Name: "model-file", Usage: "ONNX or NEFF file of your own, or a folder of such, repeatable"},
		&cli.StringSliceFlag{Name: "input", Usage: "input of the model file: name:shape:type[:low..high] or name=file.npy, repeatable"},
		&cli.StringSliceFlag{Name: "dim", Usage: "free dimension of the model file: name=value, repeatable"},
		&cli.StringFlag{Name: "unit", Usage: "what one run of the model file completes: image, or image:8 for eight of them", DefaultText: "inference"},
		&cli.StringFlag{Name: "weights", Usage: "folder with config.json and *.safetensors of a decoder or a BERT"},
		&cli.StringFlag{Name: "precision", Usage: "precision: " + strings.Join(workloads.Precisions(), ", "), Value: string(workloads.F32)},
		&cli.IntFlag{Name: "batch", Usage: "samples per graph execution", DefaultText: "1"},
		&cli.IntFlag{Name: "seq-len", Usage: "sequence length of encoders", DefaultText: "384"},
		&cli.IntFlag{Name: "isl", Usage: "input sequence length of decoders", DefaultText: "128"},
		&cli.IntFlag{Name: "osl", Usage: "output sequence length of decoders", DefaultText: "128"},
		&cli.StringSliceFlag{Name: "scenario", Usage: "scenario, repeatable or with commas: " + scenarioNames() +
			" (default: what the load asks for, else single-stream and offline)"},
		&cli.DurationFlag{Name: "duration", Usage: "least length of the timed part of a run", Value: 10 * time.Second},
		&cli.IntFlag{Name: "min-queries", Usage: "least number of queries of a run", Value: 1},
		&cli.IntFlag{Name: "repeats", Usage: "runs of each plan, each in a fresh process", Value: 3},
		&cli.Uint64Flag{Name: "seed", Usage: "seed of the order of samples", Value: 1},
	}
}

func scenarioNames() string {
	var out []string
	for _, s := range bench.Scenarios() {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}

// fixed are the words of what to run; --quick and --plan say it themselves.
func fixed() []string {
	return []string{"workload", "model-file", "input", "dim", "unit", "weights", "scenario", "precision", "batch", "seq-len", "isl", "osl",
		"rate", "ramp-to", "arrival", "shape", "concurrency", "sweep", "find-peak", "limit", "batching", "max-wait", "replicas", "mlperf"}
}

// wishes are the plans that are asked for, whose device and engine are yet to be found, and the words of a plan file that
// are not about plans.
type wishes struct {
	plans []bench.Plan
	file  bench.PlanFile
	name  string // of the file
}

func readWishes(c *cli.Context) (wishes, error) {
	base := bench.Plan{
		Device: c.String("device"), Length: bench.Length{Duration: c.Duration("duration"), MinQueries: c.Int("min-queries")},
		Repeats: c.Int("repeats"), Seed: c.Uint64("seed"),
		Options: workloads.Options{Precision: c.String("precision"), Batch: c.Int("batch"), SeqLen: c.Int("seq-len"),
			ISL: c.Int("isl"), OSL: c.Int("osl")},
	}
	if err := noZeros(c); err != nil {
		return wishes{}, err
	}
	if p := base.Options.Precision; !slices.Contains(workloads.Precisions(), p) {
		return wishes{}, usagef("unknown precision %q: the precisions are, nearest first, %s", p, strings.Join(names.Nearest(p, workloads.Precisions()), ", "))
	}
	for _, name := range []string{"device", "weights", "unit", "plan"} {
		if c.IsSet(name) && c.String(name) == "" {
			return wishes{}, usagef("--%s is empty: give a value, or leave it out", name)
		}
	}
	if c.IsSet("device") && c.IsSet("devices") {
		return wishes{}, usagef("--device measures on each alone, --devices on all at the same time: give one of them")
	}
	base.Peers = trimmed(c, "devices")
	for _, name := range []string{"engine", "workload", "model-file", "devices", "limit"} {
		if c.IsSet(name) && len(trimmed(c, name)) == 0 {
			return wishes{}, usagef("--%s is empty: give a value, or leave it out", name)
		}
	}
	var alone []string
	for _, name := range []string{"quick", "plan"} {
		if c.IsSet(name) {
			alone = append(alone, name)
		}
	}
	if len(alone) > 1 {
		return wishes{}, usagef("--quick and --plan each say what to run: give one of them")
	}
	for _, name := range fixed() {
		if len(alone) > 0 && c.IsSet(name) {
			return wishes{}, usagef("--%s says what to run: leave out --%s, or leave out --%s", alone[0], name, alone[0])
		}
	}
	for _, name := range []string{"duration", "min-queries", "seed", "repeats", "target-interval", "find-peak"} {
		if c.Bool("mlperf") && c.IsSet(name) {
			return wishes{}, usagef("--mlperf says how long, how often and in which order: leave out --%s", name)
		}
	}
	switch {
	case c.Bool("quick"):
		return quickSuite(c, base)
	case c.IsSet("plan"):
		return readPlanFile(c, base, c.String("plan"))
	}
	s := bench.Selection{Plan: base, Engines: trimmed(c, "engine"), Workloads: trimmed(c, "workload")}
	if err := readLoad(c, &s); err != nil {
		return wishes{}, err
	}
	capped(&s)
	var err error
	if s.Owns, err = readOwn(c); err != nil {
		return wishes{}, err
	}
	for _, name := range c.StringSlice("scenario") {
		s.Scenarios = append(s.Scenarios, bench.ScenarioName(strings.TrimSpace(name)))
	}
	plans, err := s.Plans()
	if err == nil && c.Bool("mlperf") {
		mlperf(plans)
	}
	return wishes{plans: plans}, err
}

// readPlanFile takes what to run from a plan file. A flag that is given wins over the file; a flag's default yields to it.
func readPlanFile(c *cli.Context, base bench.Plan, name string) (wishes, error) {
	in, err := os.Open(name)
	if err != nil {
		return wishes{}, fmt.Errorf("reading plan: %w", err)
	}
	file, err := bench.ReadPlan(in, name)
	if err := errors.Join(err, in.Close()); err != nil {
		return wishes{}, err
	}
	out := wishes{file: file, name: name}
	for _, e := range file.Entries {
		s := bench.Selection{Plan: base, Workloads: e.Workloads, Scenarios: e.Scenarios, Engines: e.Engines}
		if err := readLoad(c, &s); err != nil {
			return wishes{}, err
		}
		loadOfEntry(c, &s, e)
		if c.IsSet("engine") {
			s.Engines = trimmed(c, "engine")
		}
		if s.Owns, err = ownOf(e.ModelFiles, own.File{Inputs: e.Inputs, Dims: e.Dims}, e.Unit, e.Weights); err != nil {
			return wishes{}, usageError{fmt.Errorf("%s:%d: %w", name, e.Line, err)}
		}
		s.Options = workloads.Options{Precision: cmp.Or(e.Precision, base.Options.Precision), Batch: e.Batch, SeqLen: e.SeqLen, ISL: e.ISL, OSL: e.OSL}
		s.Device = unlessSet(c, "device", base.Device, e.Device)
		if !c.IsSet("devices") && !c.IsSet("device") {
			s.Peers = e.Devices
		}
		if len(s.Peers) > 0 && s.Device != "" {
			return wishes{}, usageError{fmt.Errorf("%s:%d: device measures on each alone, devices on all at the same time: write one of them", name, e.Line)}
		}
		s.Duration = unlessSet(c, "duration", base.Duration, e.Duration)
		s.MinQueries = unlessSet(c, "min-queries", base.MinQueries, e.MinQueries)
		s.Repeats = unlessSet(c, "repeats", base.Repeats, e.Repeats)
		if e.Seed != nil {
			s.Seed = unlessSet(c, "seed", base.Seed, *e.Seed)
		}
		capped(&s)
		plans, err := s.Plans()
		if err != nil {
			return wishes{}, usageError{fmt.Errorf("%s:%d: %w", name, e.Line, err)}
		}
		out.plans = append(out.plans, plans...)
	}
	return out, nil
}

// unlessSet is the file's word, if it has one and the flag is not given.
func unlessSet[T comparable](c *cli.Context, flag string, given, file T) T {
	var none T
	if c.IsSet(flag) || file == none {
		return given
	}
	return file
}

// noZeros refuses the zero that elsewhere stands for a default.
func noZeros(c *cli.Context) error {
	for _, name := range []string{"batch", "seq-len", "isl", "osl"} {
		if c.IsSet(name) && c.Int(name) == 0 {
			return usagef("--%s 0: give a number above 0, or leave it out for the default", name)
		}
	}
	return nil
}

// trimmed are the words of a flag that takes several.
func trimmed(c *cli.Context, flag string) []string {
	var out []string
	for _, word := range c.StringSlice(flag) {
		if word = strings.TrimSpace(word); word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// quickSuite is every everyday workload once, small enough for a few cores.
func quickSuite(c *cli.Context, base bench.Plan) (wishes, error) {
	if !c.IsSet("duration") {
		base.Duration = 1500 * time.Millisecond
	}
	plan := func(name string, o workloads.Options, s bench.ScenarioName) bench.Plan {
		p := base
		o.Precision = base.Options.Precision
		p.Workload, p.Options, p.Scenario = name, o, s
		return p
	}
	suite := []bench.Plan{
		plan("memcopy", workloads.Options{}, bench.Offline),
		plan("gemm", workloads.Options{}, bench.Offline),
		plan("resnet50", workloads.Options{}, bench.SingleStream),
		plan("resnet50", workloads.Options{Batch: 4}, bench.Offline),
		plan("bert-base", workloads.Options{SeqLen: 128}, bench.SingleStream),
		plan("smollm2-135m", workloads.Options{ISL: 32, OSL: 16}, bench.SingleStream),
	}
	var s bench.Selection
	if err := readLoad(c, &s); err != nil {
		return wishes{}, err
	}
	s.Duration, s.Repeats = base.Duration, base.Repeats
	capped(&s)
	for i := range suite {
		suite[i].Threads, suite[i].QueryDeadline = s.Threads, s.QueryDeadline
		suite[i].TargetInterval, suite[i].MaxDuration, suite[i].MaxRepeats = s.TargetInterval, s.MaxDuration, s.MaxRepeats
		if err := suite[i].Validate(); err != nil {
			return wishes{}, err
		}
	}
	engines := trimmed(c, "engine")
	if len(engines) == 0 {
		return wishes{plans: suite}, nil
	}
	var out []bench.Plan
	for _, p := range suite {
		for _, p.Engine = range engines {
			out = append(out, p)
		}
	}
	return wishes{plans: out}, nil
}
