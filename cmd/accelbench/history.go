package main

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/history"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/internal/names"
	"github.com/accelbench/accelbench/reports"
)

// defaultHistory is a file beside the default results file.
const defaultHistory = "accelbench-history.db"

func storeFlag() cli.Flag {
	return &cli.StringFlag{Name: "store", Value: defaultHistory,
		Usage: "the history: an SQLite file, or, if it is a directory or ends in /, a folder of results files for git"}
}

func historyCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "history",
		Usage: "keep results over time, choose baselines and see what changed when",
		Description: "Information of other days: no command of it fails because something is slower.\n" +
			"Exit codes: 0 ok; 1 failure, or the history or an entry is absent; 2 usage or bad input.",
		Subcommands: []*cli.Command{{
			Name:      "add",
			Usage:     "add the results of files that are not in the history yet, as one entry",
			ArgsUsage: "FILE... (- is standard input)",
			Flags: []cli.Flag{
				storeFlag(),
				&cli.StringFlag{Name: "commit", Usage: "what was measured", DefaultText: "the commit that is checked out here"},
				&cli.StringFlag{Name: "branch", Usage: "branch of the commit", DefaultText: "the branch that is checked out here"},
				&cli.StringFlag{Name: "tag", Usage: "tag or version of the commit"},
				&cli.StringFlag{Name: "verdict", Value: string(history.Unknown),
					Usage: "what to think of it: good, bad, unknown; only a good entry becomes a baseline without being named"},
				&cli.StringFlag{Name: "note", Usage: "one line for readers"},
			},
			Action: func(c *cli.Context) error { return historyAdd(c, s) },
		}, {
			Name:   "list",
			Usage:  "list the entries",
			Flags:  []cli.Flag{storeFlag(), formatFlag("text")},
			Action: func(c *cli.Context) error { return historyList(c, s) },
		}, {
			Name:      "show",
			Usage:     "draw the report of an entry",
			ArgsUsage: "ID (or its beginning, or " + history.LastGood + ", branch=NAME, tag=NAME)",
			Flags:     append([]cli.Flag{storeFlag(), formatFlag("markdown"), powerFlag()}, priceFlags()...),
			Action:    func(c *cli.Context) error { return historyShow(c, s) },
		}, {
			Name:  "trend",
			Usage: "show how metrics went over the entries: changes, and whether the newest point is as expected",
			Flags: []cli.Flag{
				storeFlag(), formatFlag("text"),
				&cli.StringSliceFlag{Name: "metric", Usage: "only these metrics, or all", DefaultText: strings.Join(compare.DefaultGate(), ", ")},
				&cli.StringSliceFlag{Name: "workload", Usage: "only these workloads"},
				&cli.StringFlag{Name: "branch", Usage: "only entries of this branch"},
				&cli.StringFlag{Name: "tolerance", Value: "3%", Usage: "change that is too small to matter: 3% or 0.03"},
			},
			Action: func(c *cli.Context) error { return historyTrend(c, s) },
		}, {
			Name:      "mark",
			Usage:     "say what to think of an entry",
			ArgsUsage: "ID VERDICT (" + strings.Join(history.Verdicts(), ", ") + ")",
			Flags:     []cli.Flag{storeFlag()},
			Action:    func(c *cli.Context) error { return historyMark(c, s) },
		}},
	}
}

func openHistory(c *cli.Context) (history.Store, error) { return history.Open(c.String("store")) }

func openEntries(c *cli.Context) (history.Store, []history.Entry, error) {
	store, err := openHistory(c)
	if err != nil {
		return nil, nil, err
	}
	entries, err := store.Entries()
	return store, entries, err
}

