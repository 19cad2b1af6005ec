package main

import (
	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/reports"
	"github.com/accelbench/accelbench/workloads"
)

func workloadsCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:        "workloads",
		Usage:       "list the standard workloads with shapes, parameters, FLOPs, bytes and memory; export one",
		Flags:       []cli.Flag{formatFlag("text")},
		Subcommands: []*cli.Command{exportCommand(s)},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			draws, err := format(c)
			if err != nil {
				return err
			}
			var list []*workloads.Workload
			for _, name := range workloads.Names() {
				w, err := workloads.Find(name, workloads.Options{})
				if err != nil {
					return err
				}
				list = append(list, w)
			}
			return draw(s, draws, reports.Workloads(list))
		},
	}
}
