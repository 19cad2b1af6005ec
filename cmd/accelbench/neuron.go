package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices/engine/nrt"
	"github.com/accelbench/accelbench/reports"
	"github.com/accelbench/accelbench/workloads"
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
				if c.NArg() != 1 || c.Args().First() == "" {
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

// usableNRT is nil unless there is a chip and the library that was named cannot be used: then nothing takes its place.
func (s software) usableNRT(inventories []bench.Inventory) error {
	_, named := s.named(nrt.Name)
	if named == "" {
		return nil
	}
	for _, inventory := range inventories {
		for _, candidate := range inventory.Devices {
			for _, e := range candidate.Engines {
				if e.Name == nrt.Name && e.Info == nil && !e.Unserved {
					return fmt.Errorf("the library that %s names cannot be used: %s", named, e.Reason)
				}
			}
		}
	}
	return nil
}

// neuronOptions are those of the engine nrt.
func neuronOptions() nrt.Options { return nrt.Options{Cache: programCache()} }

// programCache is the folder of compiled programs in the user's cache; empty where there is none.
func programCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "accelbench", "neff")
}

// deadline is how long a run may take: an engine that compiles gets the time for it.
func deadline(p bench.Plan, w *workloads.Workload) time.Duration {
	d := bench.RunDeadline(p, w)
	if p.Engine == nrt.Name && w.File == nil {
		d += nrt.CompileLimit * time.Duration(len(w.Phases))
	}
	return d
}
