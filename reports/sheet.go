package reports

import (
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
)

// sheet holds every figure of the rows in full precision. Keys are only ever added.
func (v view) sheet() Sheet {
	keys := []key[row]{
		{"workload", func(r row) any { return r.First.Workload.Name }},
		{"precision", func(r row) any { return r.First.Workload.Precision }},
		{"batch", func(r row) any { return r.First.Workload.Batch }},
		{"seq_len", func(r row) any { return value(r.First.Workload.SeqLen) }},
		{"isl", func(r row) any { return value(r.First.Workload.ISL) }},
		{"osl", func(r row) any { return value(r.First.Workload.OSL) }},
		{"scenario", func(r row) any { return string(r.First.Scenario.Name) }},
		{"engine", func(r row) any { return r.First.Engine.Name }},
		{"engine_version", func(r row) any { return r.First.Engine.Version }},
		{"engine_kind", func(r row) any { return string(r.First.Engine.Kind) }},
		{"threads", func(r row) any { return value(r.First.Engine.Threads) }},
		{"device_id", func(r row) any { return r.First.Device.ID }},
		{"device", func(r row) any { return r.First.Device.Name }},
		{"cpu_model", func(r row) any { return value(r.First.Host.CPUModel) }},
		{"provider", func(r row) any { return value(r.First.Cloud.Provider) }},
		{"instance_type", func(r row) any { return value(r.First.Cloud.InstanceType) }},
		{"started_at", func(r row) any { return r.First.StartedAt }},
		{"tool_version", func(r row) any { return r.First.Tool.Version }},
		{"tool_commit", func(r row) any { return r.First.Tool.Commit }},
		{"verdict", func(r row) any { return r.outcome() }},
		{"valid_runs", func(r row) any { return r.Valid }},
		{"invalid_runs", func(r row) any { return r.Invalid }},
		{"failed_runs", func(r row) any { return r.Failed }},
		{"unsupported_runs", func(r row) any { return r.Unsupported }},
		{"interrupted_runs", func(r row) any { return r.Interrupted }},
		{"reasons", func(r row) any { return strings.Join(r.Reasons, "; ") }},
		{"unit", func(r row) any { return unitName(r.First) }},
		{"throughput_per_s", estimated(func(e bench.Estimate) any { return e.Value })},
		{"throughput_low_per_s", estimated(func(e bench.Estimate) any { return end(e.Interval, low) })},
		{"throughput_high_per_s", estimated(func(e bench.Estimate) any { return end(e.Interval, high) })},
		{"spread", estimated(func(e bench.Estimate) any { return value(e.Spread) })},
	}
	keys = append(keys, latencyKeys("", func(r row) *bench.Distribution { return r.Latency })...)
	keys = append(keys, latencyKeys("ttft_", func(r row) *bench.Distribution { return r.TTFT })...)
	keys = append(keys, latencyKeys("tpot_", func(r row) *bench.Distribution { return r.TPOT })...)
	keys = append(keys,
		key[row]{"share_of_measured_flops", func(r row) any { return value(r.Share.MeasuredFLOPs) }},
		key[row]{"share_of_measured_bytes", func(r row) any { return value(r.Share.MeasuredBytes) }},
		key[row]{"mfu", func(r row) any { return value(r.Share.MFU) }},
		key[row]{"mbu", func(r row) any { return value(r.Share.MBU) }},
		key[row]{"check_error", checked(func(c bench.Checks) any { return c.Error })},
		key[row]{"check_tolerance", checked(func(c bench.Checks) any { return c.Tolerance })},
		key[row]{"check_passed", checked(func(c bench.Checks) any { return c.Passed })},
	)
	keys = append(keys, costKeys()...)
	return sheetOf(v.all, append(keys, loadKeys()...))
}

func low(i bench.Interval) float64  { return i.Low }
func high(i bench.Interval) float64 { return i.High }

func end(i *bench.Interval, of func(bench.Interval) float64) any {
	if i == nil {
		return nil
	}
	return of(*i)
}

func estimated(of func(bench.Estimate) any) func(row) any {
	return func(r row) any {
		if r.Throughput == nil {
			return nil
		}
		return of(*r.Throughput)
	}
}

func checked(of func(bench.Checks) any) func(row) any {
	return func(r row) any {
		if c := worst(r); c != nil {
			return of(*c)
		}
		return nil
	}
}

func latencyKeys(prefix string, of func(row) *bench.Distribution) []key[row] {
	field := func(get func(bench.Distribution) any) func(row) any {
		return func(r row) any {
			if d := of(r); d != nil {
				return get(*d)
			}
			return nil
		}
	}
	var keys []key[row]
	for _, q := range []struct {
		name string
		of   func(bench.Distribution) bench.Quantile
	}{{"p50", p50}, {"p90", p90}, {"p99", p99}} {
		keys = append(keys,
			key[row]{prefix + q.name + "_ns", field(func(d bench.Distribution) any { return value(q.of(d).Value) })},
			key[row]{prefix + q.name + "_low_ns", field(func(d bench.Distribution) any { return end(q.of(d).Interval, low) })},
			key[row]{prefix + q.name + "_high_ns", field(func(d bench.Distribution) any { return end(q.of(d).Interval, high) })})
	}
	return append(keys,
		key[row]{prefix + "max_ns", field(func(d bench.Distribution) any { return d.Max })},
		key[row]{prefix + "samples", field(func(d bench.Distribution) any { return d.P50.Count })})
}

func costKeys() []key[row] {
	priced := func(get func(price.Performance) any) func(row) any {
		return func(r row) any {
			if r.Performance == nil {
				return nil
			}
			return get(*r.Performance)
		}
	}
	charged := func(get func(price.Price) any) func(row) any {
		return priced(func(p price.Performance) any { return get(p.Price) })
	}
	keys := []key[row]{
		{"usd_per_hour", charged(func(p price.Price) any { return p.AmountUSDPerHour })},
		{"market", charged(func(p price.Price) any { return string(p.Market) })},
		{"price_provider", charged(func(p price.Price) any { return p.Provider })},
		{"price_instance_type", charged(func(p price.Price) any { return p.InstanceType })},
		{"price_region", charged(func(p price.Price) any { return p.Region })},
		{"price_date", charged(func(p price.Price) any { return p.Date })},
		{"price_source", charged(func(p price.Price) any { return p.Source })},
		{"price_doubtful", charged(func(p price.Price) any { return p.Doubtful })},
		{"cost_unit", func(r row) any {
			if r.Performance == nil {
				return nil
			}
			return costUnit(r.First, r.Performance)
		}},
	}
	for _, q := range []struct {
		name string
		of   func(price.Performance) price.Quantity
	}{
		{"perf_per_dollar_hour", func(p price.Performance) price.Quantity { return p.PerDollarHour }},
		{"units_per_dollar", func(p price.Performance) price.Quantity { return p.UnitsPerDollar }},
		{"usd_per_million_units", func(p price.Performance) price.Quantity { return p.USDPerMillionUnits }},
	} {
		bound := func(of func(price.Interval) float64) func(row) any {
			return priced(func(p price.Performance) any {
				if i := q.of(p).Interval; i != nil {
					return of(*i)
				}
				return nil
			})
		}
		keys = append(keys,
			key[row]{q.name, priced(func(p price.Performance) any { return q.of(p).Value })},
			key[row]{q.name + "_low", bound(func(i price.Interval) float64 { return i.Low })},
			key[row]{q.name + "_high", bound(func(i price.Interval) float64 { return i.High })})
	}
	return append(keys, key[row]{"unpriced", func(r row) any { return r.Unpriced }})
}
