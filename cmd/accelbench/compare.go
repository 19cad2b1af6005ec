package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/compare/gobench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/reports"
)

func compareCommand(s streams) *cli.Command {
	flags := slices.Concat([]cli.Flag{formatFlag("markdown")}, figureFlags(), compareFlags())
	flags = append(flags,
		&cli.BoolFlag{Name: "strict", Usage: "end with exit code 5 when the comparison is undecided"},
		&cli.BoolFlag{Name: "allow-mixed", Usage: "compare what differs in its device, engine or machine all the same"},
		&cli.BoolFlag{Name: "unpaired", Usage: "ignore the rounds of interleaved runs"},
	)
	flags = append(flags, baselineFlags()...)
	return &cli.Command{
		Name:      "compare",
		Usage:     "say whether HEAD is faster or slower than BASE, how sure that is, and end with 4 on a regression",
		ArgsUsage: "BASE HEAD (or one FILE of accelbench ab, or --baseline WHICH HEAD)",
		Flags:     append(flags, priceFlags()...),
		Description: "Each side is a file of result lines or of Go's benchmark format, a directory of such (*.jsonl, *.txt), a quoted glob, a\n" +
			"list of these with commas between them, or - for standard input. Runs of the same workload, scenario, device and engine\n" +
			"are compared. The verdict of a metric is regressed, improved, unchanged or undecided, see docs/statistics.md.\n" +
			"Exit codes: 0 no regression; 1 failure, or something that could not be compared; 2 usage, bad input, or sides that\n" +
			"are unlike (--allow-mixed); 4 a regression; 5 undecided, with --strict.",
		Action: func(c *cli.Context) error { return compareSides(c, s) },
	}
}

// compareFlags say what a change has to be to matter.
func compareFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "tolerance", Value: "3%", Usage: "change that is too small to matter: 3% or 0.03"},
		&cli.StringSliceFlag{Name: "gate", Usage: "metrics that decide (repeatable, commas); unlike the others they can make a regression",
			DefaultText: strings.Join(compare.DefaultGate(), ",") + "; every unit of Go's benchmark format"},
	}
}

// readCompare are the options that the flags ask for. Go's units have two spellings: ns/op is sec/op.
func readCompare(c *cli.Context) (compare.Options, error) {
	o := compare.Options{Mixed: c.Bool("allow-mixed"), Unpaired: c.Bool("unpaired")}
	var err error
	if o.Tolerance, err = parseTolerance(c.String("tolerance")); err != nil {
		return o, err
	}
	for _, name := range c.StringSlice("gate") {
		name = strings.TrimSpace(name)
		if name == "" {
			return o, usagef("--gate has an empty name: give metrics such as %s, or leave it out", strings.Join(compare.DefaultGate(), ","))
		}
		o.Gate = append(o.Gate, gobench.Unit(name))
	}
	return o, nil
}

// parseTolerance reads 3% or 0.03.
func parseTolerance(text string) (float64, error) {
	if x, err := bench.ParseShare(text); err == nil {
		return x, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x > 0 && x < 1) {
		return 0, usagef("--tolerance %q: write a percentage between 0 and 100 %%, such as 3%%, or the same as a share, 0.03", text)
	}
	return x, nil
}

func compareSides(c *cli.Context, s streams) error {
	draws, err := format(c)
	if err != nil {
		return err
	}
	options, err := readCompare(c)
	if err != nil {
		return err
	}
	pay, err := readPricing(c)
	if err != nil {
		return err
	}
	charts, err := readFigures(c)
	if err != nil {
		return err
	}
	in, err := sides(c, s)
	if err != nil {
		return err
	}
	for _, w := range in.warnings {
		complain(s.err, "accelbench: %s\n", w)
	}
	if err := compare.CheckGate(options.Gate, in.base.subjects, in.head.subjects); err != nil {
		return err
	}
	if err := charts.makeFolder(); err != nil {
		return err
	}
	comparison := compare.Compare(in.base.subjects, in.head.subjects, options)
	shown := reports.ComparisonOptions{Base: in.base.Side, Head: in.head.Side, Command: compareLine(c), Warnings: in.warnings}
	if len(in.base.results) > 0 {
		summarize, err := pay.forBoth(in.base.results, in.head.results, time.Now())
		if err != nil {
			return err
		}
		shown.Worth = compare.Worths(comparison, in.base.results, in.head.results, summarize)
	}
	d, saving := charts.save(reports.Comparison(comparison, shown))
	if err := draw(s, draws, d); err != nil {
		return err
	}
	if code := comparisonCode(comparison, c.Bool("strict")); code != exitOK {
		return codeError{code, saving} // a chart that could not be saved does not hide a regression
	}
	return saving
}

// comparisonCode is the exit code that a comparison deserves: what could not be compared is never a pass.
func comparisonCode(c compare.Comparison, strict bool) int {
	if c.Verdict == compare.Regressed {
		return exitRegressed
	}
	code := exitOK
	for _, p := range c.Problems {
		if !p.Refused {
			return exitFailure
		}
		code = exitUsage
	}
	if code == exitOK && strict && c.Verdict == compare.Undecided {
		return exitUndecided
	}
	return code
}

// compareLine is the command as typed; of files elsewhere only the names stay, see [commandLine].
func compareLine(c *cli.Context) string {
	line := commandLine(c)
	for _, arg := range c.Args().Slice() {
		var names []string
		for part := range strings.SplitSeq(arg, ",") {
			names = append(names, published(part))
		}
		line += " " + quote(strings.Join(names, ","))
	}
	return line
}

// forBoth prices both sides by one rule: what the flags say, else a price given by hand that all runs carry, else what the catalogue
// says today of the instance of each.
func (p pricing) forBoth(base, head []bench.Result, now time.Time) (bench.SummarizeOptions, error) {
	options, err := p.summarize(append(append([]bench.Result{}, base...), head...), now)
	if err != nil || p.chooses() {
		return options, err
	}
	custom, given := byHand(base, head)
	options.Price = func(r bench.Result) (price.Price, error) {
		if custom != nil {
			return *custom, nil
		}
		if given {
			return price.Price{}, errors.New("prices were given by hand, and not the same one for all runs of both sides")
		}
		return p.of(r, now)
	}
	return options, nil
}

// byHand is the price given by hand that all runs carry; given tells whether any does.
func byHand(base, head []bench.Result) (custom *price.Price, given bool) {
	all := true
	for _, r := range append(append([]bench.Result{}, base...), head...) {
		if r.Price == nil || r.Price.Market != price.MarketCustom && r.Price.Market != price.MarketOwned {
			all = false
			continue
		}
		given = true
		if custom == nil {
			custom = r.Price
		}
		all = all && custom.AmountUSDPerHour == r.Price.AmountUSDPerHour && custom.Market == r.Price.Market
	}
	if !all {
		return nil, given
	}
	return custom, given
}

// errOneKind is a mistake about what is on the sides.
func errOneKind(a, b string) error {
	return usagef("%s holds result lines and %s Go's benchmark format: give one kind, or convert with accelbench report --format gobench", a, b)
}

// sharedRuns says which runs are on both sides.
func sharedRuns(base, head []bench.Result) error {
	seen := map[string]bool{}
	for _, r := range base {
		seen[r.ID] = true
	}
	n := 0
	for _, r := range head {
		if seen[r.ID] {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return usagef("%s on both sides: nothing can be learned from comparing runs with themselves; give each side its own files", english.Are(n, "run"))
}
