// Package own makes workloads of the user's own model files: ONNX, or NEFF for AWS Neuron chips.
//
// The flow: [Load] reads what the file says about its inputs (workloads/onnx/onnxfile, workloads/neff), joins it with what the
// user says about them, and gives a workload whose one phase has inputs and outputs and no nodes: an engine runs the file itself.
//
// The room's one rule: nothing of the file is executed here, and whatever its bytes are, the outcome is a workload or an
// error.
package own

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
)

// File is a model file and what is to be known about running it.
type File struct {
	Path string `json:"path"`
	// Name is what results call it; if empty, what [Name] makes of the path.
	Name string `json:"name,omitempty"`
	// SHA256 is the digest that the file must have; empty for any.
	SHA256 string `json:"sha256,omitempty"`
	// Inputs specify inputs, see [onnxfile.ParseInput]; Dims give free dimensions a value by name, as name=value.
	Inputs []string `json:"inputs,omitempty"`
	Dims   []string `json:"dims,omitempty"`
	// Unit is what one execution completes Units of; "inference" and 1 if empty and 0.
	Unit  string `json:"unit,omitempty"`
	Units int    `json:"units,omitempty"`
}

// ErrInput marks what the user says wrongly, or not, about a model's inputs; ErrFormat a file that is no model, ONNX or by its
// name a NEFF.
var (
	ErrInput  = onnxfile.ErrInput
	ErrFormat = onnxfile.ErrFormat
)

// poolSize is the number of distinct samples where inputs are synthesised.
const poolSize = 4

// maxInputs bounds the bytes of the inputs of one sample, and so of an array file.
const maxInputs = 8 << 30

// Name is what a model file is called in results: its name without folder and ending; that of the folder for a file with the
// name that compilers and exporters give by themselves.
func Name(path string) string {
	base := filepath.Base(path)
	usual := slices.Contains([]string{"model.onnx", "model.neff", "file.neff"}, strings.ToLower(base))
	if full, err := filepath.Abs(path); err == nil && usual && filepath.Dir(full) != string(filepath.Separator) {
		return filepath.Base(filepath.Dir(full))
	}
	if name := strings.TrimSuffix(base, filepath.Ext(base)); name != "" {
		return name
	}
	return base
}

// Files are the model files that a path stands for: itself, or for a folder the .onnx and .neff files in it and below, sorted.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("finding model files: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var out []string
	// With the separator a link to a folder is followed.
	err = filepath.WalkDir(path+string(filepath.Separator), func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.EqualFold(filepath.Ext(name), ".onnx") || isNEFF(name)) {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("finding model files: %w", err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("finding model files: %w: no .onnx or .neff file in folder %s", ErrInput, path)
	}
	return out, nil
}

// Load makes a workload of a model file. Inputs without a specification are uniform: floats in [-1, 1), integers and bools
// 0 or 1. Inputs from array files are the same in every sample. Errors wrap ErrInput or ErrFormat, or are those of reading.
func Load(f File) (*workloads.Workload, error) {
	read, format := onnxfile.ReadModelFile, workloads.ONNX
	if isNEFF(f.Path) {
		read, format = readNEFF, workloads.NEFF
	}
	model, err := read(f.Path)
	if err != nil {
		return nil, err
	}
	w, err := workload(model, f)
	if err != nil {
		return nil, fmt.Errorf("model file %s: %w", filepath.Base(f.Path), err)
	}
	w.File.Format = format
	files := parts(f.Path, model.External)
	if w.File.Bytes, err = size(files); err != nil {
		return nil, err
	}
	if w.File.SHA256, err = digest(files); err != nil {
		return nil, err
	}
	if f.SHA256 != "" && f.SHA256 != w.File.SHA256 {
		return nil, fmt.Errorf("%w: model file %s was changed since this measurement was planned", ErrInput, filepath.Base(f.Path))
	}
	return w, nil
}

func workload(model *onnxfile.Model, f File) (*workloads.Workload, error) {
	if f.Units < 0 {
		return nil, fmt.Errorf("%w: one execution completes %d of a unit: give 1 or more", ErrInput, f.Units)
	}
	inputs, arrays, err := resolve(model, f)
	if err != nil {
		return nil, err
	}
	graph := &workloads.Graph{Name: cmp.Or(f.Name, Name(f.Path)), Batch: 1}
	var data []string
	bytes := int64(0)
	for _, in := range inputs {
		v := input(in, arrays[in.Name])
		if bytes += int64(workloads.Elements(v.Shape)) * v.DType.Bytes(); bytes > maxInputs || bytes < 0 {
			return nil, fmt.Errorf("%w: the inputs, up to %s of shape %v, take more than %d GiB: give smaller shapes", ErrInput, in.Name,
				v.Shape, maxInputs>>30)
		}
		graph.Values = append(graph.Values, v)
		data = append(data, describe(v, arrays[in.Name]))
	}
	for _, out := range model.Outputs {
		v := &workloads.Value{Name: out.Name, Kind: workloads.Computed, DType: workloads.DType(out.Type.String()), Shape: []int{0}}
		graph.Values = append(graph.Values, v)
		graph.Outputs = append(graph.Outputs, v)
	}
	for i, v := range graph.Values {
		v.ID = i
	}
	w := &workloads.Workload{
		Name: graph.Name, Title: "model file " + filepath.Base(f.Path), Family: "own",
		Unit: cmp.Or(f.Unit, "inference"), UnitsPerSample: cmp.Or(f.Units, 1),
		Options: workloads.Options{Batch: 1}, Parameters: model.Parameters, Seed: 1, Pool: poolSize,
		Data:   "inputs: " + cmp.Or(strings.Join(data, "; "), "none"),
		Phases: []workloads.Phase{{Name: "forward", Graph: graph}},
		File:   &workloads.ModelFile{Path: f.Path, SHA256: f.SHA256},
	}
	if len(arrays) == len(inputs) {
		w.Pool = 1 // all samples are the same
	}
	return w, nil
}

