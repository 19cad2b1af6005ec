package bench_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

func ptr[T any](x T) *T { return &x }

func latencies(t require.TestingT, values ...int64) *bench.Latency {
	h := stat.NewHistogram()
	for _, v := range values {
		h.Record(v)
	}
	text, err := h.Encode()
	require.NoError(t, err)
	return &bench.Latency{Histogram: text, Count: h.Count(), MinNS: h.Min(), MaxNS: h.Max()}
}

// minimal is a failed run of which nothing is known but what it was.
func minimal() bench.Result {
	return bench.Result{
		Schema: bench.Schema, ID: "r0", Status: bench.Failed, Reason: "out of memory",
		StartedAt: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC),
		Device:    devices.Info{ID: "cpu", Backend: "cpu"},
		Workload:  bench.WorkloadInfo{Name: "gemm"},
		Scenario:  bench.Scenario{Name: bench.Offline},
	}
}

// full is a valid run with every field set: 200 units in 2 s.
func full(t require.TestingT, n int) bench.Result {
	return bench.Result{
		Schema: bench.Schema, ID: fmt.Sprintf("r%d", n), Session: "s1",
		StartedAt: time.Date(2026, 11, 1, 12, n, 0, 0, time.UTC),
		Tool:      bench.Tool{Version: "v1", Commit: "abc", Dirty: ptr(false)}, Command: "accelbench run",
		Host: host.Host{OS: ptr("Linux"), Kernel: ptr("6.1"), Arch: ptr("amd64"), CPUModel: ptr("EPYC"), CPUsLogical: ptr(8),
			CPUsUsable: ptr(4), CPUQuota: ptr(2.5), MemoryBytes: ptr(uint64(1 << 34)), MemoryLimitBytes: ptr(uint64(1 << 33)),
			NUMANodes: ptr(1), Virtualization: ptr("kvm"), Container: ptr("docker"), LoadAverage1: ptr(0.1),
			Governor: ptr("performance"), Turbo: ptr(true), SMT: ptr(true), Microcode: ptr("0x1")},
		Cloud: host.Cloud{Provider: ptr("aws"), InstanceType: ptr("g6.xlarge"), Region: ptr("us-east-1"),
			AvailabilityZone: ptr("us-east-1a"), Market: ptr("on-demand"), Sources: map[string]string{"provider": "dmi"}},
		Device: devices.Info{Backend: "nvml", ID: "nvml:0", Members: []string{"nvml:0"}, Name: "L4", UUID: "GPU-1", Driver: "550", MemoryBytes: ptr(uint64(24 << 30)),
			Cores: ptr(58), Hidden: "no", EnergyScope: "whole GPU", Unmetered: "shared", Unwatched: "not installed", Peak: &devices.SpecPeak{Flops: map[string]float64{"f32": 30e12}, BytesPerSecond: ptr(300e9),
				TDPWatts: ptr(72.0), Source: "data sheet", Unverified: true},
			Details: []devices.Detail{{Name: "mig", Value: false, Unit: "-", Source: "nvml"}, {Name: "tdp", Value: 72.5, Unit: "W"}}},
		Engine: devices.EngineInfo{Name: "onnxruntime", Version: "1.23", Kind: devices.Deployed, Threads: ptr(4), Spans: true, Products: "f32",
			Details: []devices.Detail{{Name: "provider", Value: "CUDA", Unit: "-", Source: "engine"}}},
		Workload: bench.WorkloadInfo{Name: "llm", Title: "LLM", Unit: "token", UnitsPerSample: 4, Precision: "f32", Batch: 2,
			SeqLen: ptr(384), ISL: ptr(128), OSL: ptr(4), Parameters: ptr(int64(100)), FLOPsPerUnit: ptr(1e9), BytesPerUnit: ptr(1e8),
			MemoryBytes: ptr(int64(1000)), Data: "random", Hash: "h"},
		Scenario: bench.Scenario{Name: bench.SingleStream, DurationNS: 2e9, MinQueries: 1, SamplesPerQuery: 1, WarmupNS: ptr(int64(1e8)),
			WarmupQueries: ptr(2), Seed: 1, Batching: "dynamic", MaxWaitNS: ptr(int64(1e6)), Replicas: 2, Concurrency: ptr(4),
			Arrival:        &bench.Arrival{Process: "gamma", Shape: ptr(0.5), RatePerSecond: 25, RateEndPerSecond: ptr(50.0), Seed: 3, Wait: bench.WaitSpin},
			TargetInterval: ptr(0.9), MaxDurationNS: ptr(int64(2e10)), Preset: "mlperf",
			Probe: &bench.Probe{Search: "s", Step: 2, Role: bench.RoleBisect, Confirm: 3, Least: 0.5, Most: 900}},
		Limits:    []bench.LimitCount{{Limit: bench.Limit{Metric: load.TTFT, Percentile: 0.99, Bound: time.Second}, Over: ptr(int64(1))}},
		Generator: &bench.Generator{Lateness: latencies(t, 900, 1000), ScheduledNS: 19e8, IssuedNS: 19e8 + 1000, Hash: "0123", AwakeNS: 1e7},
		Lanes:     []bench.Lane{{Samples: 50, Batches: 25, BusyNS: 15e8}},
		Group:     &bench.Group{ID: "g", Size: 1, Index: 0},
		Trial:     &bench.Trial{ID: "t", Side: bench.SideBase, Pair: 1, Round: 1, Place: 1},
		Repeat:    n, Repeats: 3, Asked: true, Status: bench.OK,
		Counts:    bench.Counts{Queries: 50, Samples: 50, Units: 200, MostInFlight: 1},
		ElapsedNS: ptr(int64(2e9)),
		Setup:     &bench.Setup{SynthesisNS: 1, CompileNS: 2, LoadNS: 3, FirstQueryNS: 4},
		Latency:   latencies(t, 1e6, 2e6, 3e6),
		Buckets:   &bench.Buckets{WidthNS: 1e7, Units: []int64{100, 100}},
		Phases:    &bench.Phases{TTFT: latencies(t, 1000), TPOT: latencies(t, 2000, 3000), PrefillNS: ptr(int64(5e8)), DecodeNS: ptr(int64(1e9))},
		IdleWatts: ptr(20.0), SystemWatts: ptr(300.0),
		Readings: []devices.Reading{{Time: time.Date(2026, 11, 1, 12, 0, 1, 0, time.UTC), Phase: "decode", PowerWatts: ptr(60.0),
			PowerSource: "nvml_power", EnergyJoules: ptr(5.0), EnergySource: "nvml_energy_counter", Ticked: true,
			PowerIntegralJoules: ptr(4.0), DRAMEnergyJoules: ptr(1.0), PowerAverageWatts: ptr(59.0), PowerLimitWatts: ptr(72.0),
			PowerPercent: ptr(80.0), MemoryTemperatureC: ptr(50.0), MemoryUtilizationPercent: ptr(30.0), CoresActivePercent: ptr(90.0),
			TensorActivePercent: ptr(20.0), MemoryBandwidthPercent: ptr(70.0), ThrottledSeconds: map[string]float64{"power-cap": 1.5},
			PCIeGeneration: ptr(4), PCIeWidth: ptr(16), PCIeSentBytes: ptr(uint64(1)), PCIeReceivedBytes: ptr(uint64(2)),
			NVLinkSentBytes: ptr(uint64(3)), NVLinkReceivedBytes: ptr(uint64(4)), ECCUncorrected: ptr(uint64(0)), RemapPending: ptr(false),
			Faults: []string{"Xid 79"}, ExecutionErrors: ptr(uint64(0)), DeviceLatency: &devices.DeviceLatency{P50Seconds: 0.1, P99Seconds: 0.2},
			TemperatureC: ptr(40.0), UtilizationPercent: ptr(99.0), ClockMHz: ptr(2000.0), MemoryClockMHz: ptr(6000.0),
			MemoryUsedBytes: ptr(uint64(5)), Processes: ptr(1), Throttle: []string{"power"}, CPUStealSeconds: ptr(0.1), CPUThrottledSeconds: ptr(0.2)}},
		Checks: &bench.Checks{Kind: "golden", Elements: 64, Error: 1e-6, Tolerance: 1e-4, Passed: true},
		Peak: bench.Peak{Measured: &bench.MeasuredPeak{FLOPs: ptr(1e12), FLOPsByPrecision: map[string]float64{"int8": 4e12}, ReadBytesPerSecond: ptr(1e11),
			HostToDeviceBytesPerSecond: ptr(2e10), DeviceToHostBytesPerSecond: ptr(1.5e10), LaunchNS: ptr(int64(9000)), Threads: 8, Method: "fma", CPUOverWall: ptr(0.99)},
			Spec: &devices.SpecPeak{Flops: map[string]float64{"f32": 2e12}, BytesPerSecond: ptr(2e11), TDPWatts: ptr(65.0), Source: "data sheet"}},
		Validity: bench.Validity{Valid: true, Reasons: []string{"none"}},
		Noise: bench.Noise{CPUOverWall: ptr(3.9), StealFraction: ptr(0.0), ThrottledFraction: ptr(0.0), LoadAverage1: ptr(1.0),
			ClockChange: ptr(0.01), InvoluntarySwitches: ptr(int64(5)), RunQueueFraction: ptr(0.01), OthersFraction: ptr(0.02), ForeignProcesses: ptr(0)},
		Price: &price.Price{AmountUSDPerHour: 2, Currency: "USD", Market: price.MarketOnDemand, Provider: "aws", InstanceType: "g6.xlarge",
			Region: "us-east-1", Date: "2026-10-20", Source: "list", Note: "n", AcceleratorCount: ptr(1)},
		Charge: price.ChargeUsed, Unpriced: "not asked",
		PassedOver:     []bench.PassedOver{{Device: "cpu", Name: "EPYC", Reason: "slower"}},
		DevicesPresent: 1,
	}
}

func TestSamplesAreAppendable(t *testing.T) {
	f, err := bench.OpenFile(t.TempDir() + "/r.jsonl")
	require.NoError(t, err)
	require.NoError(t, f.Append(minimal()))
	require.NoError(t, f.Append(full(t, 0)))
	require.NoError(t, f.Close())
}
