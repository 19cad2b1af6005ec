package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/reports"
)

func devicesCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "devices",
		Usage: "show what was found on this machine, or why nothing was, or what is wrong with it",
		Flags: slices.Concat([]cli.Flag{formatFlag("text")}, engineFlags(), captureFlags()),
		Action: func(c *cli.Context) error {
			draws, runner, err := drawing(c)
			if err != nil {
				return err
			}
			at, err := lookAt(c, runner, s)
			if err != nil {
				return err
			}
			defer at.drop()
			inventories, err := findAll(c.Context, runner)
			if err != nil {
				return err
			}
			info, cloud, problems := host.Read(c.Context, at.machine, host.Flags{})
			if err := at.finish(); err != nil {
				return err
			}
			return draw(s, draws, reports.Devices(found(inventories), info, cloud, problems))
		},
	}
}

func found(inventories []bench.Inventory) []reports.Found {
	var out []reports.Found
	for _, i := range inventories {
		f := reports.Found{Backend: i.Backend, Problems: i.Problems, Absent: i.Absent, Engines: map[string][]string{}}
		for _, d := range i.Devices {
			f.Devices = append(f.Devices, d.Info)
			if len(d.Engines) > 0 {
				f.Engines[d.Info.ID] = engineTexts(d.Engines)
			}
		}
		out = append(out, f)
	}
	return out
}

// engineTexts say of each engine that serves the device how it would run, or why it would not. Nothing is said where no
// engine was asked.
func engineTexts(probed []bench.Probed) []string {
	var out []string
	for _, e := range probed {
		switch {
		case e.Info != nil:
			out = append(out, fmt.Sprintf("%s %s (%s)", e.Info.Name, e.Info.Version, e.Info.Kind))
		case !e.Unserved:
			out = append(out, e.Name+": "+e.Reason)
		}
	}
	if len(out) == 0 && len(probed) > 0 {
		return []string{bench.NoEngine}
	}
	return out
}

func problemText(p devices.Problem) string {
	if p.Remedy == "" {
		return p.Text
	}
	return p.Text + ": " + p.Remedy
}
