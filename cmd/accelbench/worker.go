package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
)

const workerName = "worker"

// workerCommand is what the parent starts for every job; people have no use for it.
func workerCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:   workerName,
		Hidden: true,
		Usage:  "do one job of a parent accelbench (not for people)",
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			// The parent decides when a run ends; a signal to the whole group must not cut it off first.
			signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
			pipe := bench.WorkerOutput()
			if _, err := pipe.Stat(); err != nil {
				return usagef("worker is started by accelbench itself: use run or devices")
			}
			known, save, err := workerCatalogue()
			if err != nil {
				return fmt.Errorf("worker: %w", err)
			}
			// When the parent is gone this returns at once, and so does main, though work may be in flight in a library that
			// cannot be told to stop.
			if err := bench.Worker(c.Context, s.in, pipe, known); err != nil {
				return fmt.Errorf("worker: %w", err)
			}
			if err := save(); err != nil {
				return fmt.Errorf("worker: %w", err)
			}
			return nil
		},
	}
}
