package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/claim"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/reports"
)

func claimCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "claim",
		Usage:     "judge by results what is said about machines: supported, refuted or undecided",
		ArgsUsage: "CLAIM FILE... (- is standard input)",
		Description: "A claim is " + claim.Form + ", for example\n" +
			"   \"c8g.4xlarge >= 1.40 x c8i.4xlarge on perf_per_dollar_hour for resnet50\". A side is an instance type, or conditions such as\n" +
			"   device='NVIDIA L4',precision=f16. A market in the claim prices both sides in it.\n" +
			"   Exit codes: 0 supported, or undecided; 2 no claim; 4 refuted; 5 undecided, with --strict.",
		Flags: slices.Concat([]cli.Flag{
			formatFlag("markdown"),
			&cli.StringFlag{Name: "file", Usage: "judge the claims of this YAML file, as a table"},
			&cli.BoolFlag{Name: "public", Usage: "judge the public claims that come with the program"},
			&cli.BoolFlag{Name: "strict", Usage: "end with exit code 5 when a claim is undecided"},
		}, slices.DeleteFunc(repriceFlags(), func(f cli.Flag) bool { return f.Names()[0] == "instance-type" })), // one for both sides would be none
		Action: func(c *cli.Context) error { return judge(c, s) },
	}
}

func judge(c *cli.Context, s streams) error {
	draws, err := format(c)
	if err != nil {
		return err
	}
	statements, names, err := readClaims(c)
	if err != nil {
		return err
	}
	pay, err := readRepricing(c)
	if err != nil {
		return err
	}
	options := reports.Options{Now: time.Now()}
	results, err := readAll(names, &options, s)
	if err != nil {
		return err
	}
	var judged []reports.JudgedClaim
	for _, statement := range statements {
		rows, err := pay.in(statement.Claim.Market).rows(results, options.Now)
		if err != nil {
			return err
		}
		judged = append(judged, reports.JudgedClaim{Statement: statement, Judgement: claim.Judge(statement.Claim, rows)})
	}
	d := reports.Claims(judged, options)
	if statements[0].ID == "" {
		d = reports.Claim(judged[0].Judgement, options)
	}
	if err := draw(s, draws, d); err != nil {
		return err
	}
	return claimVerdict(judged, c.Bool("strict"))
}

// readClaims reads what is to be judged, and the names of the results files: from the arguments, from a file, or those that come with
// the program.
func readClaims(c *cli.Context) ([]claim.Statement, []string, error) {
	args := c.Args().Slice()
	file, public := c.String("file"), c.Bool("public")
	switch {
	case file != "" && public:
		return nil, nil, usagef("--file and --public: give one of them")
	case public:
		statements, err := claim.Public()
		return statements, args, err
	case file != "":
		statements, err := readClaimsFile(file)
		return statements, args, err
	case len(args) == 0:
		return nil, nil, usagef("which claim? accelbench claim \"%s\" FILE..., or --file CLAIMS.yaml, or --public", claim.Form)
	}
	one, err := claim.Parse(args[0])
	if err != nil {
		return nil, nil, usagef("claim %q: %w; a claim is %s", args[0], err, claim.Form)
	}
	if len(args) == 1 {
		return nil, nil, usagef("by which results? accelbench claim CLAIM FILE..., for example %s", defaultOut)
	}
	return []claim.Statement{{Claim: one}}, args[1:], nil
}

func readClaimsFile(name string) ([]claim.Statement, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading claims: %s is not there", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading claims: %w", err)
	}
	statements, err := claim.ReadFile(f, name)
	return statements, errors.Join(err, f.Close())
}

// in is the pricing for a claim about that market: what the user says of markets goes before it.
func (p pricing) in(m price.Market) pricing {
	if m != "" && p.query.Market == "" {
		p.query.Market, p.storedIn = m, m
	}
	return p
}

// rows are the summaries of results at these prices.
func (p pricing) rows(results []bench.Result, now time.Time) ([]bench.Summary, error) {
	options, err := p.summarize(results, now)
	if err != nil {
		return nil, err
	}
	return bench.Summarize(results, options), nil
}

// claimVerdict is the exit code that the claims deserve.
func claimVerdict(judged []reports.JudgedClaim, strict bool) error {
	is := func(v claim.Verdict) bool {
		return slices.ContainsFunc(judged, func(j reports.JudgedClaim) bool { return j.Verdict == v })
	}
	switch {
	case is(claim.Refuted):
		return codeError{code: exitRegressed}
	case strict && is(claim.Undecided):
		return codeError{code: exitUndecided}
	}
	return nil
}
