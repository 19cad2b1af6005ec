package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/history"
	"github.com/accelbench/accelbench/reports"
)

// baselineFlags take the base of a comparison from a history.
func baselineFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "baseline", Usage: "compare HEAD with an entry of the history: " + history.BaselineForms},
		&cli.StringFlag{Name: "history", Value: defaultHistory, Usage: "the history that --baseline looks in: the --store of accelbench history"},
	}
}

// fromHistory reads a head, and the entry of the history that is its base.
func (l *loader) fromHistory(c *cli.Context) (compared, error) {
	var out compared
	if c.NArg() != 1 {
		return out, usagef("%d arguments: with --baseline accelbench compare takes HEAD alone", c.NArg())
	}
	var err error
	if out.head, err = l.side(c.Args().First()); err != nil {
		return out, err
	}
	if out.base, err = l.entry(c.String("history"), c.String("baseline")); err != nil {
		return out, err
	}
	return l.apart(out)
}

// entry is the side of the entry that a baseline asks for.
func (l *loader) entry(path, spec string) (side, error) {
	store, err := history.Open(path)
	if err != nil {
		return side{}, err
	}
	entries, err := store.Entries()
	if err != nil {
		return side{}, err
	}
	e, err := history.Baseline(entries, spec)
	if err != nil {
		return side{}, err
	}
	results, warnings, err := store.Results(e.ID)
	if err != nil {
		return side{}, err
	}
	results = history.Own(results)
	if len(results) == 0 {
		return side{}, fmt.Errorf("entry %s %w of its own", e.ID, bench.ErrNoResults)
	}
	l.warnings = append(l.warnings, warnings...)
	l.warnings = append(l.warnings, fmt.Sprintf("base was measured %s (commit %s, %s): not beside head, so that a difference may be the machine's or the day's",
		e.Measured.Format(time.DateOnly), orUnknown(bench.ShortCommit(e.Commit)), e.Verdict))
	return side{Side: reports.Side{Name: "entry " + e.ID, Files: []string{e.ID}}, results: results}, nil
}
