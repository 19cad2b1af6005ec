package stablehlo

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
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

func checkText(t *testing.T, tool string, p *Program) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool, "--allow-unregistered-dialect", "-o", "/dev/null")
	cmd.Stdin = bytes.NewReader(p.Text)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s: %s", p.Name, out)
}

// TestChecker holds the texts to a parser that is not this project's.
func TestChecker(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	tool := mlirOpt(t)
	check := func(t *testing.T, w *workloads.Workload) {
		for i := range w.Phases {
			p, err := Write(w, i, Options{})
			require.NoError(t, err)
			checkText(t, tool, p)
		}
		generators, err := Generators(w, Options{})
		require.NoError(t, err)
		for _, g := range generators {
			checkText(t, tool, g.Program)
		}
	}
	for _, c := range opCases() {
		for _, precision := range []string{workloads.Full, workloads.BFloat16, workloads.Int4, workloads.Float8} {
			t.Run(fmt.Sprint(c.name, "/", precision), func(t *testing.T) { check(t, c.workload(precision)) })
		}
	}
	for _, e := range workloads.Catalogue() {
		for _, precision := range []string{workloads.Full, workloads.Int8, workloads.Float8} {
			if slices.Contains(e.Precisions, precision) {
				t.Run(fmt.Sprint(e.Name, "/", precision), func(t *testing.T) { check(t, find(t, e.Name, workloads.Options{Precision: precision})) })
			}
		}
	}
}
