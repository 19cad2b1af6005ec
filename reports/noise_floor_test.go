package reports

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
)

// ofItself is a comparison of gemm with itself, with a throughput and a p99 of few rounds.
func ofItself(verdict compare.Verdict) ([]ab.Floor, compare.Comparison) {
	throughput := compare.Metric{Name: compare.Throughput, Unit: "gemm/s", Better: compare.Higher, Method: compare.Mean}
	p99 := compare.Metric{Name: compare.LatencyP99, Unit: "ns", Better: compare.Lower, Method: compare.Rank}
	c := compare.Comparison{Tolerance: 0.03, Confidence: 0.95, Verdict: verdict, Gate: []string{throughput.Name, p99.Name},
		Notes: []string{"no figures: head, round 3: exit code 1"},
		Cases: []compare.Case{{Name: "gemm f32, single-stream", Verdict: verdict, Deltas: []compare.Delta{
			{Metric: throughput, Gated: true, Base: 58, Head: 57.9, Ratio: ptr(0.998), Interval: &compare.Interval{Low: 0.981, High: 1.016}, Confidence: 0.975,
				BaseRuns: 5, HeadRuns: 5, Paired: true, Verdict: verdict},
			{Metric: p99, Gated: true, Ratio: ptr(1.02), Confidence: 0.975, BaseRuns: 5, HeadRuns: 5, Paired: true, Verdict: compare.Undecided, Reason: "needs 7 rounds of both sides"},
		}}}}
	floors := []ab.Floor{
		{Case: "gemm f32, single-stream", Metric: throughput, Rounds: 5, Within: ptr(0.0096), Between: ptr(0.021), Gain: ptr(5.8), Visible: []ab.Visible{
			{Rounds: 5, Change: ptr(0.0654), Needs: 2}, {Rounds: 10, Change: ptr(0.0471), Needs: 2}}},
		{Case: "gemm f32, single-stream", Metric: p99, Rounds: 5, Within: ptr(0.0), Between: nil, Visible: []ab.Visible{
			{Rounds: 5, Needs: 7}, {Rounds: 10, Change: ptr(0.081), Needs: 7}}},
	}
	return floors, c
}

func TestNoiseFloorGoldens(t *testing.T) {
	floors, c := ofItself(compare.Unchanged)
	d := NoiseFloor(floors, c, "accelbench selftest compare --rounds 5")
	goldens(t, "noisefloor/some", d)
	lineGoldens(t, "noisefloor/some", d)
}

func TestNoiseFloorSaysWhatAFalseAlarmMeans(t *testing.T) {
	for verdict, want := range map[compare.Verdict]string{
		compare.Unchanged: "unchanged, as it should be",
		compare.Undecided: "no false alarm",
		compare.Regressed: "a false alarm. By chance that happens in at most 5 % of such tests",
		compare.Improved:  "of the harmless kind",
	} {
		floors, c := ofItself(verdict)
		d := NoiseFloor(floors, c, "")
		require.Contains(t, d.Blocks[0].(Paragraph).Text, want)
		require.Equal(t, verdict == compare.Regressed, d.Blocks[0].(Paragraph).Strong)
	}
}

func TestNoiseFloorOfNothing(t *testing.T) {
	d := NoiseFloor(nil, compare.Comparison{Tolerance: 0.03, Confidence: 0.95, Verdict: compare.Undecided, Problems: []compare.Problem{{Text: "no run gave figures"}}}, "")
	require.Equal(t, "Noise floor: not known, too few rounds have figures", d.Title)
	require.Equal(t, "Nothing could be compared.", d.Blocks[0].(Paragraph).Text)
	goldens(t, "noisefloor/nothing", d)
}
