package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

func ptr[T any](v T) *T { return &v }

func now() time.Time { return time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC) }

func options() Options {
	return Options{
		Command: "accelbench run --quick --instance-type c7i.large --region us-east-1 --out results.jsonl",
		Now:     now(), Files: []string{"results.jsonl"}, Planned: 15,
	}
}

// result is a run of a workload by the native engine on two CPUs of a rented machine.
func result(workload, unit string, scenario bench.ScenarioName) bench.Result {
	return bench.Result{
		Schema: bench.Schema, ID: "0123456789abcdef", Session: "fedcba9876543210",
		StartedAt: time.Date(2026, 8, 10, 11, 30, 0, 0, time.UTC),
		Tool:      bench.Tool{Version: "0.1.0", Commit: "1a2b3c4", Dirty: ptr(true)},
		Host: host.Host{
			OS: ptr("Debian GNU/Linux 13 (trixie)"), Kernel: ptr("6.12.41-cloud-amd64"), Arch: ptr("amd64"),
			CPUModel: ptr("Intel(R) Xeon(R) Platinum 8488C"), CPUsLogical: ptr(4), CPUsUsable: ptr(2), CPUQuota: ptr(2.0),
			MemoryBytes: ptr(uint64(8) << 30), MemoryLimitBytes: ptr(uint64(4) << 30), NUMANodes: ptr(1),
			Virtualization: ptr("nitro"), Container: ptr("docker"), LoadAverage1: ptr(0.31), SMT: ptr(true),
		},
		Cloud: host.Cloud{Provider: ptr("aws"), InstanceType: ptr("c7i.large"), Region: ptr("us-east-1"), Market: ptr("on-demand")},
		Device: devices.Info{Backend: "cpu", ID: "cpu", Name: "Intel(R) Xeon(R) Platinum 8488C",
			MemoryBytes: ptr(uint64(4) << 30), Cores: ptr(2)},
		Engine: devices.EngineInfo{Name: "native", Version: "0.1.0", Kind: devices.Harness, Threads: ptr(2),
			Details: []devices.Detail{{Name: "kernels", Value: "avx512", Source: "cpuid"}}},
		Workload: bench.WorkloadInfo{Name: workload, Title: workload, Unit: unit, UnitsPerSample: 1, Precision: "f32", Batch: 1},
		Scenario: bench.Scenario{Name: scenario, DurationNS: 2e9, MinQueries: 8, SamplesPerQuery: 1, Batching: "static"},
		Repeats:  3, Status: bench.OK, ElapsedNS: ptr(int64(2_000_000_000)),
		Checks: &bench.Checks{Kind: "golden", Elements: 512, Error: 3.1e-6, Tolerance: 1e-4, Passed: true},
		Peak: bench.Peak{Measured: &bench.MeasuredPeak{FLOPs: ptr(182.4e9), ReadBytesPerSecond: ptr(18.3e9), Threads: 2,
			Method: "fma avx512; read avx512, 8 streams per thread"}},
		Validity: bench.Validity{Valid: true},
		Noise: bench.Noise{CPUOverWall: ptr(1.97), StealFraction: ptr(0.003), ThrottledFraction: ptr(0.0),
			LoadAverage1: ptr(0.31), InvoluntarySwitches: ptr(int64(24)), RunQueueFraction: ptr(0.004), OthersFraction: ptr(0.01)},
		DevicesPresent: 1,
	}
}

func estimate(v, half, spread float64) *bench.Estimate {
	return &bench.Estimate{Value: v, Interval: &bench.Interval{Low: v - half, High: v + half}, Spread: &spread, Runs: 3}
}

// distribution has a p99 if there are samples enough for one.
func distribution(n int64, ms50, ms90, ms99 float64) *bench.Distribution {
	q := func(p, ms float64, needs int64) bench.Quantile {
		out := bench.Quantile{P: p, Count: n, Needs: needs}
		if n >= needs {
			out.Value = ptr(ms * 1e6)
			out.Interval = &bench.Interval{Low: ms * 0.99e6, High: ms * 1.01e6}
		}
		return out
	}
	return &bench.Distribution{P50: q(0.5, ms50, 6), P90: q(0.9, ms90, 39), P99: q(0.99, ms99, 441), Max: ms99 * 1.1e6}
}

