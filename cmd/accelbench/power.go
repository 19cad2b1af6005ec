package main

import (
	"math"

	"github.com/urfave/cli/v2"
)

// powerFlag says what the whole machine takes, which this program cannot measure.
func powerFlag() cli.Flag {
	return &cli.Float64Flag{Name: "system-watts", Usage: "power of the whole machine under this load in watts, as you measured it: gives energy per unit of the machine",
		DefaultText: "unknown"}
}

// readPower is what the user says about the power of the machine; nil is nothing.
func readPower(c *cli.Context) (*float64, error) {
	if !c.IsSet("system-watts") {
		return nil, nil
	}
	watts := c.Float64("system-watts")
	if !(watts > 0) || math.IsInf(watts, 0) {
		return nil, usagef("--system-watts %v: expected more than 0", watts)
	}
	return &watts, nil
}
