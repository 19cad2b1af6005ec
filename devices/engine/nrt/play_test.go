//go:build !noort && linux && (amd64 || arm64)

package nrt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/nrt/nrttest"
	"github.com/accelbench/accelbench/workloads"
	"github.com/accelbench/accelbench/workloads/stablehlo"
	"github.com/accelbench/accelbench/workloads/stablehlo/hlotest"
	"github.com/accelbench/accelbench/workloads/stablehlo/mlir"
)

// The chip and the compiler are played: the compiler finds the program of a module by the digest of the module that it is given,
// so that a module which is not that of the workload compiles to nothing, and the chip hands the program to an interpreter.

const (
	compilerArgument = "fake-neuronx-cc"
	programsVariable = "FAKE_CC_PROGRAMS" // the folder of programs
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		var err error
		switch os.Args[1] {
		case nrttest.HelperArgument:
			err = nrttest.Helper(interpret)
		case compilerArgument:
			err = playCompiler(os.Args[2:])
		default:
			os.Exit(m.Run())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "ERROR", err)
			os.Exit(70)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// recipe is what the played compiler knows of a module.
type recipe struct {
	Inputs, Outputs []nrttest.Tensor
	// Program is for the interpreter.
	Program interpreted
}

type interpreted struct {
	Text    string
	Dropped []int // arguments that are no inputs
}

// playCompiler is neuronx-cc. It counts its compilations in a file beside the programs.
func playCompiler(args []string) error {
	if slices.Equal(args, []string{"--version"}) {
		fmt.Println("NeuronX Compiler version 2.24.5133.0+fake")
		return nil
	}
	module, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	folder := os.Getenv(programsVariable)
	text, err := os.ReadFile(filepath.Join(folder, digest(module)))
	if err != nil {
		return fmt.Errorf("NCC_FAKE this module is not known: %w", err)
	}
	var r recipe
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	program, err := json.Marshal(r.Program)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(log, strings.Join(args, " ")); err != nil {
		return err
	}
	neff := nrttest.NEFF(nrttest.Program{Inputs: r.Inputs, Outputs: r.Outputs, Text: program, LNC: 2})
	return os.WriteFile(args[slices.Index(args, "--output")+1], neff, 0o600)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// interpret is the chip.
func interpret(text []byte) (inputs int, run func(in [][]byte) ([][]byte, error), err error) {
	var p interpreted
	if err := json.Unmarshal(text, &p); err != nil {
		return 0, nil, err
	}
	m, err := mlir.Parse([]byte(p.Text))
	if err != nil {
		return 0, nil, err
	}
	args := m.Func("main").Body.Args
	return len(args) - len(p.Dropped), func(in [][]byte) ([][]byte, error) {
		var arrays []hlotest.Array
		for i, a := range args {
			data := make([]byte, a.Type.Bytes())
			if !slices.Contains(p.Dropped, i) {
				data, in = in[0], in[1:]
			}
			arrays = append(arrays, hlotest.Array{Type: a.Type, Data: data})
		}
		results, err := hlotest.Run(context.Background(), m, arrays)
		var out [][]byte
		for _, r := range results {
			out = append(out, r.Data)
		}
		return out, err
	}, nil
}

// player plays chip and compiler for a test.
type player struct {
	library  string
	compiler string
	programs string
	cache    string
}

func play(t *testing.T) player {
	t.Helper()
	p := player{library: nrttest.Build(t), programs: t.TempDir(), cache: t.TempDir()}
	nrttest.UseHelper(t)
	t.Setenv(programsVariable, p.programs)
	self, err := os.Executable()
	require.NoError(t, err)
	p.compiler = script(t, fmt.Sprintf("exec '%s' %s \"$@\"\n", self, compilerArgument))
	return p
}

func (p player) engine(t *testing.T) *engine {
	t.Helper()
	t.Setenv(visibleCores, "")
	return New(Options{Find: func() (Found, error) { return Found{p.library, SourceNamed}, nil }, Cache: p.cache,
		Compiler: func() (string, error) { return p.compiler, nil }}).(*engine)
}

// teach tells the compiler the modules of a workload. It drops the arguments that drop names.
func (p player) teach(t *testing.T, w *workloads.Workload, drop func(phase int, port stablehlo.Port) bool) {
	t.Helper()
	for phase := range w.Phases {
		written, err := stablehlo.Write(w, phase, stablehlo.Options{})
		require.NoError(t, err)
		p.teachProgram(t, written, func(port stablehlo.Port) bool { return drop != nil && drop(phase, port) })
	}
}

// teachProgram tells the compiler the module of a program.
func (p player) teachProgram(t *testing.T, written *stablehlo.Program, drop func(port stablehlo.Port) bool) {
	t.Helper()
	module, err := lower(written)
	require.NoError(t, err)
	r := recipe{Program: interpreted{Text: string(written.Text)}}
	for i, port := range written.Args {
		if drop(port) {
			r.Program.Dropped = append(r.Program.Dropped, i)
			continue
		}
		r.Inputs = append(r.Inputs, nrttest.Tensor{Name: inputName(i), Type: port.DType, Shape: port.Shape})
	}
	for i, port := range written.Results {
		r.Outputs = append(r.Outputs, nrttest.Tensor{Name: outputName(i), Type: port.DType, Shape: port.Shape})
	}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(p.programs, digest(module)), text, 0o600))
}

// compilations are the arguments of the compilations so far.
func (p player) compilations(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.programs, "log"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
