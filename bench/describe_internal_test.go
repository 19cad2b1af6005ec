package bench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// TestAnEngineIsNotItsOwnMeasure: where native made the golden values, they check others and not native.
func TestAnEngineIsNotItsOwnMeasure(t *testing.T) {
	w, err := workloads.Find("sdxl-unet", workloads.Options{})
	require.NoError(t, err)
	s := &sequence{Runner: &Runner{}, golden: map[string]golden{}}
	for engine, checked := range map[string]bool{"native": false, "onnxruntime": true} {
		p := &planned{Plan: Plan{Engine: engine}, workload: w}
		g, err := s.resolve(t.Context(), p, Target{Candidate: Candidate{Info: devices.Info{Backend: "cpu"}}}, 0)
		require.NoError(t, err)
		require.Equal(t, checked, g.values != nil, engine)
		require.Equal(t, checked, g.none == "", g.none)
	}
	var f Forecast
	f.references(w, EngineOn("native", "cpu"))
	require.True(t, f.Unchecked)
	f = Forecast{}
	f.references(w, EngineOn("onnxruntime", "cpu"))
	require.False(t, f.Unchecked)
}

// TestNothingIsComputedInVain: reference values that no call of the run could be held to are not computed, and a dry run
// says that the run will be invalid.
func TestNothingIsComputedInVain(t *testing.T) {
	w, err := workloads.Find("llama3.1-8b", workloads.Options{ISL: 200, OSL: 2})
	require.NoError(t, err)
	s := &sequence{Runner: &Runner{}, golden: map[string]golden{}}
	g, err := s.resolve(t.Context(), &planned{Plan: Plan{Engine: "native"}, workload: w}, Target{}, 0)
	require.NoError(t, err)
	require.Contains(t, g.none, "no call of prefill, decode ends at a position")
	var f Forecast
	f.references(w, "")
	require.True(t, f.Unchecked)
	require.Zero(t, f.ReferenceFLOPs)
}

// TestWhatMakesATask: files, inputs, units and weights tell tasks apart that are called alike.
func TestWhatMakesATask(t *testing.T) {
	file := func(change func(*workloads.Workload)) string {
		w := &workloads.Workload{Name: "m", File: &workloads.ModelFile{SHA256: "a"}, Data: "uniform", Unit: "image", UnitsPerSample: 1,
			Phases: []workloads.Phase{{Graph: &workloads.Graph{}}}}
		change(w)
		return Describe(w).Hash
	}
	seen := map[string]bool{}
	for _, change := range []func(*workloads.Workload){
		func(*workloads.Workload) {},
		func(w *workloads.Workload) { w.File.SHA256 = "b" },
		func(w *workloads.Workload) { w.Data = "given" },
		func(w *workloads.Workload) { w.Unit = "box" },
		func(w *workloads.Workload) { w.UnitsPerSample = 8 },
	} {
		seen[file(change)] = true
	}
	require.Len(t, seen, 5)
	require.Nil(t, Describe(&workloads.Workload{File: &workloads.ModelFile{Format: workloads.NEFF}}).Parameters, "the file does not tell")

	w, err := workloads.Find("gemm", workloads.Options{})
	require.NoError(t, err)
	plain := Describe(w).Hash
	w.WeightsDigest = "a folder"
	require.NotEqual(t, plain, Describe(w).Hash)
}
