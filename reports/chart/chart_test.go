package chart_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/reports/chart"
)

var update = flag.Bool("update", false, "write the golden files anew")

// drawing is a chart with its name.
type drawing struct {
	name string
	svg  string
}

func around(x, half float64) *chart.Interval { return &chart.Interval{Low: x - half, High: x + half} }

func bars() chart.Bars {
	return chart.Bars{
		Head: chart.Head{Title: "Throughput in images/s", Says: "resnet50 f32, batch 4, offline has the highest throughput: 57.3 images/s, 1.06 times the next."},
		Axis: chart.Axis{Name: "Throughput", Unit: "images/s"},
		Rows: []chart.Bar{
			{Name: "resnet50 f32, batch 4, offline", Value: 57.3, Interval: around(57.3, 1.1), Text: "57.3 ± 1.1"},
			{Name: "resnet50 f32, single-stream", Value: 54.2, Interval: around(54.2, 4), Text: "54.2 ± 4.0"},
			{Name: "resnet50 f32, native", Value: 8.94, Text: "8.94 (1 run)", Hollow: true},
		},
		Notes: []string{"Whiskers are 95 % intervals over runs. Hollow: a harness engine, not for rankings."},
	}
}

// ugly has names that hold markup and control characters, or are long, values that are none, and more rows than fit.
func ugly() chart.Bars {
	out := chart.Bars{Head: chart.Head{Title: `<script>alert("1")</script> & \x1b[31m` + "\x00\x1b\u202e", Says: strings.Repeat("A sentence goes on and on. ", 40)},
		Axis: chart.Axis{Name: "Throughput", Unit: "images/s"}}
	values := []float64{0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 1e99, 3}
	for i := range 30 {
		x := 1e6 * float64(i)
		if i < len(values) {
			x = values[i]
		}
		out.Rows = append(out.Rows, chart.Bar{Name: fmt.Sprint(i, " ", strings.Repeat("wide 名前 <b>", 12)), Value: x, Interval: around(x, x/2), Text: strings.Repeat("1234567890 ", 8)})
	}
	return out
}

func many() chart.Bars {
	out := bars()
	out.Rows = nil
	for i := range 30 {
		x := 120e6 / float64(i+1)
		out.Rows = append(out.Rows, chart.Bar{Name: fmt.Sprintf("llama3.1-8b bf16, batch %d, isl 1024, osl 1024, server, poisson 20/s", i), Value: x,
			Interval: around(x, x/30), Text: fmt.Sprintf("%.4g M ± 3 %%", x/1e6)})
	}
	return out
}

func forest() chart.Forest {
	return chart.Forest{
		Head: chart.Head{Title: "Head over base", Says: "resnet50 f32, offline: throughput regressed, 0.95 (0.93 to 0.97) of the base."},
		Axis: chart.Axis{Name: "Head over base"}, Band: chart.Interval{Low: 0.97, High: 1.03},
		Rows: []chart.Ratio{
			{Name: "resnet50 f32, offline: throughput", Value: 0.94, Interval: around(0.94, 0.02), Text: "0.94 (0.92 to 0.96) regressed", Judged: chart.Worse},
			{Name: "resnet50 f32, offline: p99", Value: 1.005, Interval: around(1.005, 0.01), Text: "1.00 (0.99 to 1.01) unchanged", Judged: chart.Same},
			{Name: "bert-base f32: throughput", Value: 1.04, Interval: around(1.04, 0.03), Text: "1.04 (1.01 to 1.07) undecided", Judged: chart.Open},
			{Name: "bert-base f32: p99", Value: 0.9, Interval: around(0.9, 0.01), Text: "0.90 (0.89 to 0.91) improved", Judged: chart.Gain},
			{Name: "gemm f32: throughput", Value: 1.01, Text: "1.01, needs 2 runs", Judged: chart.Open},
		},
		Notes: []string{"Shaded: changes within the tolerance of 3 %."},
	}
}

// quantiles of a distribution whose tail is that of 1/(1-p).
func quantiles(median, tail float64, to float64) []chart.Percentile {
	var out []chart.Percentile
	for _, decade := range []float64{0, 1, 2, 3} {
		for k := 18.0; k > 1; k-- {
			p := 1 - k/20/math.Pow(10, decade)
			if p <= to {
				out = append(out, chart.Percentile{P: p, Value: median * (0.9 + tail*math.Pow(1-p, -0.3))})
			}
		}
	}
	return out
}

func percentiles() chart.Percentiles {
	return chart.Percentiles{
		Head: chart.Head{Title: "Latency by percentile", Says: "At p99 onnxruntime answers within 9 ms, native within 31 ms."},
		Axis: chart.Axis{Name: "Latency", Unit: chart.Nanoseconds},
		Rows: []chart.Distribution{
			{Name: "resnet50 f32, server, onnxruntime", Points: quantiles(7e6, 0.1, 0.9995)},
			{Name: "resnet50 f32, server, native", Points: quantiles(22e6, 0.2, 0.9)},
			{Name: "resnet50 f32, server, pjrt", Points: quantiles(7.05e6, 0.1, 0.9995)},
		},
		Notes: []string{"A line ends where there are too few samples for the percentiles beyond."},
	}
}

