package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
)

// The formats that a workload is exported in.
const (
	formatONNX      = "onnx"
	formatStableHLO = "stablehlo"
)

// exportPrograms writes a module for each phase.
func exportPrograms(c *cli.Context, s streams, w *workloads.Workload) error {
	for _, name := range []string{"opset", "dialect"} {
		if c.IsSet(name) {
			return usagef("--%s is for ONNX, not for --format %s", name, formatStableHLO)
		}
	}
	for i := range w.Phases {
		p, err := stablehlo.Write(w, i, stablehlo.Options{})
		if errors.Is(err, stablehlo.ErrUnsupported) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		file := fileOf(c.String("output"), p.Name, ".mlir", len(w.Phases))
		if err := writeWhole(file, append(argumentList(p), p.Text...)); err != nil {
			return fmt.Errorf("exporting %s: %w", w.Name, err)
		}
		complain(s.err, "accelbench: wrote %s\n", file)
	}
	return nil
}

// writeWhole writes a file, or leaves what is there as it is: a part of a program is none.
func writeWhole(file string, data []byte) error {
	part, err := os.CreateTemp(filepath.Dir(file), ".accelbench-*")
	if err != nil {
		return err
	}
	_, err = part.Write(data)
	err = errors.Join(err, part.Chmod(0o644), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
}

// argumentList is what arguments and results are, as comments.
func argumentList(p *stablehlo.Program) []byte {
	var out bytes.Buffer
	for i, a := range p.Args {
		fmt.Fprintf(&out, "// argument %d: %s %s, %s %v", i, a.Role, a.Name, a.DType, a.Shape)
		if a.Turned {
			out.WriteString(", transposed")
		}
		if a.Result >= 0 {
			fmt.Fprintf(&out, ", replaced by result %d", a.Result)
		}
		out.WriteByte('\n')
	}
	for i, r := range p.Results {
		fmt.Fprintf(&out, "// result %d: %s %s, %s %v\n", i, r.Role, r.Name, r.DType, r.Shape)
	}
	return out.Bytes()
}
