package onnx

import "fmt"

// Beside is the ModelProto of a model whose weights are in a file beside it, each at the offset that at gives for its name, in
// bytes. Engines map multiples of the page size to memory.
func (m *Model) Beside(file string, at map[string]int64) []byte {
	return m.parts.encode(func(w Weight) []byte {
		return externalTensor(w.Name, w.Type, w.Shape, place{file, fmt.Sprint(at[w.Name]), fmt.Sprint(w.Bytes)})
	}, m.Weights)
}