func summary(first bench.Result, e *bench.Estimate, latency *bench.Distribution) bench.Summary {
	s := bench.Summary{First: first, Status: bench.OK, Valid: 3, Throughput: e, Latency: latency}
	for i := range 3 {
		r := first
		r.Repeat = i
		r.StartedAt = first.StartedAt.Add(time.Duration(i) * time.Minute)
		r.Noise.CPUOverWall = ptr(1.97 + 0.01*float64(i))
		s.Results = append(s.Results, r)
	}
	return s
}

func c7i() price.Price {
	return price.Price{AmountUSDPerHour: 0.08925, Currency: price.Currency, Market: price.MarketOnDemand, Provider: "aws",
		InstanceType: "c7i.large", Region: "us-east-1", Date: "2026-07-20",
		Source: "aws/karpenter-provider-aws:pkg/providers/pricing/zz_generated.pricing_aws.go", AcceleratorCount: ptr(0)}
}

// priced gives every valid row of the summaries a price.
func priced(rows []bench.Summary, p price.Price) []bench.Summary {
	out := slices.Clone(rows)
	for i, s := range out {
		if s.Throughput == nil {
			continue
		}
		q := &price.Quantity{Value: s.Throughput.Value}
		if in := s.Throughput.Interval; in != nil {
			q.Interval = &price.Interval{Low: in.Low, High: in.High}
		}
		out[i].Price, out[i].Performance, out[i].Unpriced = &p, price.Of(q, s.First.Workload.Unit, p), ""
	}
	return out
}

func quick() []bench.Summary {
	copyRow := summary(result("memcopy", "MiB", bench.Offline), estimate(9123, 41, 0.009), nil)
	copyRow.Share = bench.Share{MeasuredBytes: ptr(0.931)}
	gemm := summary(result("gemm", "gemm", bench.Offline), estimate(61.23, 0.4, 0.012), nil)
	gemm.Share = bench.Share{MeasuredFLOPs: ptr(0.7209), MeasuredBytes: ptr(0.04)}
	resnet := summary(result("resnet50", "image", bench.SingleStream), estimate(8.94, 0.12, 0.021), distribution(54, 111.2, 114.9, 130))
	resnet.Share = bench.Share{MeasuredFLOPs: ptr(0.4008), MeasuredBytes: ptr(0.05)}
	bert := result("bert-base", "sequence", bench.SingleStream)
	bert.Workload.SeqLen, bert.Workload.Batch = ptr(128), 4
	bertRow := summary(bert, estimate(5.2, 0.31, 0.08), distribution(900, 761, 790, 901))
	bertRow.Share = bench.Share{MeasuredFLOPs: ptr(0.63)}
	return []bench.Summary{copyRow, gemm, resnet, bertRow}
}

func llm() []bench.Summary {
	first := result("smollm2-135m", "token", bench.SingleStream)
	first.Workload.ISL, first.Workload.OSL = ptr(128), ptr(32)
	first.Checks = &bench.Checks{Kind: "reference", Elements: 64, Error: 0, Tolerance: 1e-3, Passed: true}
	s := summary(first, estimate(29.8, 0.2, 0.011), distribution(45, 1072, 1101, 1200))
	s.TTFT, s.TPOT = distribution(45, 201, 214, 230), distribution(441, 27.9, 28.4, 31.2)
	s.Share = bench.Share{MeasuredFLOPs: ptr(0.05), MeasuredBytes: ptr(0.88)}
	deployed := first
	deployed.Engine = devices.EngineInfo{Name: "onnxruntime", Version: "1.23.0", Kind: devices.Deployed, Threads: ptr(2)}
	second := summary(deployed, estimate(41.3, 0.7, 0.02), distribution(60, 790, 801, 820))
	second.TTFT, second.TPOT = distribution(60, 161, 170, 180), distribution(600, 20.1, 20.9, 22)
	return priced([]bench.Summary{s, second}, c7i())
}

// owned are a model file, of which little is known, and a workload that another engine was the measure for.
func owned() []bench.Summary {
	file := result("detector", "image", bench.SingleStream)
	file.Workload = bench.WorkloadInfo{Name: "detector", Title: "model file detector.onnx", Unit: "image", UnitsPerSample: 8, Batch: 1,
		Parameters: ptr(int64(37060652)), Data: "inputs: image f32 [8 3 800 800] uniform in [0, 1)", Hash: "abc"}
	file.Engine = devices.EngineInfo{Name: "onnxruntime", Version: "1.30.0", Kind: devices.Deployed, Threads: ptr(2)}
	file.Checks = &bench.Checks{Kind: bench.Repeatable, Elements: 4096, Error: 0, Tolerance: 1e-3, Passed: true}
	step := result("sdxl-unet", "step", bench.Offline)
	step.Engine = file.Engine
	step.Checks = &bench.Checks{Kind: bench.CrossEngine, Elements: 64, Error: 2e-5, Tolerance: 1e-4, Passed: true}
	return []bench.Summary{summary(file, estimate(3.1, 0.1, 0.02), distribution(54, 2511, 2590, 2700)),
		summary(step, estimate(0.021, 0.001, 0.03), nil)}
}

