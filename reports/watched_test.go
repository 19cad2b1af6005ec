package reports

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

// withReadings is a row of three runs with these readings each.
func withReadings(scenario bench.ScenarioName, unwatched string, readings ...devices.Reading) bench.Summary {
	r := result("resnet50", "image", scenario)
	r.Device.Unwatched, r.Readings = unwatched, readings
	return summary(r, estimate(8.94, 0.12, 0.021), distribution(54, 111.2, 114.9, 130))
}

func deviceReading(p50 float64, errors uint64) devices.Reading {
	return devices.Reading{DeviceLatency: &devices.DeviceLatency{P50Seconds: p50, P99Seconds: 2 * p50}, ExecutionErrors: &errors}
}

func TestFindingsOfTheDevicesOwnSensors(t *testing.T) {
	phases := withReadings(bench.SingleStream, "", deviceReading(0.1, 0))
	phases.First.Phases = &bench.Phases{}
	for name, c := range map[string]struct {
		of   bench.Summary
		want []string
	}{
		"nothing":        {withReadings(bench.SingleStream, "", devices.Reading{}), nil},
		"no errors":      {withReadings(bench.Offline, "", deviceReading(0.1, 5), deviceReading(0.1, 5)), nil},
		"many per query": {phases, nil},
		"errors": {withReadings(bench.Offline, "neuron-monitor: it ended", deviceReading(0.1, 5), deviceReading(0.1, 7)),
			[]string{"neuron-monitor: it ended", "the device's runtime counted 6 failed executions"}},
		"latency": {withReadings(bench.SingleStream, "", deviceReading(0.1, 0)),
			[]string{"by the clock of the device's runtime, half of the executions took at most 100 ms and 99 % at most 200 ms; half of the queries took at most 111 ms"}},
		"latency that cannot be": {withReadings(bench.SingleStream, "", deviceReading(0.2, 0)),
			[]string{"by the clock of the device's runtime, half of the executions took at most 200 ms and 99 % at most 400 ms; half of the queries took at most 111 ms: " +
				"a query cannot be shorter than its execution, one of the two is wrong"}},
	} {
		var got []string
		for _, f := range newView([]bench.Summary{c.of}, options()).findings() {
			if f.Kind == "device" {
				got = append(got, f.Text)
				require.True(t, strings.HasPrefix(f.sentence(), "Device"), f.sentence())
			}
		}
		require.Equal(t, c.want, got, name)
	}
}
