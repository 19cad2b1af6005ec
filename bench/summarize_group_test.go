package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
)

// bothDevices is a run on two GPUs at once, of as many as are present.
func bothDevices(t *testing.T, present, priced int) []bench.Result {
	var out []bench.Result
	for i, id := range []string{"nvml:0", "nvml:1"} {
		r := run(t, i, 100, 1e9)
		r.Device = devices.Info{Backend: "nvml", ID: id, Name: "a GPU"}
		r.DevicesPresent, r.PassedOver = present, nil
		r.Group = &bench.Group{ID: "g", Size: 2, Index: i}
		r.Price = &price.Price{AmountUSDPerHour: 8, Currency: price.Currency, AcceleratorCount: &priced}
		r.Charge = price.ChargeUnset
		out = append(out, r)
	}
	return out
}

func TestDevicesAtOnceArePricedAsAWhole(t *testing.T) {
	rows := bench.Summarize(bothDevices(t, 2, 2), bench.SummarizeOptions{})
	require.Len(t, rows, 3)
	require.Equal(t, "2 x nvml", rows[0].First.Device.ID)
	require.Empty(t, rows[0].Unpriced)
	require.Equal(t, 8.0, rows[0].Performance.Price.AmountUSDPerHour)
	require.InDelta(t, 200.0/8, rows[0].Performance.PerDollarHour.Value, 1e-9)
	for _, member := range rows[1:] {
		require.Nil(t, member.Performance)
		require.Equal(t, "priced as part of the whole", member.Unpriced)
	}

	idle := bench.Summarize(bothDevices(t, 8, 8), bench.SummarizeOptions{})
	require.Nil(t, idle[0].Performance)
	require.Contains(t, idle[0].Unpriced, "2 of 8 accelerators ran")
	used := bench.Summarize(bothDevices(t, 8, 8), bench.SummarizeOptions{Charge: price.ChargeUsed})
	require.Equal(t, 2.0, used[0].Performance.Price.AmountUSDPerHour)
}

// Of a group of which a run is lacking there is no whole, and half of a rate has no price.
func TestADeviceOfABrokenGroupHasNoPrice(t *testing.T) {
	rows := bench.Summarize(bothDevices(t, 2, 2)[:1], bench.SummarizeOptions{Charge: price.ChargeInstance})
	require.Len(t, rows, 1)
	require.Nil(t, rows[0].Performance)
}

func TestWarmupCutIsWhatTheThroughputLeavesOut(t *testing.T) {
	r := run(t, 0, 4000, 2e9)
	r.Scenario.Name, r.Phases, r.Counts.Samples = bench.Offline, nil, 4000
	r.Buckets = &bench.Buckets{WidthNS: 20e6}
	for i := range 101 {
		units := int64(40 + i%3)
		if i < 15 {
			units = 20
		}
		r.Buckets.Units = append(r.Buckets.Units, units)
	}
	cut := r.WarmupCut()
	require.GreaterOrEqual(t, cut.Milliseconds(), int64(300))
	left := 4000.0
	for _, u := range r.Buckets.Units[:cut.Milliseconds()/20] {
		left -= float64(u)
	}
	require.InDelta(t, left/(2-cut.Seconds()), single(t, []bench.Result{r}, bench.SummarizeOptions{}).Throughput.Value, 1e-9)

	few := r
	few.Counts.Samples = 1999
	require.Zero(t, few.WarmupCut())
	r.Scenario.Name = bench.Server
	require.Zero(t, r.WarmupCut(), "a schedule sets the pace")
}

// The energy of the whole is that of its devices, if it is known of each by the same means.
func TestDevicesAtOnceAddUpTheirEnergy(t *testing.T) {
	both := bothDevices(t, 2, 2)
	both[0].Readings = []devices.Reading{reading(0, 100, -1, ""), reading(10, 100, -1, "")}
	both[1].Readings = []devices.Reading{reading(0, 60, -1, ""), reading(20, 60, -1, "")}
	rows := bench.Summarize(both, bench.SummarizeOptions{})
	require.InDelta(t, 160, rows[0].Energy.Watts, 1e-9)
	require.InDelta(t, 160.0/200, rows[0].Energy.JoulesPerUnit, 1e-9, "in the one second of the run, for 100 units of each")
	require.InDelta(t, 100, rows[1].Energy.Watts, 1e-9)
	both[1].Readings = []devices.Reading{reading(0, 60, 5, ""), reading(20, 60, 9, "")}
	require.Nil(t, bench.Summarize(both, bench.SummarizeOptions{})[0].Energy, "a counter and integrated power do not add up")
	both[1].Readings = nil
	require.Nil(t, bench.Summarize(both, bench.SummarizeOptions{})[0].Energy)
}
