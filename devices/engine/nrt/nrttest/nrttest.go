// Package nrttest has a stand-in for libnrt, for tests of what talks to it.
//
// The flow: [Build] compiles the library (testdata/fake.c) with gcc, [NEFF] writes the programs that it takes: one that computes 2x+1,
// or one that it hands to a helper process, the test binary again, which [Helper] makes of it. [Count] tells what is still
// allocated. The environment variables that make a call fail, hang or crash are in its head.
//
// The room's one rule: only tests import it.
package nrttest

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/neff"
	"github.com/accelbench/accelbench/workloads/neff/nefftest"
)

//go:embed testdata/fake.c
var source []byte

// Build compiles the library with macros such as NO_EXECUTE, which leave functions out, and returns its path. It skips the test
// where that cannot be.
func Build(t testing.TB, macros ...string) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the stand-in for libnrt is for Linux")
	}
	path := filepath.Join(t.TempDir(), "libnrt.so.1")
	Compile(t, path, macros...)
	return path
}

// Compile is Build to a path.
func Compile(t testing.TB, path string, macros ...string) {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc to build the stand-in for libnrt with")
	}
	from := filepath.Join(t.TempDir(), "fake.c")
	require.NoError(t, os.WriteFile(from, source, 0o600))
	args := []string{"-shared", "-fPIC", "-o", path, from}
	for _, m := range macros {
		args = append(args, "-D"+m)
	}
	out, err := exec.Command(gcc, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// Tensor is an input or output of a program.
type Tensor struct {
	Name  string
	Type  workloads.DType
	Shape []int
}

func (t Tensor) bytes() int64 { return int64(workloads.Elements(t.Shape)) * t.Type.Bytes() }

// codes are the library's numbers of types; fp8 is for parameters that no workload's tensor has.
func codes() map[workloads.DType]int {
	return map[workloads.DType]int{workloads.U64: 1, workloads.I8: 2, workloads.U8: 3, workloads.I16: 4, workloads.U16: 5, workloads.BF16: 6,
		workloads.F16: 7, workloads.I32: 8, workloads.U32: 9, workloads.F32: 10, workloads.I64: 12, "f8e4m3fn": 14}
}

// Program is a program for the stand-in.
type Program struct {
	Inputs, Outputs []Tensor
	// Text is what the helper process gets; nil is a program whose outputs are 2x+1 of the first input.
	Text []byte
	// LNC is the size of a logical core that the header gives.
	LNC uint32
	// Fault is what an execution does besides: "crash", "hang", or nothing.
	Fault string
	// Secret leaves neff.json out.
	Secret bool
}

// NEFF writes a program as a file.
func NEFF(p Program) []byte {
	var fake strings.Builder
	if p.Text != nil {
		fake.WriteString("helper\n")
	}
	if p.Fault != "" {
		fake.WriteString(p.Fault + "\n")
	}
	graph := neff.Signature{}
	longNames := map[workloads.DType]string{workloads.F32: "float32", workloads.I32: "int32", workloads.BF16: "bfloat16", workloads.F16: "float16"}
	for usage, side := range [][]Tensor{p.Inputs, p.Outputs} {
		for _, t := range side {
			fmt.Fprintf(&fake, "tensor %s %s %d %d %d", []string{"in", "out"}[usage], t.Name, codes()[t.Type], t.bytes(), len(t.Shape))
			n := neff.Tensor{Name: t.Name, Type: longNames[t.Type], Shape: []int64{}}
			for _, d := range t.Shape {
				fmt.Fprintf(&fake, " %d", d)
				n.Shape = append(n.Shape, int64(d))
			}
			fake.WriteString("\n")
			if usage == 0 {
				graph.Inputs = append(graph.Inputs, n)
			} else {
				graph.Outputs = append(graph.Outputs, n)
			}
		}
	}
	f := nefftest.File{Header: neff.Header{PackageVersion: 1, Major: 2, Name: "file.neff", LogicalCoreSize: p.LNC},
		Members: []nefftest.Member{nefftest.Of("fake", []byte(fake.String()))}}
	if p.Text != nil {
		f.Members = append(f.Members, nefftest.Of("program", p.Text))
	}
	if !p.Secret {
		f.Members = append(f.Members, nefftest.Graph(graph))
	}
	return f.Bytes()
}

// HelperArgument is the first argument of a helper process: a test's TestMain calls [Helper] when it sees it.
const HelperArgument = "fake-nrt-helper"

// UseHelper makes this test binary the helper of the libraries that the test loads.
func UseHelper(t testing.TB) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	t.Setenv("FAKE_NRT_HELPER", self)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would let each helper sleep for a second when it ends
}

// Helper computes: it reads a program, then over and over the bytes of its inputs, and answers with those of its outputs, until
// the library closes the pipe. load makes a function of the program, for so many inputs.
func Helper(load func(program []byte) (inputs int, run func(in [][]byte) ([][]byte, error), err error)) error {
	program, err := block(os.Stdin)
	if err != nil {
		return err
	}
	inputs, run, err := load(program)
	if err != nil {
		return err
	}
	for {
		var in [][]byte
		for range inputs {
			b, err := block(os.Stdin)
			if err != nil {
				return nil // the library has unloaded the program
			}
			in = append(in, b)
		}
		out, err := run(in)
		if err != nil {
			return err
		}
		for _, b := range out {
			if _, err := os.Stdout.Write(slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(b))), b)); err != nil {
				return err
			}
		}
	}
}

func block(r io.Reader) ([]byte, error) {
	var size uint64
	if err := binary.Read(r, binary.LittleEndian, &size); err != nil {
		return nil, err
	}
	b := make([]byte, size)
	_, err := io.ReadFull(r, b)
	return b, err
}
