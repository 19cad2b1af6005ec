package onnxruntime

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/onnx"
)

// benchThreads is the number of threads on both sides.
const benchThreads = 2

// BenchmarkOverhead runs models with the engine and, in turns, with a driver in C that does nothing but run them, and reports
// the ratios of the least and of the median latencies. The bar: both at most 1.02.
func BenchmarkOverhead(b *testing.B) {
	for _, w := range []*workloads.Workload{
		find(b, "resnet50", workloads.Options{}),
		find(b, "bert-base", workloads.Options{SeqLen: 128}),
		find(b, "gemm", workloads.Options{}),
	} {
		b.Run(w.Name, func(b *testing.B) {
			found, err := realLibrary(b)()
			require.NoError(b, err)
			in, out := w.NewInputs(0), w.NewOutputs(0)
			w.Fill(0, []int{0}, in)
			d := newDriver(b, found, w, in)
			s := load(b, benchThreads, w)
			require.NoError(b, s.Run(b.Context(), 0, in, out))
			const turn = 300 * time.Millisecond
			var engine, driver []int64
			for b.Loop() {
				for start, at := time.Now(), time.Now(); at.Sub(start) < turn; {
					if err := s.Run(b.Context(), 0, in, out); err != nil {
						b.Fatal(err)
					}
					end := time.Now()
					engine = append(engine, int64(end.Sub(at)))
					at = end
				}
				driver = append(driver, d.run(b, turn)...)
			}
			slices.Sort(engine)
			slices.Sort(driver)
			median := func(list []int64) float64 { return float64(list[len(list)/2]) }
			b.ReportMetric(float64(engine[0])/1e6, "min-ms")
			b.ReportMetric(median(engine)/1e6, "median-ms")
			b.ReportMetric(float64(engine[0])/float64(driver[0]), "min/driver")
			b.ReportMetric(median(engine)/median(driver), "median/driver")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// driver is the program in C, waiting for its turns.
type driver struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// newDriver compiles the driver and starts it with a workload that is one model with one phase.
func newDriver(b *testing.B, found library.Found, w *workloads.Workload, in []workloads.Tensor) *driver {
	b.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		b.Skip("there is no gcc to build the driver with")
	}
	dir := b.TempDir()
	program := filepath.Join(dir, "driver")
	text, err := exec.Command(gcc, "-O2", "-o", program, filepath.Join("testdata", "driver.c"), "-ldl").CombinedOutput()
	require.NoError(b, err, "%s", text)
	models, err := target{asked: []string{cpuProvider}}.write(w)
	require.NoError(b, err)
	ws, err := generate(b.Context(), models)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, ws.remove()) })
	model, err := ws.model(models[0])
	require.NoError(b, err)

	args := []string{found.Path, model, strconv.Itoa(benchThreads), strconv.Itoa(spin), strconv.Itoa(len(in))}
	describe := func(p onnx.Port, bytes int, file ...string) {
		args = append(append(args, p.Name, fmt.Sprint(p.Type)), file...)
		args = append(args, strconv.Itoa(bytes), strconv.Itoa(len(p.Shape)))
		for _, d := range p.Shape {
			args = append(args, fmt.Sprint(d))
		}
	}
	for i, p := range models[0].Inputs {
		file := filepath.Join(dir, fmt.Sprintf("in-%d", i))
		require.NoError(b, os.WriteFile(file, in[i].Bytes(), 0o600))
		describe(p, len(in[i].Bytes()), file)
	}
	for i, out := range w.NewOutputs(0) {
		describe(models[0].Outputs[i], len(out.Bytes()))
	}
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	d := &driver{}
	d.in, err = cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	d.out = bufio.NewReader(out)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		require.NoError(b, d.in.Close())
		require.NoError(b, cmd.Wait())
	})
	return d
}

// run lets the driver run for a while and returns the nanoseconds of each run.
func (d *driver) run(b *testing.B, limit time.Duration) []int64 {
	b.Helper()
	_, err := fmt.Fprintln(d.in, limit.Nanoseconds())
	require.NoError(b, err)
	line, err := d.out.ReadString('\n')
	require.NoError(b, err)
	var list []int64
	for text := range strings.FieldsSeq(line) {
		n, err := strconv.ParseInt(text, 10, 64)
		require.NoError(b, err)
		list = append(list, n)
	}
	return list
}

// loadOf is the environment variable that makes this test's program the subject of BenchmarkLoad.
const loadOf = "ACCELBENCH_LOAD"

// BenchmarkLoad loads a model in a process of its own and runs it once, and reports the least seconds that generating weights
// and creating the session took, and the peak of the process's memory over weights and activations. The bars: resnet50 1.0 s,
// bert-base 2.5 s, and 1.5 for the memory of models that are large against the library's own 60 MB.
func BenchmarkLoad(b *testing.B) {
	realLibrary(b)
	for _, name := range []string{"resnet50", "bert-base", "smollm2-135m"} {
		b.Run(name, func(b *testing.B) {
			seconds, peak := 1e9, 1e9
			for b.Loop() {
				cmd := exec.Command(os.Args[0], "-test.run", "^TestLoadInItsOwnProcess$", "-test.v")
				cmd.Env = append(os.Environ(), loadOf+"="+name)
				text, err := cmd.CombinedOutput()
				require.NoError(b, err, "%s", text)
				_, rest, _ := strings.Cut(string(text), "loaded: ")
				var s, p float64
				_, err = fmt.Sscan(rest, &s, &p)
				require.NoError(b, err, "%s", text)
				seconds, peak = min(seconds, s), min(peak, p)
			}
			b.ReportMetric(seconds, "load-s")
			b.ReportMetric(peak, "peak/need")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// TestLoadInItsOwnProcess is what BenchmarkLoad measures.
func TestLoadInItsOwnProcess(t *testing.T) {
	name := os.Getenv(loadOf)
	if name == "" {
		t.Skip("only for BenchmarkLoad")
	}
	o := workloads.Options{}
	switch name {
	case "bert-base":
		o.SeqLen = 128
	case "smollm2-135m":
		o.ISL, o.OSL = 32, 4
	}
	w := find(t, name, o)
	loaded, err := New(Options{Find: realLibrary(t), Threads: benchThreads}).Load(t.Context(), cpuDevice(), w)
	require.NoError(t, err)
	for c := range w.Calls() {
		call(t, loaded.Session, w, c, 0)
	}
	require.NoError(t, loaded.Session.Close())
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	_, err = fmt.Sscan(rest, &kib)
	require.NoError(t, err)
	fmt.Printf("loaded: %g %g\n", (loaded.Synthesis + loaded.Compile + loaded.Load).Seconds(), float64(kib<<10)/float64(w.Memory().Total()))
}
