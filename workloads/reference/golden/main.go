// Command golden regenerates the embedded golden values: it runs the standard workloads through the float64 reference and
// writes one file per workload and sequence length. All of them take some ten minutes of two cores.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/reference"
)

// shapes are the workloads with embedded golden values. The batch does not matter, nor do ISL and OSL.
var shapes = []struct {
	name    string
	options workloads.Options
}{
	{"memcopy", workloads.Options{}},
	{"gemm", workloads.Options{}},
	{"resnet50", workloads.Options{}},
	{"bert-base", workloads.Options{SeqLen: 128}},
	{"bert-base", workloads.Options{SeqLen: 256}},
	{"bert-base", workloads.Options{SeqLen: 384}},
	{"bert-base", workloads.Options{SeqLen: 512}},
	{"smollm2-135m", workloads.Options{}},
}

func main() {
	dir := flag.String("dir", "workloads/golden", "folder to write to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := generate(ctx, *dir, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "golden:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, dir string, names []string) error {
	for _, name := range names {
		if _, err := workloads.Find(name, workloads.Options{}); err != nil {
			return err
		}
	}
	for _, s := range shapes {
		if len(names) > 0 && !slices.Contains(names, s.name) {
			continue
		}
		w, err := workloads.Find(s.name, s.options)
		if err != nil {
			return err
		}
		start, said := time.Now(), 0.0
		g, err := reference.Compute(ctx, w, func(fraction float64) {
			if fraction >= said+0.1 {
				said = fraction
				fmt.Fprintf(os.Stderr, "%s: %.0f %%\n", s.name, 100*fraction)
			}
		})
		if err != nil {
			return err
		}
		if err := g.Write(dir); err != nil {
			return errors.Join(err, fmt.Errorf("is %s the right folder?", dir))
		}
		fmt.Fprintf(os.Stderr, "%s: written in %s\n", g.File(), time.Since(start).Round(time.Second))
	}
	return nil
}
