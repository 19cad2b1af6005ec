package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench/selftest"
	"github.com/accelbench/accelbench/reports"
)

func selftestCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "selftest",
		Usage: "measure the floor under this program's own numbers: overhead, memory and lateness of its load generator on this machine",
		Description: "Takes less than a minute, loads no model and no vendor library.\n" +
			"Exit codes: 0 measured, bars kept or not; 1 failure; 2 usage; 3 a figure could not be measured; 130 interrupted.",
		Flags:       []cli.Flag{formatFlag("text")},
		Subcommands: []*cli.Command{selftestCompareCommand(s)},
		Action: func(c *cli.Context) error {
			draws, runner, err := drawing(c)
			if err != nil {
				return err
			}
			part, parts := 0, len(selftest.Parts())
			report, err := runner.Selftest(c.Context, func(name string) {
				part++
				complain(s.err, "[%d/%d] %s\n", part, parts, name)
			})
			if err != nil {
				return err
			}
			if err := draw(s, draws, reports.Selftest(report)); err != nil {
				return err
			}
			return selftestError(report)
		},
	}
}

// selftestError tells of figures that are unknown. That bars are missed is no error.
func selftestError(r selftest.Report) error {
	if r.Complete() {
		return nil
	}
	return codeError{exitInvalid, errors.New("some figures could not be measured: the report says why")}
}
