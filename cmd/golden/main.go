// Command golden regenerates the embedded golden values: it runs the standard workloads through the float64 reference and
// writes one file per workload, sequence length and kind of weights, with a precision for quantised ones. f16 and bf16 are held to
// the values of f32. For workloads that engines quantise statically it also writes the ranges of their activations.
//
// Without arguments it makes all files of its list, in some half an hour of two cores. An argument is a workload, or a
// workload and a precision as in bert-base:int8; those outside the list are made with default options.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// shape is a workload with the options that golden values depend on: not the batch, nor ISL and OSL.
type shape struct {
	name    string
	options workloads.Options
}

// shapes are the workloads with embedded golden values that minutes suffice for.
var shapes = []shape{
	{"memcopy", workloads.Options{}},
	{"gemm", workloads.Options{}},
	{"gemm", workloads.Options{Precision: workloads.Int8}},
	{"gemm", workloads.Options{Precision: workloads.Float8}},
	{"resnet50", workloads.Options{}},
	{"resnet50", workloads.Options{Precision: workloads.Int8}},
	{"bert-base", workloads.Options{SeqLen: 128}},
	{"bert-base", workloads.Options{SeqLen: 256}},
	{"bert-base", workloads.Options{SeqLen: 384}},
	{"bert-base", workloads.Options{SeqLen: 512}},
	{"bert-base", workloads.Options{SeqLen: 128, Precision: workloads.Int8}},
	{"bert-base", workloads.Options{SeqLen: 384, Precision: workloads.Int8}},
	{"bert-base", workloads.Options{SeqLen: 128, Precision: workloads.Float8}},
	{"bert-base", workloads.Options{SeqLen: 384, Precision: workloads.Float8}},
	{"bert-large", workloads.Options{SeqLen: 384}},
	{"dlrm-v2-capped", workloads.Options{}},
	{"whisper-tiny", workloads.Options{}},
	{"smollm2-135m", workloads.Options{}},
	{"smollm2-135m", workloads.Options{Precision: workloads.Int8}},
	{"smollm2-135m", workloads.Options{Precision: workloads.Float8}},
	{"smollm2-135m", workloads.Options{Precision: workloads.Int4}},
}

// calibrated is the workload whose activations engines quantise statically in int8.
const calibrated = "resnet50"

func main() {
	dir := flag.String("dir", "workloads/golden", "folder to write golden values to")
	ranges := flag.String("ranges", "workloads/ranges", "folder to write ranges of activations to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := generate(ctx, *dir, *ranges, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, dir, ranges string, names []string) error {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	for _, w := range chosen {
		if err := golden(ctx, dir, w); err != nil {
			return err
		}
		if w.Name == calibrated && w.Options.Precision == workloads.Int8 {
			if err := calibrate(ctx, ranges, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// choose finds the workloads that the arguments ask for; all of the list without arguments.
func choose(names []string) ([]*workloads.Workload, error) {
	wanted := shapes
	if len(names) > 0 {
		wanted = nil
	}
	for _, text := range names {
		name, precision, _ := strings.Cut(text, ":")
		before := len(wanted)
		for _, s := range shapes {
			if s.name == name && (precision == "" || precision == s.precision()) {
				wanted = append(wanted, s)
			}
		}
		if len(wanted) == before {
			wanted = append(wanted, shape{name, workloads.Options{Precision: precision}})
		}
	}
	var out []*workloads.Workload
	for _, s := range wanted {
		w, err := workloads.Find(s.name, s.options)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func (s shape) precision() string {
	if s.options.Precision == "" {
		return workloads.Full
	}
	return s.options.Precision
}

// said is a progress function that prints every tenth.
func said(w *workloads.Workload, what string) func(fraction float64) {
	before := 0.0
	return func(fraction float64) {
		if fraction >= before+0.1 {
			before = fraction
			fmt.Fprintf(os.Stderr, "%s %s, %s: %.0f %%\n", w.Name, w.Options.Precision, what, 100*fraction)
		}
	}
}

func golden(ctx context.Context, dir string, w *workloads.Workload) error {
	start := time.Now()
	g, err := reference.Compute(ctx, w, said(w, "golden values"))
	if err != nil {
		return err
	}
	if err := g.Write(dir); err != nil {
		return errors.Join(err, fmt.Errorf("is %s the right folder?", dir))
	}
	fmt.Fprintf(os.Stderr, "%s: written in %s\n", g.File(), time.Since(start).Round(time.Second))
	return nil
}

func calibrate(ctx context.Context, dir string, w *workloads.Workload) error {
	c, err := reference.Calibrate(ctx, w, said(w, "ranges"))
	if err != nil {
		return err
	}
	if err := c.Write(dir); err != nil {
		return errors.Join(err, fmt.Errorf("is %s the right folder?", dir))
	}
	return nil
}