// resolve joins what the model and the user say about inputs. The arrays are those of the inputs that have a file, by name.
func resolve(model *onnxfile.Model, f File) ([]onnxfile.ResolvedInput, map[string]*onnxfile.Tensor, error) {
	var specs []onnxfile.InputSpec
	arrays := map[string]*onnxfile.Tensor{}
	for _, text := range f.Inputs {
		spec, err := onnxfile.ParseInput(text)
		if err != nil {
			return nil, nil, err
		}
		if spec.File != "" {
			array, err := readArray(spec.File)
			if err != nil {
				return nil, nil, err
			}
			spec.Shape, spec.Type = array.Shape, array.Type
			arrays[spec.Name] = array
		}
		specs = append(specs, spec)
	}
	dims := map[string]int64{}
	for _, text := range f.Dims {
		name, value, _ := strings.Cut(text, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || name == "" {
			return nil, nil, fmt.Errorf("%w: dimension %q: write name=value, such as batch=1", ErrInput, text)
		}
		if old, twice := dims[name]; twice {
			return nil, nil, fmt.Errorf("%w: dimension %s is given twice, as %d and %d: leave one out", ErrInput, name, old, n)
		}
		dims[name] = n
	}
	inputs, err := onnxfile.Resolve(model, specs, dims)
	return inputs, arrays, err
}

func readArray(path string) (*onnxfile.Tensor, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading array: %w", err)
	}
	array, err := onnxfile.ReadNPY(file, maxInputs)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("reading array %s: %w", filepath.Base(path), err)
	}
	return array, nil
}

// input is an input as a value of a graph; array is nil where it is synthesised.
func input(in onnxfile.ResolvedInput, array *onnxfile.Tensor) *workloads.Value {
	v := &workloads.Value{Name: in.Name, Kind: workloads.Input, DType: workloads.DType(in.Type.String()), Shape: []int{}}
	for _, d := range in.Shape {
		v.Shape = append(v.Shape, int(d))
	}
	switch {
	case array != nil:
		given := ofBytes(v.DType, v.Shape, array.Data)
		v.Fill = &workloads.InputSpec{Kind: workloads.FillGiven, Given: &given}
	case in.HasRange:
		v.Fill = &workloads.InputSpec{Kind: workloads.FillRange, Low: in.Low, High: in.High}
	case v.DType.Real():
		v.Fill = &workloads.InputSpec{Kind: workloads.FillRange, Low: -1, High: 1}
	default:
		v.Fill = &workloads.InputSpec{Kind: workloads.FillRange, Low: 0, High: 1}
	}
	return v
}

// describe tells what an input is fed with.
func describe(v *workloads.Value, array *onnxfile.Tensor) string {
	what := fmt.Sprintf("%s %s %v", v.Name, v.DType, v.Shape)
	switch {
	case array != nil:
		return fmt.Sprintf("%s given (sha256 %.6x...)", what, sha256.Sum256(array.Data))
	case v.DType.Real():
		return fmt.Sprintf("%s uniform in [%g, %g)", what, v.Fill.Low, v.Fill.High)
	}
	return fmt.Sprintf("%s uniform in [%g, %g]", what, v.Fill.Low, v.Fill.High)
}

// parts are the file and the data files beside it that are there; the engine names those that are missing.
func parts(path string, external []string) []string {
	out := []string{path}
	for _, name := range external {
		beside := filepath.Join(filepath.Dir(path), name)
		if info, err := os.Stat(beside); filepath.IsLocal(name) && err == nil && info.Mode().IsRegular() {
			out = append(out, beside)
		}
	}
	return out
}

func size(files []string) (int64, error) {
	var bytes int64
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return 0, fmt.Errorf("reading model file: %w", err)
		}
		bytes += info.Size()
	}
	return bytes, nil
}

// digest is that of the files, one after the other: of a model in one file, the file's own.
func digest(files []string) (string, error) {
	sum := sha256.New()
	for _, path := range files {
		file, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("reading model file: %w", err)
		}
		_, err = io.Copy(sum, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return "", fmt.Errorf("reading model file %s: %w", filepath.Base(path), err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
