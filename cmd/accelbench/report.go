package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/reports"
)

func reportCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "draw the report again from saved results, repriced if asked",
		ArgsUsage: "FILE... (- is standard input)",
		Flags:     slices.Concat([]cli.Flag{formatFlag("markdown")}, figureFlags(), []cli.Flag{powerFlag()}, rankFlags(), repriceFlags()),
		Action:    func(c *cli.Context) error { return report(c, s) },
	}
}

func report(c *cli.Context, s streams) error {
	draws, err := format(c)
	if err != nil {
		return err
	}
	if !c.Args().Present() {
		return usagef("which results? accelbench report FILE..., for example %s", defaultOut)
	}
	pay, err := readRepricing(c)
	if err != nil {
		return err
	}
	ranks, err := readRanking(c)
	if err != nil {
		return err
	}
	power, err := readPower(c)
	if err != nil {
		return err
	}
	charts, err := readFigures(c)
	if err != nil {
		return err
	}
	options := reports.Options{Now: time.Now()}
	results, err := readAll(c.Args().Slice(), &options, s)
	if err != nil {
		return err
	}
	options.Command = commands(results)
	summarize, err := pay.summarize(results, options.Now)
	if err != nil {
		return err
	}
	if err := charts.makeFolder(); err != nil {
		return err
	}
	summarize.SystemWatts = power
	summaries := bench.Summarize(results, summarize)
	if ranks != nil {
		return charts.draw(s, draws, reports.Ranking(rank.Boards(summaries, *ranks), *ranks, options))
	}
	return charts.draw(s, draws, reports.New(summaries, options))
}

// readAll reads results files, each result once; the options get the names and the warnings, which are told at once as well.
func readAll(names []string, options *reports.Options, s streams) ([]bench.Result, error) {
	var results []bench.Result
	for _, name := range names {
		found, warnings, err := readResults(name, s)
		if err != nil {
			return nil, err
		}
		results = append(results, found...)
		options.Files = append(options.Files, published(name))
		options.Warnings = append(options.Warnings, publishedWarnings(name, warnings)...)
	}
	results, twice := bench.Distinct(results)
	if twice > 0 {
		options.Warnings = append(options.Warnings, "given more than once, count once: "+english.Count(twice, "result"))
	}
	for _, w := range options.Warnings {
		complain(s.err, "accelbench: %s\n", w)
	}
	return results, nil
}

// commands are the command lines that made the results, one a line.
func commands(results []bench.Result) string {
	var out []string
	for _, r := range results {
		if r.Command != "" && !slices.Contains(out, r.Command) {
			out = append(out, r.Command)
		}
	}
	return strings.Join(out, "\n")
}

func readResults(name string, s streams) ([]bench.Result, []string, error) {
	if name == "-" {
		return bench.Read(s.in, "standard input")
	}
	results, warnings, err := bench.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("reading results: %s is not there: make it with accelbench run, or give the file that --out named", name)
	}
	return results, warnings, err
}
