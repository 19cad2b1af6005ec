package workloads_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// TestEmbeddedRanges: every float value of the int8 graph has its range, at every batch; a ReLU's starts at or above 0, and
// the golden outputs lie within that of the last.
func TestEmbeddedRanges(t *testing.T) {
	for _, batch := range []int{1, 5} {
		w := find(t, "resnet50", workloads.Options{Precision: workloads.Int8, Batch: batch})
		ranges, ok := w.Ranges()
		require.True(t, ok, "no ranges; run: go run ./cmd/golden resnet50:int8")
		g := w.Phases[0].Graph
		require.Len(t, ranges, 1+len(g.Nodes))
		require.InDelta(t, -1, ranges["image"].Low, 1e-3)
		require.InDelta(t, 1, ranges["image"].High, 1e-3)
		for _, n := range g.Nodes {
			r, ok := ranges[n.Out.Name]
			require.True(t, ok, n.Out.Name)
			require.Less(t, r.Low, r.High)
			if n.Op == workloads.OpRelu {
				require.GreaterOrEqual(t, r.Low, 0.0)
			}
		}
		golden, ok := w.Golden()
		require.True(t, ok)
		logits := ranges[g.Outputs[0].Name]
		for _, row := range golden.Rows {
			for _, v := range row.Values {
				require.True(t, v >= logits.Low-1e-6 && v <= logits.High+1e-6)
			}
		}
	}
	_, ok := find(t, "resnet50", workloads.Options{}).Ranges()
	require.False(t, ok, "those of f32 are others")
	_, ok = find(t, "gemm", workloads.Options{}).Ranges()
	require.False(t, ok)
}

func TestCalibrationRoundTrip(t *testing.T) {
	dir := t.TempDir()
	c := &workloads.Calibration{Workload: "w", Key: "k", Ranges: []workloads.ValueRange{{Name: "b", Low: -1, High: 2}, {Name: "a"}}}
	require.NoError(t, c.Write(dir))
	text, err := os.ReadFile(filepath.Join(dir, "w.json"))
	require.NoError(t, err)
	back, err := workloads.ReadCalibration(text)
	require.NoError(t, err)
	require.Equal(t, c, back)
	require.ErrorContains(t, c.Write(filepath.Join(dir, "missing")), "writing ranges of w")
	c.Ranges[0].High = math.Inf(1)
	require.Error(t, c.Write(dir))
	c.Ranges[0] = c.Ranges[1]
	require.ErrorIs(t, c.Write(dir), workloads.ErrCalibration)
}

func TestReadCalibrationErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{``, "EOF"},
		{`[]`, "cannot unmarshal"},
		{`{"other":1}`, "unknown field"},
		{`{"workload":"w","key":"k","ranges":[]}`, "reading ranges of w: no record of activation ranges: there are none"},
		{`{"ranges":[{"low":1,"high":2}]}`, `range 0 is of "", no name or again`},
		{`{"ranges":[{"name":"a","low":1,"high":2},{"name":"a","low":1,"high":2}]}`, `range 1 is of "a", no name or again`},
		{`{"ranges":[{"name":"a","low":2,"high":1}]}`, "a reaches from 2 to 1"},
		{`{"ranges":[{"name":"a","low":1e999,"high":1}]}`, "cannot unmarshal number"},
		{`{"ranges":[{"name":"a","low":1,"high":2}]} 7`, "text after the record"},
		{`{"ranges":[{"name":"a","low":1,"high":2}]}}`, "text after the record"},
	}
	for _, test := range tests {
		_, err := workloads.ReadCalibration([]byte(test.text))
		require.ErrorIs(t, err, workloads.ErrCalibration)
		require.ErrorContains(t, err, test.want)
	}
}

// FuzzReadCalibration: whatever the bytes, an error or a record that can be written and read again.
func FuzzReadCalibration(f *testing.F) {
	text, err := os.ReadFile("ranges/resnet50.json")
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"workload":"w","key":"k","ranges":[{"name":"a","low":-1e308,"high":1.7976931348623157e308}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := workloads.ReadCalibration(text)
		if err != nil {
			require.ErrorIs(t, err, workloads.ErrCalibration)
			return
		}
		c.Workload = "w"
		dir := t.TempDir()
		require.NoError(t, c.Write(dir))
		text, err = os.ReadFile(filepath.Join(dir, c.File()))
		require.NoError(t, err)
		again, err := workloads.ReadCalibration(text)
		require.NoError(t, err)
		require.Len(t, again.Ranges, len(c.Ranges))
	})
}
