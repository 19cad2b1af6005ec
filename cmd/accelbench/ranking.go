package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench/rank"
)

// rankFlags say whether, and how, a report puts the machines of its results in order.
func rankFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "group-by", Usage: "rank what the results are of, repeatable or with commas: " + words(rank.Dimensions())},
		&cli.StringFlag{Name: "pivot", Usage: "with --group-by: a table with a column for each value of this one of them"},
		&cli.StringFlag{Name: "metric", Usage: "with --group-by: what is best by: " + words(rank.Metrics()), DefaultText: string(rank.PerDollarHour)},
	}
}

func words[T ~string](all []T) string {
	var out []string
	for _, w := range all {
		out = append(out, string(w))
	}
	return strings.Join(out, ", ")
}

// readRanking reads them; nil without --group-by.
func readRanking(c *cli.Context) (*rank.Options, error) {
	var out rank.Options
	for _, word := range c.StringSlice("group-by") {
		d, err := rank.ParseDimension(strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("--group-by: %w", err)
		}
		if slices.Contains(out.By, d) {
			return nil, usagef("--group-by: %s was given twice", d)
		}
		out.By = append(out.By, d)
	}
	if len(out.By) == 0 {
		for _, flag := range []string{"pivot", "metric"} {
			if c.IsSet(flag) {
				return nil, usagef("--%s needs --group-by, for example --group-by %s", flag, rank.InstanceType)
			}
		}
		return nil, nil
	}
	var err error
	if word := c.String("metric"); word != "" {
		if out.Metric, err = rank.ParseMetric(word); err != nil {
			return nil, fmt.Errorf("--metric: %w", err)
		}
	}
	if word := c.String("pivot"); word != "" {
		if out.Across, err = rank.ParseDimension(word); err != nil {
			return nil, fmt.Errorf("--pivot: %w", err)
		}
		if slices.Contains(out.By, out.Across) {
			return nil, usagef("--pivot %s: it is one of --group-by already", out.Across)
		}
	}
	return &out, nil
}
