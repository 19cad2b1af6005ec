package bench_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/hf/hftest"
	"github.com/accelbench/accelbench/workloads/own"
)

// emptyModel is a ModelProto with an empty graph: IR version 8, field 7 of no bytes.
const emptyModel = "\x08\x08\x3a\x00"

func TestFindWorkload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.onnx")
	require.NoError(t, os.WriteFile(file, []byte(emptyModel), 0o644))
	folder := filepath.Join(t.TempDir(), "weights")
	require.NoError(t, os.Mkdir(folder, 0o755))
	config, tensors := hftest.Llama(t, "F32")
	hftest.Write(t, folder, config, tensors, 1)

	for name, p := range map[string]bench.Plan{
		"gemm":    {Workload: "gemm", Options: workloads.Options{Batch: 2}},
		"mine":    {Workload: "gemm", Own: &bench.Own{File: &own.File{Path: file, Unit: "image", Units: 2}}},
		"weights": {Own: &bench.Own{Weights: folder}, Options: workloads.Options{ISL: 3, OSL: 2, Batch: 2}},
	} {
		// As a worker gets it.
		text, err := json.Marshal(p)
		require.NoError(t, err)
		var got bench.Plan
		require.NoError(t, json.Unmarshal(text, &got))
		w, err := bench.FindWorkload(got)
		require.NoError(t, err, name)
		require.Equal(t, name, w.Name)
		switch name {
		case "mine":
			require.Equal(t, file, w.File.Path)
			require.Equal(t, "image", w.Unit)
			require.Equal(t, 2, w.UnitsPerSample)
		case "weights":
			require.Len(t, w.WeightsDigest, 64)
			require.Equal(t, workloads.Options{Precision: "f32", Batch: 2, ISL: 3, OSL: 2}, w.Options)
		default:
			require.Equal(t, 2, w.Options.Batch)
		}
	}

	_, err := bench.FindWorkload(bench.Plan{Workload: "nonesuch"})
	require.ErrorAs(t, err, new(*workloads.UnknownError))
	_, err = bench.FindWorkload(bench.Plan{Workload: "gemm", Own: &bench.Own{File: &own.File{Path: file + "x"}}})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = bench.FindWorkload(bench.Plan{Own: &bench.Own{Weights: t.TempDir()}})
	require.ErrorIs(t, err, workloads.ErrFolderFormat)
	_, err = bench.FindWorkload(bench.Plan{Own: &bench.Own{Weights: folder}, Options: workloads.Options{Precision: workloads.Int8}})
	require.ErrorIs(t, err, workloads.ErrPrecision)
}
