package onnxruntime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/accelbench/accelbench/workloads/onnx"
)

// page is a multiple of the page size of every system: weights start at multiples of it, so that they can be mapped.
const page = 64 << 10

// weights are the constants of a workload's models, in a file of a private folder. The library maps them from there, and lets
// go of each once it has a packed copy: weights that are handed over in memory stay beside their copies for as long as the
// session lives (BERT-base then peaks at 2.1 times the size of its weights, with the file at 1.1). Runs are as fast either way.
// What is not packed, such as an embedding, is read from the mapped file, as it is where people deploy models from files.
type weights struct {
	folder string
	at     map[string]int64 // by name; models share weights of one name
}

// dataFile is the file's name in the folder.
const dataFile = "weights"

// generate makes the weights of all models on all CPUs.
func generate(ctx context.Context, models []*onnx.Model) (*weights, error) {
	folder, err := os.MkdirTemp("", "accelbench-onnxruntime-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the weights: %w", err)
	}
	ws := &weights{folder: folder, at: map[string]int64{}}
	if err := ws.write(ctx, models); err != nil {
		return nil, errors.Join(err, ws.remove())
	}
	// The buffers of the generation are garbage now; a run that reports its memory must not carry it.
	debug.FreeOSMemory()
	return ws, nil
}

func (ws *weights) write(ctx context.Context, models []*onnx.Model) error {
	var list []onnx.Weight
	var total int64
	for _, m := range models {
		for _, w := range m.Weights {
			if _, have := ws.at[w.Name]; !have {
				ws.at[w.Name] = total
				total += (w.Bytes + page - 1) / page * page
				list = append(list, w)
			}
		}
	}
	// The largest first, so that none of them ends alone.
	slices.SortStableFunc(list, func(a, b onnx.Weight) int { return cmp.Compare(b.Bytes, a.Bytes) })
	file, err := os.OpenFile(filepath.Join(ws.folder, dataFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("making the weights' file: %w", err)
	}
	var next atomic.Int64
	workers := make([]error, min(len(list), runtime.GOMAXPROCS(0)))
	var wait sync.WaitGroup
	for i := range workers {
		wait.Go(func() {
			var buffer []byte
			for k := next.Add(1) - 1; k < int64(len(list)) && workers[i] == nil; k = next.Add(1) - 1 {
				buffer, workers[i] = ws.one(ctx, file, list[k], buffer)
			}
		})
	}
	wait.Wait()
	if err := cmp.Or(append(workers, file.Close())...); err != nil {
		return fmt.Errorf("generating weights of %d MiB in %s (TMPDIR chooses another folder): %w", total>>20, filepath.Dir(ws.folder), err)
	}
	return nil
}

// one writes one weight, by way of a buffer that grows if it is too small.
func (ws *weights) one(ctx context.Context, file *os.File, w onnx.Weight, buffer []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if int64(len(buffer)) < w.Bytes {
		buffer = make([]byte, w.Bytes)
	}
	if err := w.Fill(buffer[:w.Bytes]); err != nil {
		return nil, err
	}
	_, err := file.WriteAt(buffer[:w.Bytes], ws.at[w.Name])
	return buffer, err
}

// model puts a model into the folder and gives its path.
func (ws *weights) model(m *onnx.Model) (string, error) {
	path := filepath.Join(ws.folder, fmt.Sprintf("phase-%d.onnx", m.Phases[0]))
	if err := os.WriteFile(path, m.Beside(dataFile, ws.at), 0o600); err != nil {
		return "", fmt.Errorf("writing the model %s: %w", m.Name, err)
	}
	return path, nil
}

// remove deletes the folder. What a session has mapped stays until it is closed, where the system allows to delete such files
// at all: elsewhere it fails, and does not when it is called again after that.
func (ws *weights) remove() error { return os.RemoveAll(ws.folder) }
