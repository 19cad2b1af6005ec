package nrt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// CompileLimit is how long the compiler may take for a workload: whoever watches a run must leave it that time.
const CompileLimit = 45 * time.Minute

// target is what a program is compiled for.
type target struct {
	family   string // of instances, as the compiler names it
	coreSize int    // physical cores in a logical one, 0 where the compiler has no such option
	model    string // the kind of model
}

// targetOf is that of a device. That the compiler calls Trainium3 trn3 is from public code, not from its documentation.
func targetOf(dev devices.Info) (target, error) {
	switch dev.Name {
	case "Trainium1":
		return target{family: "trn1"}, nil
	case "Inferentia2":
		return target{family: "inf2"}, nil
	case "Trainium2":
		return target{family: "trn2", coreSize: coreSize(dev)}, nil
	case "Trainium3":
		return target{family: "trn3", coreSize: coreSize(dev)}, nil
	}
	return target{}, fmt.Errorf("the compiler neuronx-cc makes no programs for %s: %w", dev.Name, devices.ErrUnsupported)
}

// modelType is the compiler's word for a kind of model; it treats transformers and U-Nets in ways of their own.
func modelType(w *workloads.Workload) string {
	switch w.Family {
	case "decoder", "encoder", "speech":
		return "transformer"
	case "diffusion":
		return "unet-inference"
	}
	return genericModel
}

const genericModel = "generic"

// args are the compiler's arguments for a module in the file in. Types stay as they are: f32 means f32.
func (t target) args(in, out string) []string {
	args := []string{"compile", in, "--framework", "XLA", "--target", t.family, "--model-type", t.model, "--auto-cast", "none"}
	if t.coreSize > 0 {
		args = append(args, "--logical-nc-config", strconv.Itoa(t.coreSize))
	}
	if t.family == "trn1" || t.family == "inf2" {
		// Masks are infinite, and on these chips a transposition by product makes NaN of that.
		args = append(args, "--enable-saturate-infinity")
	}
	return append(args, "--enable-fast-loading-neuron-binaries", "--output", out)
}

// compiler is the vendor's program.
type compiler struct {
	path    string
	version string
}

var version = regexp.MustCompile(`\d+\.\d+[0-9A-Za-z.+-]*`)

// ask finds out the version of a compiler.
func ask(ctx context.Context, path string) (compiler, error) {
	const patience = time.Minute // it is a program in Python, on a disk that may be slow
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := execute(limited, os.TempDir(), path, "--version")
	if err != nil {
		return compiler{}, fmt.Errorf("asking %s for its version: %w", compilerName, err)
	}
	found := version.Find(out)
	if found == nil {
		return compiler{}, fmt.Errorf("asking %s for its version: no version in what it answers: %q", compilerName, cut(out))
	}
	return compiler{path, string(found)}, nil
}

// compiler finds the compiler for a device, which makes generic models unless its target is changed.
func (e *engine) compiler(ctx context.Context, dev devices.Info) (compiler, target, error) {
	t, err := targetOf(dev)
	if err != nil {
		return compiler{}, t, err
	}
	t.model = genericModel
	path, err := e.options.Compiler()
	if err != nil {
		return compiler{}, t, err
	}
	c, err := ask(ctx, path)
	return c, t, err
}

// compile makes a NEFF of a module.
func (c compiler) compile(ctx context.Context, t target, module []byte) (_ []byte, err error) {
	folder, err := os.MkdirTemp("", "accelbench-nrt-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the compiler: %w", errors.Unwrap(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	const in, out = "model.hlo", "model.neff"
	if err := os.WriteFile(filepath.Join(folder, in), module, 0o600); err != nil {
		return nil, fmt.Errorf("writing the module for the compiler: %w", errors.Unwrap(err))
	}
	limited, cancel := context.WithTimeout(ctx, CompileLimit)
	defer cancel()
	if _, err := execute(limited, folder, c.path, t.args(in, out)...); err != nil {
		return nil, fmt.Errorf("compiling with %s %s for %s: %w", compilerName, c.version, t.family, err)
	}
	neff, err := os.ReadFile(filepath.Join(folder, out))
	if err != nil {
		return nil, fmt.Errorf("compiling with %s %s for %s: it ended well and wrote no NEFF", compilerName, c.version, t.family)
	}
	return neff, nil
}

// execute runs a program in a folder and returns what it writes. The error has the last of it.
func execute(ctx context.Context, folder, path string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = folder
	// The compiler calls others that lie beside it.
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(path)+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		var status *exec.ExitError
		if !errors.As(err, &status) {
			return nil, fmt.Errorf("it does not start: %w", errors.Unwrap(err))
		}
		return nil, fmt.Errorf("%w: %s", err, cut(out.Bytes()))
	}
	return out.Bytes(), nil
}

// located matches the folders of a path. Reasons are published, and a path may tell who made them.
var located = regexp.MustCompile(`(?:/[\w.+@~-]+)+/`)

// cut is the end of a program's output, the lines of errors if it has such.
func cut(out []byte) string {
	var lines, errs []string
	for line := range strings.Lines(strings.ToValidUTF8(string(out), "?")) {
		line = located.ReplaceAllString(strings.TrimSpace(line), "")
		if line == "" {
			continue
		}
		lines = append(lines, line)
		if strings.Contains(line, "ERROR") || strings.Contains(line, "Error") || strings.Contains(line, "NCC_") {
			errs = append(errs, line)
		}
	}
	if len(errs) > 0 {
		lines = errs
	}
	const last, most = 3, 400
	text := strings.Join(lines[max(0, len(lines)-last):], " / ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[len(text)-most:], "")
	}
	if text == "" {
		return "it says nothing"
	}
	return text
}
