package nrt

import (
	"fmt"

	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// donation is the attribute of an argument whose buffer a result takes over.
const donation = "tf.aliasing_output"

// lower writes a program in the form that the compiler takes. Nothing is donated: the runtime's sets want a tensor of its own
// for every output, and states change places instead.
func lower(p *stablehlo.Program) ([]byte, error) {
	module, err := mlir.Parse(p.Text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", p.Name, err)
	}
	for _, f := range module.Funcs {
		for _, attrs := range f.ArgAttrs {
			delete(attrs, donation)
		}
	}
	out, err := hlo.Write(module)
	if err != nil {
		return nil, fmt.Errorf("writing %s as HLO: %w", p.Name, err)
	}
	return out, nil
}
