// Command crossgolden adds golden values that an engine made, for shapes whose float64 reference is too dear: another
// engine is then held to them, and the report says so. Values of the reference are never replaced.
//
// An argument is a workload, with a precision and with input and output lengths where they matter:
//
//	go run ./cmd/crossgolden -dir workloads/golden sdxl-unet whisper-large-v3:f32:4/64 llama3.2-1b:f32:1024/33
//
// Of a decoder it keeps the first calls, every 32nd and the last one.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/engine/native"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/workloads"
)

func main() {
	dir := flag.String("dir", "workloads/golden", "folder of the golden files")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := generate(ctx, *dir, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "crossgolden:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, dir string, names []string) error {
	found, err := cpu.New().Find(ctx, host.Live())
	if err != nil {
		return err
	}
	for _, name := range names {
		w, err := parse(name)
		if err != nil {
			return err
		}
		started := time.Now()
		if err := add(ctx, dir, w, found.Devices[0]); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s in %s\n", name, time.Since(started).Round(time.Second))
	}
	return nil
}

// parse reads NAME[:PRECISION[:ISL/OSL]].
func parse(text string) (*workloads.Workload, error) {
	parts := strings.Split(text, ":")
	var o workloads.Options
	if len(parts) > 1 {
		o.Precision = parts[1]
	}
	if len(parts) > 2 {
		if _, err := fmt.Sscanf(parts[2], "%d/%d", &o.ISL, &o.OSL); err != nil {
			return nil, fmt.Errorf("%s: want NAME:PRECISION:ISL/OSL: %w", text, err)
		}
	}
	return workloads.Find(parts[0], o)
}

// add computes the rows of w and writes them beside those that its golden file has.
func add(ctx context.Context, dir string, w *workloads.Workload, dev devices.Device) (err error) {
	g, err := existing(dir, w)
	if err != nil {
		return err
	}
	engine := native.New(native.Options{})
	loaded, err := engine.Load(ctx, dev, w)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, loaded.Session.Close()) }()
	for sample := range w.Pool {
		for call := range w.Calls() {
			phase, _ := w.Phase(call)
			in, out := w.NewInputs(phase), w.NewOutputs(phase)
			w.Fill(call, []int{sample}, in)
			if err := loaded.Session.Run(ctx, phase, in, out); err != nil {
				return err
			}
			if call < 4 || call%32 == 0 || call == w.Calls()-1 {
				insert(g, row(g, sample, w.OutputPosition(call), out[0].F32, bench.EngineOn(engine.Name(), dev.Info().Backend)))
			}
		}
	}
	return g.Write(dir)
}

// existing is the golden file of w, or an empty record.
func existing(dir string, w *workloads.Workload) (*workloads.Golden, error) {
	c, err := w.Canonical()
	if err != nil {
		return nil, err
	}
	key, err := w.GoldenKey()
	if err != nil {
		return nil, err
	}
	width := workloads.Elements(c.Phases[0].Graph.Outputs[0].Shape)
	empty := &workloads.Golden{Workload: c.Name, Options: c.Options, Key: key, Width: width, Elements: workloads.GoldenElements(width)}
	text, err := os.ReadFile(filepath.Join(dir, empty.File()))
	if os.IsNotExist(err) {
		return empty, nil
	}
	if err != nil {
		return nil, err
	}
	g, err := workloads.ReadGolden(text)
	if err != nil || g.Key != key {
		return empty, err
	}
	return g, nil
}

func row(g *workloads.Golden, sample, position int, out []float32, engine string) workloads.GoldenRow {
	r := workloads.GoldenRow{Sample: sample, Position: position, Engine: engine}
	for _, v := range out {
		r.RMS += float64(v) * float64(v) / float64(len(out))
	}
	r.RMS = math.Sqrt(r.RMS)
	for _, e := range g.Elements {
		r.Values = append(r.Values, float64(out[e]))
	}
	return r
}

// insert adds a row in order, unless the reference made it.
func insert(g *workloads.Golden, r workloads.GoldenRow) {
	order := func(a, b workloads.GoldenRow) int {
		return cmp.Or(cmp.Compare(a.Sample, b.Sample), cmp.Compare(a.Position, b.Position))
	}
	at, found := slices.BinarySearchFunc(g.Rows, r, order)
	switch {
	case !found:
		g.Rows = slices.Insert(g.Rows, at, r)
	case g.Rows[at].Engine != "":
		g.Rows[at] = r
	}
}
