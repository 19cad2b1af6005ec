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
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/reports"
)

func reportCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "draw the report again from saved results, repriced if asked",
		ArgsUsage: "FILE... (- is standard input)",
		Flags:     slices.Concat([]cli.Flag{formatFlag("markdown")}, figureFlags(), []cli.Flag{powerFlag()}, priceFlags()),
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
	pay, err := readPricing(c)
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
	var results []bench.Result
	options := reports.Options{Now: time.Now()}
	for _, name := range c.Args().Slice() {
		found, warnings, err := readResults(name, s)
		if err != nil {
			return err
		}
		results = append(results, found...)
		options.Files = append(options.Files, name)
		options.Warnings = append(options.Warnings, warnings...)
	}
	results, twice := bench.Distinct(results)
	if twice > 0 {
		options.Warnings = append(options.Warnings, fmt.Sprintf("%d results were given more than once and count once", twice))
	}
	options.Command = commands(results)
	for _, w := range options.Warnings {
		complain(s.err, "accelbench: %s\n", w)
	}
	summarize, err := pay.summarize(results, options.Now)
	if err != nil {
		return err
	}
	summarize.SystemWatts = power
	return charts.draw(s, draws, reports.New(bench.Summarize(results, summarize), options))
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

// summarize are the options that put the user's price, if there is one, in place of the stored ones.
func (p pricing) summarize(results []bench.Result, now time.Time) (bench.SummarizeOptions, error) {
	options := bench.SummarizeOptions{Charge: p.charge, Now: now}
	if !p.chooses() {
		return options, nil
	}
	for _, r := range results {
		if _, _, err := p.find(r.Cloud, now); err != nil {
			return options, err
		}
	}
	options.Price = func(r bench.Result) (price.Price, error) {
		found, none, err := p.find(r.Cloud, now)
		if err == nil && found == nil {
			err = errors.New(none)
		}
		if err != nil {
			return price.Price{}, err
		}
		return *found, nil
	}
	return options, nil
}