func troubled() []bench.Summary {
	rows := priced(quick()[:1], c7i())
	invalid := summary(result("gemm", "gemm", bench.Offline), nil, nil)
	invalid.Valid, invalid.Invalid = 0, 3
	invalid.Throughput, invalid.Invalidated = nil, &bench.Estimate{Value: 41.3, Runs: 3}
	for i := range invalid.Results {
		invalid.Results[i].Validity = bench.Validity{Reasons: []string{"contended: threads waited for a CPU 31.0 % of the time (limit 5 %); stop what else runs"}}
		invalid.Results[i].Noise = bench.Noise{CPUOverWall: ptr(1.31), StealFraction: ptr(0.041), InvoluntarySwitches: ptr(int64(848)), RunQueueFraction: ptr(0.31), LoadAverage1: ptr(3.9)}
	}
	invalid.First = invalid.Results[0]
	failed := summary(result("resnet50", "image", bench.SingleStream), nil, nil)
	failed.Valid, failed.Failed, failed.Status = 0, 3, bench.Failed
	for i := range failed.Results {
		failed.Results[i].Status, failed.Results[i].Reason, failed.Results[i].Checks = bench.Failed, "the worker was killed (signal 9); it said: | out of memory\n# see dmesg", nil
		failed.Results[i].Validity = bench.Validity{Reasons: []string{failed.Results[i].Reason}}
	}
	failed.First = failed.Results[0]
	unsupported := summary(result("bert-base", "sequence", bench.Offline), nil, nil)
	unsupported.Valid, unsupported.Unsupported, unsupported.Status = 0, 1, bench.Unsupported
	unsupported.Results = unsupported.Results[:1]
	unsupported.Results[0].Status, unsupported.Results[0].Checks = bench.Unsupported, nil
	unsupported.Results[0].Reason = "unsupported: needs 5.1 GiB, 4.0 GiB available on cpu"
	unsupported.First = unsupported.Results[0]
	wrong := summary(result("resnet50", "image", bench.Offline), estimate(9.1, 0.1, 0.01), nil)
	wrong.Valid, wrong.Invalid = 2, 1
	wrong.Throughput.Runs = 2
	wrong.Results[1].Checks = &bench.Checks{Kind: "golden", Elements: 512, Error: 0.31, Tolerance: 1e-4}
	wrong.Results[1].Validity = bench.Validity{Reasons: []string{"outputs are wrong: largest scaled error 0.31 > 1e-4"}}
	wrong.Warnings = []string{"share of peak is above 1: the peak was measured too low"}
	wrong.Unpriced = "no price is known for this row"
	return append(rows, invalid, failed, unsupported, wrong)
}

func interrupted() []bench.Summary {
	rows := quick()[:2]
	rows[1].Valid, rows[1].Interrupted = 1, 1
	rows[1].Results = rows[1].Results[:2]
	rows[1].Results[1].Status, rows[1].Results[1].Reason = bench.Interrupted, "interrupted after 812ms of 2s"
	rows[1].Results[1].Validity = bench.Validity{Reasons: []string{"interrupted after 812ms of 2s"}}
	rows[1].Throughput = &bench.Estimate{Value: 61.2, Runs: 1}
	return rows
}

func unpriced(rows []bench.Summary) []bench.Summary {
	for i := range rows {
		rows[i].Unpriced = "the instance type is not known"
	}
	return rows
}

func passedOver() []bench.Summary {
	rows := unpriced(quick()[2:3])
	for i := range rows[0].Results {
		rows[0].Results[i].PassedOver = []bench.PassedOver{
			{Device: "nvml:0", Name: "NVIDIA H100 80GB HBM3", Reason: "no engine for it: engine onnxruntime: absent: no libonnxruntime.so; see accelbench setup"},
			{Device: "neuron", Reason: "Neuron device on the PCI bus, no driver loaded (install aws-neuronx-dkms)"},
		}
	}
	rows[0].First = rows[0].Results[0]
	return rows
}

