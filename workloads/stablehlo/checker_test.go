package stablehlo

import (
	"bytes"
	"fmt"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

// mlirOpt is LLVM's tool for modules. It does not know StableHLO's operations and takes them as unregistered ones, but it checks the
// grammar, that values are defined before their use, and that their types agree.
func mlirOpt(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"mlir-opt", "mlir-opt-19", "mlir-opt-16"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no mlir-opt: install mlir-16-tools")
	return ""
}

// TestChecker holds the texts to a parser that is not this project's.
func TestChecker(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	tool := mlirOpt(t)
	check := func(t *testing.T, all ...*workloads.Workload) {
		var texts [][]byte
		for _, w := range all {
			for i := range w.Phases {
				p, err := Write(w, i, Options{})
				require.NoError(t, err)
				texts = append(texts, p.Text)
			}
			generators, err := Generators(w, Options{})
			require.NoError(t, err)
			for _, g := range generators {
				texts = append(texts, g.Program.Text)
			}
		}
		cmd := exec.CommandContext(t.Context(), tool, "--allow-unregistered-dialect", "--split-input-file", "-o", "/dev/null")
		cmd.Stdin = bytes.NewReader(bytes.Join(texts, []byte("\n// -----\n")))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	for _, precision := range precisions() {
		t.Run("operations/"+precision, func(t *testing.T) {
			var all []*workloads.Workload
			for _, c := range opCases() {
				all = append(all, c.workload(precision))
			}
			check(t, all...)
		})
	}
	for _, e := range workloads.Catalogue() {
		for _, precision := range e.Precisions {
			t.Run(fmt.Sprint(e.Name, "/", precision), func(t *testing.T) {
				check(t, find(t, e.Name, workloads.Options{Precision: precision}))
			})
		}
	}
}
