package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/reports"
)

func formatFlag(value string) cli.Flag {
	return &cli.StringFlag{Name: "format", Value: value, Usage: "form of the output: " + strings.Join(reports.Formats(), ", ")}
}

// format finds the wanted form before anything is done that would be lost with a bad name.
func format(c *cli.Context) (reports.Format, error) {
	f, err := reports.Lookup(c.String("format"))
	if err != nil {
		return nil, usageError{err}
	}
	return f, nil
}

// drawing is what a command without arguments needs that looks at the machine: the wanted form, and workers.
func drawing(c *cli.Context) (reports.Format, *bench.Runner, error) {
	if err := noArguments(c); err != nil {
		return nil, nil, err
	}
	draws, err := format(c)
	if err != nil {
		return nil, nil, err
	}
	runner, err := newRunner(c)
	return draws, runner, err
}

func draw(s streams, f reports.Format, d reports.Document) error {
	switch err := f(s.out, d); {
	case errors.Is(err, reports.ErrNoForm):
		return err
	case err != nil:
		return fmt.Errorf("writing to standard output: %w", err)
	}
	return nil
}