func TestReportGoldens(t *testing.T) {
	goldens(t, "report/quick", New(priced(quick(), c7i()), options()))
	golden(t, "report/quick.html", HTML, New(priced(quick(), c7i()), options()))
	goldens(t, "report/troubled", New(troubled(), options()))
	doubtful := c7i()
	doubtful.Doubtful, doubtful.Date, doubtful.Note = true, "2026-01-02", "the source says so in passing"
	partial := options()
	partial.Interrupted, partial.Missing = true, []string{"resnet50 f32, single-stream", "bert-base f32, single-stream"}
	bare := options()
	bare.Command, bare.Files, bare.Warnings = "", nil, []string{"results.jsonl:17: the last line was cut off and is left out"}
	for name, d := range map[string]Document{
		"unpriced":    New(unpriced(quick()), options()),
		"llm":         New(llm(), options()),
		"own":         New(owned(), options()),
		"interrupted": New(interrupted(), partial),
		"passed-over": New(passedOver(), options()),
		"doubtful":    New(priced(quick()[2:3], doubtful), options()),
		"empty":       New(nil, options()),
		"nothing":     New(nil, bare),
	} {
		t.Run(name, func(t *testing.T) { golden(t, "report/"+name+".md", Markdown, d) })
	}
}

func TestAPassedOverDeviceIsTheVeryFirstLine(t *testing.T) {
	for _, format := range []Format{Markdown, PlainText} {
		var out bytes.Buffer
		require.NoError(t, format(&out, New(passedOver(), options())))
		first, _, _ := strings.Cut(out.String(), "\n")
		require.Contains(t, first, "NVIDIA H100 80GB HBM3 (nvml:0) was detected but not measured: no engine")
	}
}

func TestADeviceThatAnotherRowMeasuredIsNotPassedOver(t *testing.T) {
	rows := passedOver()
	gpu := quick()[2]
	gpu.First.Device = devices.Info{Backend: "nvml", ID: "nvml:0", Name: "NVIDIA H100 80GB HBM3"}
	require.Len(t, New(append(rows, gpu), options()).Alerts, 1)
}

func TestHeadlinePrefersDeployedModels(t *testing.T) {
	headline := func(rows []bench.Summary) string { return New(rows, options()).Data.(Data).Headline }
	require.Contains(t, headline(quick()), "resnet50 f32 (single-stream)")
	require.Contains(t, headline(quick()), "a harness engine: credible, but not what people deploy")
	require.Contains(t, headline(quick()[:1]), "memcopy")
	require.Contains(t, headline(llm()), "with onnxruntime 1.23.0;")
	require.Contains(t, headline(llm()), "USD per million output tokens")
	require.Equal(t, "Nothing was measured.", headline(nil))
	require.Equal(t, "No valid measurement: 1 row failed, 1 row invalid, 1 row unsupported; the reasons are among the findings.",
		headline(troubled()[1:4]))
}

func TestJSONHasNoNulls(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, JSON(&out, New(nil, Options{})))
	require.JSONEq(t, `{"schema": "accelbench.report/v1", "headline": "Nothing was measured.", "interrupted": false,
		"planned_runs": null, "rows": [], "findings": [], "warnings": []}`, out.String())
	out.Reset()
	require.NoError(t, JSON(&out, New(troubled(), options())))
	var back Data
	require.NoError(t, json.Unmarshal(out.Bytes(), &back))
	require.Len(t, back.Rows, 5)
	require.Equal(t, Finding{Kind: "invalid", Rows: []string{"resnet50 f32, offline"},
		Text: "outputs are wrong: largest scaled error 0.31 > 1e-4"}, back.Findings[2])
}

func TestSheetHasEveryFigureInFullPrecision(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, CSV(&out, New(priced(quick(), c7i()), options())))
	lines, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 5)
	at := func(row int, key string) string { return lines[row][slices.Index(lines[0], key)] }
	require.Equal(t, "9123", at(1, "throughput_per_s"))
	require.Equal(t, "2.7731170768083517", at(3, "usd_per_million_units"))
	require.Equal(t, fmt.Sprint(8.94*3600/0.08925), at(3, "units_per_dollar"))
	require.Equal(t, "111200000", at(3, "p50_ns"))
	require.Empty(t, at(3, "p99_ns"))
	require.Empty(t, at(1, "p50_ns"))
	require.Equal(t, "0.4008", at(3, "share_of_measured_flops"))
	require.Empty(t, at(3, "mfu"))
	sorted := slices.Sorted(slices.Values(lines[0]))
	require.Len(t, slices.Compact(sorted), len(lines[0]), "keys are unique")
}

