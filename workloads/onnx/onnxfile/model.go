package onnxfile

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Dim is one dimension of an input or output.
type Dim struct {
	Value int64  // -1 if free
	Name  string // the symbolic name of a free dimension, "" if it has none
}

// Value is an input or an output of a model.
type Value struct {
	Name     string
	Type     TensorType
	Shape    []Dim
	Tensor   bool // false for a sequence, map, optional or sparse tensor, and for a value without a type
	HasShape bool // false when the model leaves even the rank open; a scalar has an empty shape
}

// Model is what a file says about a model. Names are as in the file: any bytes but zero.
type Model struct {
	Inputs  []Value // those that must be fed: without the ones that have an initializer
	Outputs []Value
	// Parameters are the elements of all initializers, of the graph and of the graphs within its nodes (branches, loop
	// bodies), without the bodies of functions that the model defines; of sparse ones the elements that are stored.
	Parameters int64
	External   []string // locations of external data as the file gives them, sorted: claims, not safe paths
}

const (
	// maxDepth bounds graphs within graphs; each level takes three messages of the hundred that protobuf's own
	// readers allow.
	maxDepth = 32
	// textCost, valueCost and dimCost are about what a kept name, input and dimension take beside their texts.
	textCost, valueCost, dimCost = 64, 128, 48
)

// lfsPointer is how the file starts that Git leaves in place of a large one that was not fetched.
const lfsPointer = "version https://git-lfs"

// ReadModelFile reads the model in the file at path. External data files are not opened. A path that is no regular file
// is an [ErrInput], a bad file an [ErrFormat].
func ReadModelFile(path string) (*Model, error) {
	// Asked before opening: opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading ONNX model: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, inputErrorf("reading ONNX model: %s is not a regular file: give the .onnx file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading ONNX model: %w", err)
	}
	defer func() { _ = f.Close() }()
	m, err := ReadModel(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return m, nil
}

// ReadModel reads the model in the first size bytes of r. The error is an [ErrFormat] with the offset and the part of
// the file, or that of r.
func ReadModel(r io.ReaderAt, size int64) (*Model, error) {
	return readModel(r, size, limits{records: 1 << 28, kept: 32 << 20})
}

func readModel(r io.ReaderAt, size int64, l limits) (*Model, error) {
	g := &modelReader{scan: newScan(r, size, l), model: &Model{},
		initial: map[string]bool{}, external: map[string]bool{}}
	if err := g.read(); err != nil {
		return nil, fmt.Errorf("ONNX model: %w", err)
	}
	return g.model, nil
}

// modelReader gathers a model while it walks the file.
type modelReader struct {
	*scan
	model    *Model
	hasGraph bool
	initial  map[string]bool // names of the initializers of the outer graph
	external map[string]bool
}

func (g *modelReader) read() error {
	head, err := g.peek(len(lfsPointer), g.size)
	if err != nil {
		return err
	}
	if string(head) == lfsPointer {
		return formatErrorf(0, "a Git LFS pointer stands in for the model: fetch it with git lfs pull")
	}
	err = g.each("model", g.size, func(f record) error {
		if f.num != 7 {
			return nil
		}
		g.hasGraph = true
		return g.graph(f, 0)
	})
	if err != nil {
		return err
	}
	if !g.hasGraph {
		return formatErrorf(g.size, "no graph in %d bytes", g.size)
	}
	return g.finish()
}

// finish drops the inputs that have a value and checks the names of the others.
func (g *modelReader) finish() error {
	m := g.model
	m.Inputs = slices.DeleteFunc(m.Inputs, func(v Value) bool { return g.initial[v.Name] })
	for _, list := range [][]Value{m.Inputs, m.Outputs} {
		seen := map[string]bool{}
		for _, v := range list {
			if v.Name == "" || strings.ContainsRune(v.Name, 0) || seen[v.Name] {
				return formatErrorf(g.size, "input or output named %q: empty, twice, or with a zero byte", v.Name)
			}
			seen[v.Name] = true
		}
	}
	for location := range g.external {
		m.External = append(m.External, location)
	}
	slices.Sort(m.External)
	return nil
}
