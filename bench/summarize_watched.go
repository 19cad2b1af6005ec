package bench

import (
	"slices"

	"github.com/accelbench/accelbench/devices"
)

// DeviceLatency is how long executions took by the clock of the device's runtime: of each percentile the median over the readings
// of the runs, in seconds. Nil if no reading has it.
func DeviceLatency(runs []Result) *devices.DeviceLatency {
	var p50, p99 []float64
	for _, r := range runs {
		for _, reading := range r.Readings {
			if l := reading.DeviceLatency; l != nil {
				p50, p99 = append(p50, l.P50Seconds), append(p99, l.P99Seconds)
			}
		}
	}
	if len(p50) == 0 {
		return nil
	}
	slices.Sort(p50)
	slices.Sort(p99)
	return &devices.DeviceLatency{P50Seconds: p50[len(p50)/2], P99Seconds: p99[len(p99)/2]}
}

// ExecutionErrors is the number of executions that the device's runtime calls failed, between the first and the last reading of
// each run; nil if no run has two readings of it.
func ExecutionErrors(runs []Result) *uint64 {
	var sum *uint64
	for _, r := range runs {
		var counts []uint64
		for _, reading := range r.Readings {
			if n := reading.ExecutionErrors; n != nil {
				counts = append(counts, *n)
			}
		}
		if len(counts) < 2 || counts[len(counts)-1] < counts[0] {
			continue
		}
		if sum == nil {
			sum = new(uint64)
		}
		*sum += counts[len(counts)-1] - counts[0]
	}
	return sum
}
