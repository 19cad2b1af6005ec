package reports

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
)

// TestMeasuredPeakOfAnAccelerator shows what was measured and nothing of a CPU.
func TestMeasuredPeakOfAnAccelerator(t *testing.T) {
	launch := int64(11200)
	r := bench.Result{Peak: bench.Peak{Measured: &bench.MeasuredPeak{FLOPsByPrecision: map[string]float64{"f32": 51e12, "bf16": 790e12},
		ReadBytesPerSecond: ptr(3.01e12), HostToDeviceBytesPerSecond: ptr(12.5e9), LaunchNS: &launch, Method: "programs"}}}
	require.Equal(t, "790 TFLOP/s in bf16, 51.0 TFLOP/s in f32, 3.01 TB/s read and written, 12.5 GB/s to the device, launch 11.2 µs (programs)", peakText(r))
	r.Peak.Measured = &bench.MeasuredPeak{FLOPs: ptr(2e11), ReadBytesPerSecond: ptr(3e10), Threads: 2}
	require.Equal(t, "200 GFLOP/s in f32, 30.0 GB/s read, 2 threads", peakText(r))
}

// Quantised weights whose products are of another type have that type's peak, as in MFU; those of integers are no floating-point
// operations.
func TestSpecifiedPeakIsOfTheProducts(t *testing.T) {
	r := bench.Result{Workload: bench.WorkloadInfo{Precision: "int8"},
		Peak: bench.Peak{Spec: &devices.SpecPeak{Flops: map[string]float64{"int8": 1979e12, "bf16": 989.5e12}, Source: "sheet"}}}
	require.Equal(t, "1.98 POP/s dense in int8 (sheet)", specText(r))
	r.Engine.Products = "bf16"
	require.Equal(t, "990 TFLOP/s dense in bf16 (sheet)", specText(r))
}
