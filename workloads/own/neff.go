package own

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/accelbench/accelbench/workloads/neff"
	"github.com/accelbench/accelbench/workloads/onnx/onnxfile"
)

func isNEFF(path string) bool { return strings.EqualFold(filepath.Ext(path), ".neff") }

// readNEFF tells a NEFF file's inputs and outputs as those of a model. How many parameters are in it, it does not say.
func readNEFF(path string) (*onnxfile.Model, error) {
	file, err := neff.ReadFile(path)
	if errors.Is(err, neff.ErrFormat) {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err != nil {
		return nil, err
	}
	if file.Signature == nil {
		return nil, fmt.Errorf("%w: %s does not tell its inputs and outputs in the known form: %s (accelbench neuron inspect shows "+
			"what it has)", ErrFormat, filepath.Base(path), file.Unknown)
	}
	model := &onnxfile.Model{}
	if model.Inputs, err = valuesOf(file.Signature.Inputs); err != nil {
		return nil, fmt.Errorf("NEFF %s: %w", filepath.Base(path), err)
	}
	if model.Outputs, err = valuesOf(file.Signature.Outputs); err != nil {
		return nil, fmt.Errorf("NEFF %s: %w", filepath.Base(path), err)
	}
	return model, nil
}

func valuesOf(tensors []neff.Tensor) ([]onnxfile.Value, error) {
	var out []onnxfile.Value
	for _, t := range tensors {
		v := onnxfile.Value{Name: t.Name, Tensor: true, HasShape: true}
		for typ := onnxfile.F32; typ <= onnxfile.BF16; typ++ {
			if typ.String() == t.Type && typ.Bytes() > 0 {
				v.Type = typ
			}
		}
		if v.Type == onnxfile.Undefined {
			return nil, fmt.Errorf("%w: %s has elements of type %q, which no tensor here can have", ErrInput, t.Name, t.Type)
		}
		for _, d := range t.Shape {
			v.Shape = append(v.Shape, onnxfile.Dim{Value: d})
		}
		out = append(out, v)
	}
	return out, nil
}