// A report has to fit into a comment on GitHub, whatever it is about.
func TestMarkdownStaysBelow64KB(t *testing.T) {
	var rows []bench.Summary
	for i := range 400 {
		r := result("resnet50", "image", bench.SingleStream)
		r.Workload.Batch = i + 2
		r.Device.ID = fmt.Sprintf("cpu:%d", i)
		s := summary(r, estimate(8.94, 0.12, 0.021), distribution(54, 111.2, 114.9, 130))
		s.Invalid = 1
		bad := r
		bad.Validity = bench.Validity{Reasons: []string{fmt.Sprint(i) + strings.Repeat(" a very long reason", 500)}}
		s.Results = append(s.Results, bad)
		rows = append(rows, s)
	}
	for _, doc := range []Document{New(priced(rows, c7i()), options()), New(unpriced(rows), options())} {
		var out bytes.Buffer
		require.NoError(t, Markdown(&out, doc))
		require.LessOrEqual(t, out.Len(), budget)
		require.Contains(t, out.String(), "370 further rows: left out here to keep within 64 KB; HTML has it.")
		require.Len(t, doc.Sheet.Rows, 400)
		out.Reset()
		require.NoError(t, HTML(&out, doc))
		require.Contains(t, out.String(), "batch 401") // the last row
	}
}

func TestNothingPrintsAsNaNOrInf(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		r := result("gemm", "gemm", bench.SingleStream)
		r.Noise = bench.Noise{CPUOverWall: &bad, StealFraction: &bad, LoadAverage1: &bad, ClockChange: &bad}
		r.Peak.Measured = &bench.MeasuredPeak{FLOPs: &bad, FLOPsByPrecision: map[string]float64{"bf16": bad}, ReadBytesPerSecond: &bad,
			HostToDeviceBytesPerSecond: &bad, DeviceToHostBytesPerSecond: &bad}
		r.Checks = &bench.Checks{Error: bad, Tolerance: bad}
		s := summary(r, estimate(bad, bad, bad), distribution(900, bad, bad, bad))
		s.Share = bench.Share{MeasuredFLOPs: &bad, MeasuredBytes: &bad}
		for _, format := range []Format{Markdown, PlainText, CSV} {
			var out bytes.Buffer
			require.NoError(t, format(&out, New([]bench.Summary{s}, Options{})))
			require.NotRegexp(t, `\b(NaN|[+-]?Inf)\b`, out.String())
		}
	}
}

// The report is made of what results say, and results come from files: an empty one must do as well.
func TestZeroSummary(t *testing.T) {
	for _, format := range []Format{Markdown, PlainText, JSON, CSV} {
		require.NoError(t, format(&bytes.Buffer{}, New([]bench.Summary{{}, {Valid: 1, Throughput: &bench.Estimate{}}}, Options{})))
	}
}

// Text from results cannot add a line or a column to a table.
func TestReportTablesKeepTheirShape(t *testing.T) {
	evil := "x|y\n| a | b |\\"
	r := result(evil, evil, bench.Offline)
	r.Engine.Name, r.Device.Name, r.Device.ID, r.Host.OS, r.Cloud.InstanceType = evil, evil, evil, &evil, &evil
	s := summary(r, estimate(1, 1, 1), nil)
	var out bytes.Buffer
	require.NoError(t, Markdown(&out, New(priced([]bench.Summary{s, quick()[0]}, c7i()), options())))
	cells := 0
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := len(splitRow(strings.TrimSuffix(line, "\n")))
		require.True(t, cells == 0 || cells == n, line)
		cells = n
	}
}

// TestMachinesAreToldApart: the same device id on two machines, as people compare them.
func TestMachinesAreToldApart(t *testing.T) {
	here, there := quick()[0], quick()[0]
	there.Results = slices.Clone(there.Results)
	other := "another processor"
	there.First.Host.CPUModel = &other
	for i := range there.Results {
		there.Results[i].Host.CPUModel = &other
	}
	var out strings.Builder
	require.NoError(t, Markdown(&out, New([]bench.Summary{here, there}, Options{Now: now()})))
	for _, machine := range []string{"machine 1", "machine 2"} {
		require.Contains(t, out.String(), "Environment of "+deviceOf(here)+", "+machine)
		require.Regexp(t, `(?m)^\| \S.*`+machine+` +\|`, out.String())
	}
}

func deviceOf(s bench.Summary) string {
	if s.First.Cloud.InstanceType != nil {
		return s.First.Device.ID + " of " + *s.First.Cloud.InstanceType
	}
	return s.First.Device.ID
}