func historyAdd(c *cli.Context, s streams) error {
	if !c.Args().Present() {
		return usagef("which results? accelbench history add FILE..., for example %s", defaultOut)
	}
	verdict, err := history.ParseVerdict(c.String("verdict"))
	if err != nil {
		return err
	}
	store, err := openHistory(c)
	if err != nil {
		return err
	}
	var results []bench.Result
	for _, name := range c.Args().Slice() {
		found, warnings, err := readResults(name, s)
		if err != nil {
			return err
		}
		for _, w := range warnings {
			complain(s.err, "accelbench: %s\n", w)
		}
		results = append(results, found...)
	}
	words := history.Words{Commit: c.String("commit"), Branch: c.String("branch"), Tag: c.String("tag"), Note: c.String("note"), Verdict: verdict}
	checkout(c, &words)
	entry, known, err := store.Add(words, results)
	if err != nil {
		return err
	}
	if entry.ID == "" {
		complain(s.err, "accelbench: nothing was added: %s in the history already\n", english.Are(known, "result"))
		return nil
	}
	if known > 0 {
		complain(s.err, "accelbench: left out, in the history already: %s\n", english.Count(known, "result"))
	}
	complain(s.err, "accelbench: added %s: %s, commit %s, branch %s, %s\n", entry.ID, english.Count(entry.Runs, "run"), orUnknown(entry.Commit), orUnknown(entry.Branch),
		entry.Verdict)
	return nil
}

func orUnknown(word string) string {
	if word == "" {
		return "unknown"
	}
	return word
}

func historyList(c *cli.Context, s streams) error {
	if err := noArguments(c); err != nil {
		return err
	}
	draws, err := format(c)
	if err != nil {
		return err
	}
	_, entries, err := openEntries(c)
	if err != nil {
		return err
	}
	return draw(s, draws, reports.History(entries))
}

func historyShow(c *cli.Context, s streams) error {
	draws, err := format(c)
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
	if c.NArg() != 1 {
		return usagef("which entry? accelbench history show ID; accelbench history list shows them")
	}
	store, entries, err := openEntries(c)
	if err != nil {
		return err
	}
	entry, err := named(entries, c.Args().First())
	if err != nil {
		return err
	}
	results, warnings, err := store.Results(entry.ID)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		complain(s.err, "accelbench: %s\n", w)
	}
	options := reports.Options{Now: time.Now(), Command: commands(results), Warnings: warnings}
	summarize, err := pay.summarize(results, options.Now)
	if err != nil {
		return err
	}
	summarize.SystemWatts = power
	return draw(s, draws, reports.HistoryEntry(entry, reports.New(bench.Summarize(results, summarize), options)))
}

// named is the entry of an ID, also a bad one, or the one that a baseline asks for.
func named(entries []history.Entry, word string) (history.Entry, error) {
	if word == history.LastGood || strings.Contains(word, "=") {
		return history.Baseline(entries, word)
	}
	return history.Find(entries, word)
}

func historyTrend(c *cli.Context, s streams) error {
	if err := noArguments(c); err != nil {
		return err
	}
	draws, err := format(c)
	if err != nil {
		return err
	}
	tolerance, err := parseTolerance(c.String("tolerance"))
	if err != nil {
		return err
	}
	store, err := openHistory(c)
	if err != nil {
		return err
	}
	records, warnings, err := history.Records(store, history.Filter{Branch: c.String("branch"), Workloads: c.StringSlice("workload")})
	if err != nil {
		return err
	}
	metrics := c.StringSlice("metric")
	known := append(history.Metrics(records), history.AllMetrics)
	for _, m := range metrics {
		if !slices.Contains(known, m) {
			return usagef("unknown --metric %q: known are, nearest first, %s", m, strings.Join(names.Nearest(m, known), ", "))
		}
	}
	for _, w := range warnings {
		complain(s.err, "accelbench: %s\n", w)
	}
	series := history.Trends(records, history.Options{Tolerance: tolerance, Metrics: metrics})
	return draw(s, draws, reports.Trend(series, reports.TrendOptions{Entries: len(records), Tolerance: tolerance, Gaps: history.Gaps(records),
		Warnings: warnings}))
}

func historyMark(c *cli.Context, s streams) error {
	if c.NArg() != 2 {
		return usagef("which entry, and what of it? accelbench history mark ID %s", strings.Join(history.Verdicts(), "|"))
	}
	verdict, err := history.ParseVerdict(c.Args().Get(1))
	if err != nil {
		return err
	}
	store, entries, err := openEntries(c)
	if err != nil {
		return err
	}
	entry, err := history.Find(entries, c.Args().First())
	if err != nil {
		return err
	}
	if err := store.Mark(entry.ID, verdict); err != nil {
		return err
	}
	complain(s.err, "accelbench: %s is %s\n", entry.ID, verdict)
	return nil
}
