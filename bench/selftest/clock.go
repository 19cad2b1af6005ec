package selftest

import (
	"context"
	"time"
)

const clockReads = 10_000

// clock measures the clock that everything else is measured by.
func clock(context.Context, Machine) ([]Measured, error) {
	var read, step []float64
	for range repeats {
		start := time.Now()
		last, least := time.Duration(0), time.Duration(0)
		for range clockReads {
			now := time.Since(start)
			if d := now - last; d > 0 && (least == 0 || d < least) {
				least = d
			}
			last = now
		}
		read = append(read, last.Seconds()/clockReads)
		if least > 0 {
			step = append(step, least.Seconds())
		}
	}
	resolution := Measured{Name: "clock_resolution_seconds", Reason: "the clock did not move"}
	if len(step) > 0 {
		resolution = median(resolution.Name, step)
	}
	return []Measured{median("clock_read_seconds", read), resolution}, nil
}
