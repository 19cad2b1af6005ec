// Package ranktest makes results of machines for tests of rankings and claims.
//
// The room's one rule: it is imported by tests only.
package ranktest

import (
	"fmt"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

// Machine is what one configuration of a machine did. Empty fields have the usual values: an offline run of resnet50 f32 at batch 1
// with ONNX Runtime on a machine of AWS, without a price.
type Machine struct {
	Type      string // instance type
	Engine    string
	Kind      devices.EngineKind
	Workload  string
	Precision string
	Batch     int
	Session   string
	USD       float64 // per hour; 0 is no price
	Market    price.Market
	// PerSecond are the throughputs of the runs.
	PerSecond []float64
	// LatencyMS are the latencies of the runs, each that of 500 queries; single-stream instead of offline where there are some.
	LatencyMS []float64
	// Joules are the energies of the runs, for each unit of work.
	Joules []float64
	Change func(*bench.Result)
}

func or[T comparable](x, usual T) T {
	var zero T
	if x == zero {
		return usual
	}
	return x
}

// Results are the runs of the machine.
func (m Machine) Results() []bench.Result {
	var out []bench.Result
	for i, x := range m.PerSecond {
		r := m.result(i, x)
		if m.Change != nil {
			m.Change(&r)
		}
		out = append(out, r)
	}
	return out
}

func (m Machine) result(i int, perSecond float64) bench.Result {
	const units = 1e9 // so that throughputs are exact
	elapsed, provider, region, instance, none := int64(units/perSecond*1e9), "aws", "us-east-1", m.Type, 0
	id := strings.Join([]string{m.Type, m.Engine, string(m.Kind), m.Workload, m.Precision, fmt.Sprint(m.Batch, m.USD, len(m.LatencyMS)), m.Session, string(m.Market)}, "/")
	r := bench.Result{
		Schema: bench.Schema, ID: fmt.Sprintf("%s/%d", id, i), Session: or(m.Session, "session of "+m.Type),
		StartedAt: time.Date(2026, 8, 1, 12, i, 0, 0, time.UTC), Tool: bench.Tool{Version: "v1"},
		Cloud:  host.Cloud{Provider: &provider, InstanceType: &instance, Region: &region},
		Device: devices.Info{Backend: "cpu", ID: "cpu", Name: "CPU of " + m.Type},
		Engine: devices.EngineInfo{Name: or(m.Engine, "onnxruntime"), Version: "1.23", Kind: or(m.Kind, devices.Deployed)},
		Workload: bench.WorkloadInfo{Name: or(m.Workload, "resnet50"), Unit: "image", UnitsPerSample: 1, Precision: or(m.Precision, "f32"),
			Batch: or(m.Batch, 1)},
		Scenario: bench.Scenario{Name: bench.Offline, Replicas: 1}, Repeat: i, Repeats: len(m.PerSecond), Status: bench.OK,
		Counts: bench.Counts{Queries: units, Samples: units, Units: units}, ElapsedNS: &elapsed,
		Checks: &bench.Checks{Kind: "golden", Elements: 64, Passed: true}, Validity: bench.Validity{Valid: true},
		Unpriced: "not asked for",
	}
	if i < len(m.LatencyMS) {
		r.Scenario.Name, r.Latency = bench.SingleStream, latency(m.LatencyMS[i])
	}
	if i < len(m.Joules) {
		first, last := 0.0, m.Joules[i]*units
		r.Readings = []devices.Reading{{Time: r.StartedAt, EnergyJoules: &first}, {Time: r.StartedAt.Add(time.Duration(elapsed)), EnergyJoules: &last}}
	}
	if m.USD > 0 {
		r.Unpriced = ""
		r.Price = &price.Price{AmountUSDPerHour: m.USD, Currency: price.Currency, Market: or(m.Market, price.MarketOnDemand), Provider: provider,
			InstanceType: instance, Region: region, Date: "2026-07-20", Source: "a list", AcceleratorCount: &none}
	}
	return r
}

func latency(ms float64) *bench.Latency {
	h := stat.NewHistogram()
	for range 500 {
		h.Record(int64(ms * 1e6))
	}
	text, err := h.Encode()
	if err != nil {
		panic(err) // a histogram of one value
	}
	return &bench.Latency{Histogram: text, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}
}

// Rows are the summaries of machines.
func Rows(machines ...Machine) []bench.Summary {
	var results []bench.Result
	for _, m := range machines {
		results = append(results, m.Results()...)
	}
	return bench.Summarize(results, bench.SummarizeOptions{})
}
