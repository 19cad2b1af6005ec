package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx"
)

// exportCommand writes a workload for other tools.
func exportCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write a workload as an ONNX or StableHLO file, for other tools",
		ArgsUsage: "NAME",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "file to write, `FILE`.onnx, or .mlir for StableHLO; large weights of ONNX go to a file beside it"},
			&cli.StringFlag{Name: "format", Usage: "form of the output: onnx, or stablehlo (a module per phase, as the accelerators' compilers take it)", Value: formatONNX},
			&cli.IntFlag{Name: "opset", Usage: fmt.Sprintf("operator set, %d to %d; older tools read older ones", onnx.Oldest, onnx.Newest), Value: onnx.Newest},
			&cli.StringFlag{Name: "dialect", Usage: "portable (standard operators only) or deployed (as the onnxruntime engine runs it); default: portable where that can be"},
			&cli.StringFlag{Name: "precision", Usage: "precision: " + strings.Join(workloads.Precisions(), ", "), Value: workloads.Full},
			&cli.IntFlag{Name: "batch", Usage: "samples per execution", DefaultText: "1"},
			&cli.IntFlag{Name: "seq-len", Usage: "sequence length of encoders", DefaultText: "384"},
			&cli.IntFlag{Name: "isl", Usage: "input sequence length of decoders", DefaultText: "128"},
			&cli.IntFlag{Name: "osl", Usage: "output sequence length of decoders", DefaultText: "128"},
			&cli.StringFlag{Name: "weights", Usage: "folder with config.json and *.safetensors, in place of NAME"},
		},
		Description: "The operators are standard ones where there are such; quantised weights and mixtures of experts use those of the\n" +
			"com.microsoft domain, which ONNX Runtime has. In StableHLO weights and states are arguments, which the head of the file lists.",
		Action: func(c *cli.Context) error { return export(c, s) },
	}
}

func export(c *cli.Context, s streams) error {
	out := c.String("output")
	if out == "" {
		return usagef("where to? Give --output FILE.onnx, or FILE.mlir with --format %s", formatStableHLO)
	}
	if out == "-" {
		return usagef("--output -: standard output takes no models; name a file")
	}
	if info, err := os.Stat(out); err == nil && !info.Mode().IsRegular() { // a device would be replaced by the file
		return usagef("--output %s: that is there and no regular file; name another", out)
	}
	plan := bench.Plan{Workload: c.Args().First(), Options: workloads.Options{Precision: c.String("precision"), Batch: c.Int("batch"),
		SeqLen: c.Int("seq-len"), ISL: c.Int("isl"), OSL: c.Int("osl")}}
	if err := noZeros(c); err != nil {
		return err
	}
	switch {
	case c.IsSet("weights") && c.NArg() > 0:
		return usagef("workload %s or --weights: one of them", c.Args().First())
	case c.NArg() > 1:
		return usagef("unexpected argument %q: one workload at a time", c.Args().Get(1))
	case !c.IsSet("weights") && c.NArg() == 0:
		return usagef("which workload? Name one (%s), or give --weights DIR", strings.Join(workloads.Names(), ", "))
	case c.IsSet("weights"):
		plan.Own = &bench.Own{Weights: c.String("weights")}
	}
	w, err := bench.FindWorkload(plan)
	if errors.Is(err, workloads.ErrPrecision) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	switch end, format := filepath.Ext(out), c.String("format"); {
	case format == formatONNX && end == ".mlir", format == formatStableHLO && end == ".onnx":
		return usagef("--output %s is not what --format %s writes: give the other format, or another end", filepath.Base(out), format)
	case format == formatStableHLO:
		return exportPrograms(c, s, w)
	case format != formatONNX:
		return usagef("unknown format %q: onnx or stablehlo", format)
	}
	models, err := writeModels(c, s, w)
	if err != nil {
		return err
	}
	for _, m := range models {
		file := fileOf(out, m.Name, ".onnx", len(models))
		if err := m.Save(c.Context, file); err != nil {
			return fmt.Errorf("exporting %s: %w", w.Name, err)
		}
		complain(s.err, "accelbench: wrote %s\n", file)
	}
	return nil
}

// fileOf is the file of one of several parts of a workload: its name goes before the end.
func fileOf(out, name, end string, parts int) string {
	if parts == 1 {
		return out
	}
	return strings.TrimSuffix(out, filepath.Ext(out)) + "-" + path.Base(name) + end
}

// writeModels prefers standard operators. Where a workload has no such form, the operators of ONNX Runtime serve, unless the
// standard ones were asked for.
func writeModels(c *cli.Context, s streams, w *workloads.Workload) ([]*onnx.Model, error) {
	o := onnx.Options{Opset: c.Int("opset"), Dialect: onnx.Portable, Accuracy: onnx.CPUAccuracy(w)}
	switch dialect := c.String("dialect"); dialect {
	case onnx.Deployed.String():
		o.Dialect = onnx.Deployed
	case "", onnx.Portable.String():
	default:
		return nil, usagef("unknown dialect %q: portable or deployed", dialect)
	}
	models, err := onnx.Write(w, o)
	if errors.Is(err, onnx.ErrUnsupported) && c.String("dialect") == "" && onnx.Oldest <= o.Opset && o.Opset <= onnx.Newest {
		complain(s.err, "accelbench: %s has no form in standard operators: using those of com.microsoft, which ONNX Runtime has\n", w.Name)
		o.Dialect = onnx.Deployed
		models, err = onnx.Write(w, o)
	}
	switch {
	case errors.Is(err, onnx.ErrUnsupported), errors.Is(err, workloads.ErrPrecision):
		return nil, usageError{err}
	case err != nil:
		return nil, err
	}
	return models, nil
}
