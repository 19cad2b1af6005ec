package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/reports"
)

const defaultOut = "accelbench-results.jsonl"

func runCommand(s streams) *cli.Command {
	flags := slices.Concat([]cli.Flag{
		&cli.BoolFlag{Name: "quick", Usage: "a small suite of every workload, within 90 seconds on two cores"},
		&cli.StringFlag{Name: "plan", Usage: "YAML file with the words of these flags and a list runs: (see the README)"},
		&cli.BoolFlag{Name: "mlperf", Usage: "the durations, counts and seeds of MLPerf Inference; no MLPerf result"},
		&cli.BoolFlag{Name: "strict", Usage: "refuse to start on a machine that accelbench doctor calls unfit"},
		&cli.BoolFlag{Name: "dry-run", Usage: "show what would run, with its estimated time and memory, and end"},
		&cli.StringFlag{Name: "out", Value: defaultOut, Usage: "file to which results are appended, one JSON line per run"},
		formatFlag("markdown"),
	}, figureFlags(), engineFlags(), planFlags(), loadFlags(), priceFlags(), []cli.Flag{powerFlag()})
	return &cli.Command{
		Name:  "run",
		Usage: "measure, save the results and print the report",
		Flags: flags,
		Description: "Every run is a fresh process; results are appended to --out run by run. Progress goes to standard error.\n" +
			"Exit codes: 0 ok; 1 failure, or a device or engine that is absent; 2 usage; 3 some measurements failed or are\n" +
			"invalid, or one asked for by name is unsupported; 130 interrupted.",
		Action: func(c *cli.Context) error { return measure(c, s) },
	}
}

func measure(c *cli.Context, s streams) error {
	if err := noArguments(c); err != nil {
		return err
	}
	draws, err := format(c)
	if err != nil {
		return err
	}
	wishes, err := readWishes(c)
	if err != nil {
		return err
	}
	pay, err := readPricing(c)
	if err != nil {
		return err
	}
	power, err := readPower(c)
	if err != nil {
		return err
	}
	out := c.String("out")
	if wishes.file.Out != "" && !c.IsSet("out") {
		out = wishes.file.Out
	}
	if err := checkOut(out, s); err != nil {
		return err
	}
	charts, err := readFigures(c)
	if err != nil {
		return err
	}
	m := measurement{charts: charts, rig: rig{streams: s, pay: pay.orFile(wishes.file.Pricing), power: power, wishes: wishes.plans, command: commandLine(c),
		strict: c.Bool("strict") && !c.Bool("dry-run")}}
	if m.software, err = softwareOf(c, wishes); err != nil {
		return err
	}
	m.used = m.software
	if m.runner, err = m.workers(); err != nil {
		return err
	}
	if err := m.prepare(c.Context); err != nil {
		return err
	}
	if c.Bool("dry-run") {
		return draw(s, draws, reports.Plans(planRows(bench.DryRun(m.plans, m.base, m.software.catalogue().Engines(0)))))
	}
	// An unwritable file is found before anything is measured, and none is left behind by a name that is unknown.
	if m.file, err = bench.OpenFile(out); err != nil {
		return fmt.Errorf("opening the results file: %w", err)
	}
	err = m.run(c.Context, draws)
	if closing := m.file.Close(); err == nil && closing != nil {
		err = fmt.Errorf("closing %s: %w", m.file.Path(), closing)
	}
	return err
}

// checkOut refuses files in which results and the report would overwrite each other.
func checkOut(out string, s streams) error {
	if out == "-" {
		return usagef("--out -: standard output is for the report; name a file for the results")
	}
	wanted, err := os.Stat(out)
	if err != nil {
		return nil // it will be made, or the error will say why not
	}
	for _, stream := range []io.Writer{s.out, s.err} {
		if file, ok := stream.(*os.File); ok {
			if taken, err := file.Stat(); err == nil && os.SameFile(taken, wanted) {
				return usagef("--out %s is where the report or the progress goes: name another file for the results", out)
			}
		}
	}
	return nil
}

// measurement is one invocation of run.
type measurement struct {
	rig
	charts  figures
	file    *bench.File
	results []bench.Result
	saved   int  // of the results
	begun   int  // plans of which a run was begun
	open    bool // the number of runs is not known beforehand
}

func (m *measurement) run(ctx context.Context, draws reports.Format) error {
	if warning := m.file.Warning(); warning != "" {
		complain(m.err, "accelbench: %s\n", warning)
	}
	if err := m.charts.makeFolder(); err != nil {
		return err
	}
	if err := m.peaks(ctx); err != nil {
		return err
	}
	saving := m.sweep(ctx)
	var reporting error
	if len(m.results) > 0 {
		reporting = m.report(ctx, draws)
	}
	complain(m.err, "accelbench: results appended: %d, to %s\n", m.saved, absolute(m.file.Path()))
	if err := errors.Join(reporting, saving); err != nil {
		return err
	}
	return m.verdict(ctx)
}

// sweep makes the runs and saves each as it comes. The error is that of saving; what was measured is kept.
func (m *measurement) sweep(ctx context.Context) error {
	runs := 0
	for _, p := range m.plans {
		runs += p.Repeats
		m.open = m.open || p.FindPeak || p.TargetInterval > 0
	}
	if m.open {
		runs = -1 // which draws a spinner
	}
	shown := newProgress(m.err, runs)
	defer shown.done()
	m.runner.Progress = func(e bench.Progress) {
		m.begun = max(m.begun, e.Index+1)
		shown.hear(e)
	}
	for result := range m.runner.Run(ctx, m.plans, m.base) {
		m.results = append(m.results, result)
		if err := m.file.Append(result); err != nil {
			return fmt.Errorf("saving a result: %w", err)
		}
		m.saved++
		if result.Status != bench.OK {
			shown.note("accelbench: %s %s: %s: %s\n", result.Device.ID, result.Workload.Name, result.Status,
				strings.TrimPrefix(result.Reason, string(result.Status)+": "))
		}
	}
	return nil
}

// report draws what was measured.
func (m *measurement) report(ctx context.Context, draws reports.Format) error {
	now := time.Now()
	options := reports.Options{Command: m.command, Now: now, Files: []string{published(m.file.Path())}, Interrupted: ctx.Err() != nil}
	if lost := len(m.results) - m.saved; lost > 0 {
		options.Warnings = append(options.Warnings, "the last run of this report could not be saved")
	}
	if options.Interrupted {
		options.Planned, options.Missing = m.missing()
	}
	return m.charts.draw(m.streams, draws, reports.New(bench.Summarize(m.results, bench.SummarizeOptions{Now: now}), options))
}

// missing counts the planned results, 0 if their number is open, and names the plans of which no run was begun: the first run of
// every plan comes before the second of any.
func (m *measurement) missing() (planned int, names []string) {
	for i, p := range m.plans {
		planned += p.Repeats * (1 + len(p.Peers))
		if i >= m.begun {
			names = append(names, p.Device+" "+describePlan(p))
		}
	}
	if m.open {
		planned = 0
	}
	return planned, names
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