func curve() chart.Curve {
	nan := math.NaN()
	return chart.Curve{
		Head: chart.Head{Title: "bert-base f32, batch 4, concurrency", Says: "The knee is at 2 in flight."},
		X:    chart.Axis{Name: "Throughput", Unit: "sequences/s"}, Y: chart.Axis{Name: "Latency", Unit: chart.Nanoseconds},
		Lines: []string{"p50", "p90", "p99"},
		Points: []chart.Load{
			{Name: "1", X: 20.2, Y: []float64{49.1e6, 50.2e6, nan}, Hover: "1 in flight"},
			{Name: "2", X: 35.3, Y: []float64{56.4e6, 58.1e6, 61.7e6}, Mark: "knee", Hover: "2 in flight"},
			{Name: "4", X: 44.2, Y: []float64{89.9e6, 93.1e6, 104e6}, Hover: "4 in flight"},
			{Name: "8", X: 46.1, Y: []float64{171e6, 180e6, 199e6}, Hover: "8 in flight"},
			{Name: "16", X: 46.0, Y: []float64{341e6, 350e6, 382e6}, Hover: "16 in flight"},
		},
		Limits: []chart.Limit{{Name: "p99 of latency within 150 ms", Value: 150e6}},
	}
}

func pareto() chart.Pareto {
	out := chart.Pareto{
		Head: chart.Head{Title: "Price-performance: images", Says: "3 of 8 rows are on the front: for each other row one of these costs less in the same time."},
		X:    chart.Axis{Name: "p50 of latency", Unit: chart.Nanoseconds}, Y: chart.Axis{Name: "Cost", Unit: "USD per million images"},
	}
	for i, o := range [][2]float64{{2e6, 1.9}, {9e6, 0.41}, {40e6, 0.22}, {9.1e6, 0.42}, {9.1e6, 0.42}, {41e6, 0.6}, {12e6, 2.2}, {3e6, 0.3}} {
		out.Offers = append(out.Offers, chart.Offer{Name: fmt.Sprintf("resnet50 f16, batch %d on g%d.xlarge", 1<<i, i), X: o[0], Y: o[1], Spread: around(o[1], o[1]/15),
			Hover: fmt.Sprintf("%.3g ms, %.3g USD", o[0]/1e6, o[1]), Hollow: i == 7})
	}
	return out
}

func timeline() chart.Timeline {
	out := chart.Timeline{
		Head:  chart.Head{Title: "Power and clock over time: NVIDIA H100 80GB HBM3 (nvml:0)", Says: "Power is 421 W in the mean and at most 640 W of 700 W."},
		Spans: []chart.Span{{"resnet50 f16", 0, 20}, {"bert-base f16", 20, 39}, {"resnet50 f16", 39, 60}},
	}
	power := chart.Panel{Axis: chart.Axis{Name: "Power", Unit: "W"}}
	clock := chart.Panel{Axis: chart.Axis{Name: "Clock", Unit: "MHz"}}
	for i := range 1200 {
		t := float64(i) / 20
		w, mhz := 420+120*math.Sin(t), 1980.0
		if i%97 == 0 {
			w = 640
		}
		if t > 25 && t < 30 {
			w, mhz = math.NaN(), 1600
		}
		power.Moments = append(power.Moments, chart.Moment{Seconds: t, Value: w})
		clock.Moments = append(clock.Moments, chart.Moment{Seconds: t, Value: mhz})
	}
	out.Panels = []chart.Panel{power, clock}
	return out
}

func drawings() []drawing {
	return []drawing{
		{"bars", bars().SVG()}, {"bars-many", many().SVG()}, {"bars-ugly", ugly().SVG()}, {"bars-none", chart.Bars{}.SVG()},
		{"forest", forest().SVG()}, {"forest-none", chart.Forest{}.SVG()},
		{"percentiles", percentiles().SVG()}, {"percentiles-none", chart.Percentiles{}.SVG()},
		{"curve", curve().SVG()}, {"curve-none", chart.Curve{}.SVG()},
		{"pareto", pareto().SVG()}, {"pareto-none", chart.Pareto{}.SVG()},
		{"timeline", timeline().SVG()}, {"timeline-none", chart.Timeline{}.SVG()},
		{"badge", chart.Badge{Label: "resnet50", Text: "54.2 images/s"}.SVG()},
		{"badge-ugly", chart.Badge{Label: strings.Repeat("<&> ", 30), Text: "regressed\x00", Judged: chart.Worse}.SVG()},
	}
}

func TestDrawings(t *testing.T) {
	for _, d := range drawings() {
		path := filepath.Join("testdata", d.name+".svg")
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, []byte(d.svg), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), d.svg, d.name)
	}
}

// 100 times 0.9985 is not quite 99.85 to a computer, and nobody needs to see that.
func TestPercentilesAreWrittenAsPeopleDo(t *testing.T) {
	p := chart.Percentiles{Axis: chart.Axis{Name: "Latency", Unit: chart.Nanoseconds},
		Rows: []chart.Distribution{{Name: "a", Points: []chart.Percentile{{P: 0.5, Value: 1e6}, {P: 0.9985, Value: 2e6}}}}}
	require.Contains(t, p.SVG(), "a: 99.85 % within 2 ms")
}
