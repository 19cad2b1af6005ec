package reports

import (
	"fmt"
	"slices"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/english"
)

// watched is what the sensors that run beside the work say of a row, and why they did not.
func (r row) watched() []string {
	var out []string
	runs := r.runs()
	for _, x := range runs {
		if text := x.Device.Unwatched; text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if n := bench.ExecutionErrors(runs); n != nil && *n > 0 {
		out = append(out, fmt.Sprintf("the device's runtime counted %s", english.Count(int(*n), "failed execution")))
	}
	if text := r.clocks(); text != "" {
		out = append(out, text)
	}
	return out
}

// clocks holds the device's own latency against ours, where a query is one execution and waits for nothing.
func (r row) clocks() string {
	device := bench.DeviceLatency(r.runs())
	if device == nil || r.Latency == nil || r.Latency.P50.Value == nil || r.First.Phases != nil || r.First.Scenario.Name != bench.SingleStream {
		return ""
	}
	text := fmt.Sprintf("by the clock of the device's runtime, half of the executions took at most %s and 99 %% at most %s; half of the queries took at most %s",
		nanoseconds(device.P50Seconds*1e9), nanoseconds(device.P99Seconds*1e9), nanoseconds(*r.Latency.P50.Value))
	if device.P50Seconds*1e9 > *r.Latency.P50.Value {
		text += ": a query cannot be shorter than its execution, one of the two is wrong"
	}
	return text
}
