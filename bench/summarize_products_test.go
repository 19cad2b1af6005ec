package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

// TestShareIsOfThePrecisionOfProducts has quantised weights whose products are in bf16: the peak of int8 says nothing of them.
func TestShareIsOfThePrecisionOfProducts(t *testing.T) {
	r := run(t, 0, 200, 2e9) // 100 units/s of 1e9 FLOP
	r.Workload.Precision, r.Engine.Products = "int8", "bf16"
	r.Peak.Spec.Flops = map[string]float64{"int8": 8e12, "bf16": 4e12}
	r.Peak.Measured.FLOPsByPrecision = map[string]float64{"int8": 4e12, "bf16": 2e12}
	s := single(t, []bench.Result{r}, bench.SummarizeOptions{})
	require.InDelta(t, 0.025, *s.Share.MFU, 1e-12)
	require.InDelta(t, 0.05, *s.Share.MeasuredFLOPs, 1e-12)

	r.Engine.Products = ""
	s = single(t, []bench.Result{r}, bench.SummarizeOptions{})
	require.InDelta(t, 0.0125, *s.Share.MFU, 1e-12, "an engine that says nothing computes in the workload's precision")
	require.InDelta(t, 0.025, *s.Share.MeasuredFLOPs, 1e-12)

	r.Engine.Products = "fp8"
	s = single(t, []bench.Result{r}, bench.SummarizeOptions{})
	require.Nil(t, s.Share.MFU, "no peak, no share")
	require.Nil(t, s.Share.MeasuredFLOPs)
}
