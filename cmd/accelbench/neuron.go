package main

import (
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/reports"
	"github.com/accelbench/accelbench/workloads/neff"
)

// neuronCommand has what concerns AWS Neuron chips alone.
func neuronCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "neuron",
		Usage: "look into files for AWS Neuron chips",
		Subcommands: []*cli.Command{{
			Name:      "inspect",
			Usage:     "show what a NEFF file is: versions, cores, inputs, outputs and the files in it; needs no chip",
			ArgsUsage: "FILE.neff",
			Flags:     []cli.Flag{formatFlag("text")},
			Action: func(c *cli.Context) error {
				if c.NArg() != 1 {
					return usagef("which file? accelbench neuron inspect FILE.neff takes one")
				}
				draws, err := format(c)
				if err != nil {
					return err
				}
				file, err := neff.ReadFile(c.Args().First())
				if err != nil {
					return err
				}
				return draw(s, draws, reports.NEFF(filepath.Base(c.Args().First()), file))
			},
		}},
	}
}
