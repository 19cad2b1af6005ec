package reports

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/workloads"
)

func found() []Found {
	return []Found{
		{Backend: "nvml", Devices: []devices.Info{{
			Backend: "nvml", ID: "nvml:0", Name: "NVIDIA H100 80GB HBM3", UUID: "GPU-00000000-1111-2222-3333-444444444444", Driver: "570.86.15",
			MemoryBytes: ptr(uint64(80) << 30), Cores: ptr(132),
			Peak: &devices.SpecPeak{Flops: map[string]float64{"bf16": 989.4e12, "f32": 66.9e12}, BytesPerSecond: ptr(3.35e12), TDPWatts: ptr(700.0), Source: "data sheet", Unverified: true},
			Details: []devices.Detail{
				{Name: "cuda_version", Value: "12.8", Source: "nvml"}, {Name: "power_limit", Value: 700.0, Unit: "W", Source: "nvml"},
				{Name: "mig", Value: false, Source: "nvml"}, {Name: "ecc_errors", Value: nil, Source: "nvml"},
				{Name: "l2", Value: uint64(50 << 20), Unit: "B", Source: "nvml"},
			},
		}, {Backend: "nvml", ID: "nvml:1", Name: "NVIDIA H100 80GB HBM3", UUID: "GPU-00000000-1111-2222-3333-555555555555", Driver: "570.86.15",
			MemoryBytes: ptr(uint64(80) << 30), Cores: ptr(132), Hidden: "hidden by CUDA_VISIBLE_DEVICES=0"},
		}, Engines: map[string][]string{"nvml:0": {"native: unsupported: it computes on the cpu only"}, "nvml:1": {"onnxruntime 1.23"}}},
		{Backend: "neuron", Absent: "no Neuron device on the PCI bus", Problems: []devices.Problem{{Text: "neuron-ls failed", Remedy: "reinstall aws-neuronx-tools"}}},
		{Backend: "cpu", Devices: []devices.Info{{Backend: "cpu", ID: "cpu", Name: "Intel(R) Xeon(R) Platinum 8488C", Cores: ptr(2)}},
			Engines: map[string][]string{"cpu": {"native 0.1.0"}}},
	}
}

func TestDevicesGoldens(t *testing.T) {
	r := result("gemm", "gemm", bench.Offline)
	goldens(t, "devices/two", Devices(found(), r.Host, r.Cloud, []devices.Problem{{Text: "the metadata service did not answer within 1s", Remedy: "use --region"}}))
	golden(t, "devices/none.md", Markdown, Devices([]Found{{Backend: "cpu", Absent: "no /proc"}}, host.Host{}, host.Cloud{}, nil))
}

func TestWorkloadsGoldens(t *testing.T) {
	var ws []*workloads.Workload
	for _, name := range workloads.Names() {
		w, err := workloads.Find(name, workloads.Options{})
		require.NoError(t, err)
		ws = append(ws, w)
	}
	goldens(t, "workloads/all", Workloads(ws))
}

func entries() []price.Entry {
	return []price.Entry{
		{Provider: "aws", InstanceType: "c7i.large", Region: "us-east-1", AcceleratorCount: ptr(0), VCPU: ptr(2), MemoryGiB: ptr(4.0),
			Market: price.MarketOnDemand, USDPerHour: ptr(0.08925), Source: "a list", Date: "2026-07-20"},
		{Provider: "aws", InstanceType: "p5.48xlarge", Region: "us-east-1", Accelerator: "H100", AcceleratorCount: ptr(8), VCPU: ptr(192),
			MemoryGiB: ptr(2048.0), Market: price.MarketOnDemand, USDPerHour: ptr(55.04), Source: "a list", Date: "2026-01-20", Doubtful: true, Note: "seen once"},
		{Provider: "aws", InstanceType: "g6f.large", Region: "us-east-1", Accelerator: "L4", Market: price.MarketSpot,
			USDPerHour: ptr(0.1), Source: "a list", Date: "2026 (undated)"},
		{Provider: "nebius", InstanceType: "gpu-h100", Region: "all", Accelerator: "H100", AcceleratorCount: ptr(1),
			Market: price.MarketReserved, Source: "a page", Date: "2026-07-01", Note: "on request"},
	}
}

func TestPricesGoldens(t *testing.T) {
	goldens(t, "prices/list", Prices(entries(), now()))
	goldens(t, "prices/show", Price("p5.48xlarge", entries()[1:2], now()))
	golden(t, "prices/none.md", Markdown, Price("x9.huge", nil, now()))
	golden(t, "prices/empty.md", Markdown, Prices(nil, now()))
}

func TestEmbeddedCatalogueInAllFormats(t *testing.T) {
	c, err := price.Embedded()
	require.NoError(t, err)
	for _, format := range []Format{Markdown, PlainText, JSON, CSV} {
		require.NoError(t, format(&bytes.Buffer{}, Prices(c.Rows(), now())))
	}
}

func plans() []PlanRow {
	return []PlanRow{
		{Device: "cpu", Engine: "native", Workload: "gemm", Options: workloads.Options{Precision: "f32", Batch: 1}, Scenario: "offline", Repeats: 3,
			Duration: 2 * time.Second, Estimated: ptr(7 * time.Second), MemoryBytes: ptr(int64(12 << 20)), FLOPsPerQuery: ptr(2147483648.0)},
		{Device: "cpu", Engine: "native", Workload: "bert-base", Options: workloads.Options{Precision: "f32", Batch: 1, SeqLen: 384}, Scenario: "single-stream",
			Repeats: 3, Duration: 10 * time.Second, MemoryBytes: ptr(int64(600 << 20))},
		{Device: "cpu", Engine: "native", Workload: "resnet50", Options: workloads.Options{Precision: "bf16", Batch: 1}, Scenario: "offline", Repeats: 3,
			Duration: 10 * time.Second, Unsupported: "precision bf16 is not available"},
	}
}

// loadPlans are a peak search, two devices at once, and one that cannot run.
func loadPlans() []PlanRow {
	base := PlanRow{Device: "nvml:0", Engine: "onnxruntime", Workload: "resnet50", Options: workloads.Options{Precision: "f32", Batch: 8},
		Scenario: "server", Repeats: 3, Duration: 10 * time.Second, Estimated: ptr(150 * time.Second)}
	search, pair, unable := base, base, base
	search.Settings, search.FindPeak = "server, poisson, dynamic batching, max wait 5 ms", true
	pair.Settings, pair.Devices, pair.Replicas = "server, poisson 20/s, 2 replicas, dynamic batching", []string{"nvml:0", "nvml:1"}, 2
	unable.Settings, unable.Unsupported = "server, poisson 20/s, 64 replicas", "needs 90.0 GiB, 80.0 GiB available on nvml:0"
	return []PlanRow{search, pair, unable}
}

func TestPlansGoldens(t *testing.T) {
	goldens(t, "plans/mixed", Plans(plans()))
	golden(t, "plans/none.md", Markdown, Plans(plans()[2:]))
	golden(t, "plans/empty.md", Markdown, Plans(nil))
	goldens(t, "plans/loads", Plans(loadPlans()))
	for want, rows := range map[string][]PlanRow{
		"1 plan, about 7 s.": plans()[:1], "1 plan, of unknown duration.": plans()[1:],
		"2 plans, at least about 7 s: the time of 1 is not known.": plans(),
	} {
		require.Equal(t, Paragraph{Text: want, Strong: true}, Plans(rows).Blocks[0])
	}
}
