package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/reports"
	"github.com/accelbench/accelbench/workloads"
)

// selftestCompareCommand compares a thing with itself.
func selftestCompareCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "compare",
		Usage: "compare a workload with itself on this machine: the noise, whether it makes false alarms, and the smallest change that is seen",
		Description: "Takes about a minute with the defaults on two cores. What is found holds for the workload that was run.\n" +
			"Exit codes: 0 measured; 1 failure; 2 usage; 3 some runs failed or are invalid; 130 interrupted.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "device", Usage: "device id or backend (default: the first that has a usable engine)"},
			&cli.StringFlag{Name: "engine", Usage: "engine (default: the first that serves the device)"},
			&cli.StringSliceFlag{Name: "workload", Usage: "workload, repeatable or with commas", Value: cli.NewStringSlice("gemm")},
			&cli.StringFlag{Name: "precision", Usage: "precision", Value: string(workloads.F32)},
			&cli.IntFlag{Name: "batch", Usage: "samples per graph execution", DefaultText: "1"},
			&cli.StringFlag{Name: "scenario", Usage: "scenario: single-stream has latencies, and gates the 99th percentile as well if a run has 441 queries",
				Value: string(bench.Offline)},
			&cli.DurationFlag{Name: "duration", Usage: "least length of the timed part of a run", Value: time.Second},
			&cli.StringFlag{Name: "out", Usage: "file to which results are appended, one JSON line per run", DefaultText: "none"},
			formatFlag("text"),
		}, roundFlags(), compareFlags(), engineFlags()),
		Action: func(c *cli.Context) error { return compareWithItself(c, s) },
	}
}

// visibleRounds are the numbers of rounds for which the smallest visible change is told.
func visibleRounds() []int { return []int{5, 10, 20, 40} }

func compareWithItself(c *cli.Context, s streams) error {
	if err := noArguments(c); err != nil {
		return err
	}
	draws, err := format(c)
	if err != nil {
		return err
	}
	t := trials{streams: s, command: commandLine(c)}
	if t.options, err = readCompare(c); err != nil {
		return err
	}
	if t.schedule, err = readSchedule(c, 1-compare.Confidence); err != nil {
		return err
	}
	r, err := itself(c, s, t.schedule.Rounds())
	if err != nil {
		return err
	}
	r.command = t.command
	if err := r.prepare(c.Context); err != nil {
		return err
	}
	for _, p := range r.plans {
		t.pairs = append(t.pairs, p.Device+" "+describePlan(p))
	}
	t.base, t.head = ab.NewPlans(r.runner, r.plans, r.base), ab.NewPlans(r.runner, r.plans, r.base)
	return t.floor(c.Context, c.String("out"), draws)
}

// itself has the one plan that both sides run.
func itself(c *cli.Context, s streams, rounds int) (*rig, error) {
	if err := noZeros(c); err != nil {
		return nil, err
	}
	selection := bench.Selection{Workloads: trimmed(c, "workload"), Scenarios: []bench.ScenarioName{bench.ScenarioName(c.String("scenario"))},
		Plan: bench.Plan{Device: c.String("device"), Length: bench.Length{Duration: c.Duration("duration"), MinQueries: 1}, Repeats: rounds,
			Seed: c.Uint64("seed"), Options: workloads.Options{Precision: c.String("precision"), Batch: c.Int("batch")}}}
	if name := c.String("engine"); name != "" {
		selection.Engines = []string{name}
	}
	plans, err := selection.Plans()
	if err != nil {
		return nil, err
	}
	r := &rig{streams: s, wishes: plans}
	if r.software, err = softwareOfFlags(c); err != nil {
		return nil, err
	}
	r.runner, err = r.workers()
	return r, err
}

// floor makes the rounds and draws the noise floor.
func (t *trials) floor(ctx context.Context, out string, draws reports.Format) (err error) {
	t.record = ab.NewRecord(nil)
	if out != "" {
		if err := checkOut(out, t.streams); err != nil {
			return err
		}
		file, err := bench.OpenFile(out)
		if err != nil {
			return fmt.Errorf("opening the results file: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		t.record = ab.NewRecord(file)
		defer t.say(out)
	}
	end, saving := t.experiments(ctx)
	if end.Rounds > 0 {
		d := reports.NoiseFloor(ab.Floors(end.Comparison, visibleRounds()), end.Comparison, t.command)
		d.Results = t.record.All()
		if err := draw(t.streams, draws, d); err != nil {
			return err
		}
	}
	switch {
	case saving != nil:
		return saving
	case ctx.Err() != nil:
		return codeError{code: exitInterrupted}
	case len(t.failures) > 0 || slices.ContainsFunc(t.record.All(), bad):
		return codeError{exitInvalid, errors.New("some runs failed or are invalid: the report says why")}
	}
	return nil
}
