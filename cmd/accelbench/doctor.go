package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/reports"
)

func doctorCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:        "doctor",
		Usage:       "show whether this machine is fit to measure on, and what to do where it is not",
		Flags:       append([]cli.Flag{formatFlag("text")}, engineFlags()...),
		Description: "Exit code 0 even with problems, as devices. The limits and their reasons are in docs/validity.md.",
		Action: func(c *cli.Context) error {
			draws, runner, err := drawing(c)
			if err != nil {
				return err
			}
			info, cloud, _ := host.Read(c.Context, host.Live(), host.Flags{})
			inventories, err := findAll(c.Context, runner)
			if err != nil {
				return err
			}
			checks, err := preflight(c.Context, info, inventories)
			if err != nil {
				return err
			}
			return draw(s, draws, reports.Doctor(checks, info, cloud))
		},
	}
}

// fit refuses a machine on which a check fails.
func fit(checks []bench.PreflightCheck) error {
	var reasons []string
	for _, c := range bench.FailedChecks(checks) {
		reasons = append(reasons, fmt.Sprintf("%s: %s (%s)", c.Name, c.Found, c.Remedy))
	}
	if len(reasons) == 0 {
		return nil
	}
	return fmt.Errorf("--strict: this machine is not fit to measure on, and nothing was measured: %s; accelbench doctor tells more",
		strings.Join(reasons, "; "))
}

// quiet is how long the machine is watched while this program does nothing: 20 of the kernel's ticks per CPU.
const quiet = 200 * time.Millisecond

// preflight watches the machine for a moment and judges it. The devices were found by workers, so that nothing of a vendor
// is loaded here.
func preflight(ctx context.Context, info host.Host, inventories []bench.Inventory) ([]bench.PreflightCheck, error) {
	files := host.Live().FS
	before := bench.ReadCounters(files)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(quiet):
	}
	return bench.Preflight(bench.PreflightFacts{Host: info, Inventories: inventories, Files: files,
		Before: before, After: bench.ReadCounters(files)}), nil
}
