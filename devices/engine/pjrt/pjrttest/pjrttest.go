// Package pjrttest is a PJRT plugin for tests, made from C when a test needs it, with an interpreter of StableHLO behind it.
//
// The flow: [Build] compiles the plugin against the header of the go-xla module; a test names its file to the engine. When the
// engine makes a client, the plugin starts this test binary again as its helper, whose TestMain calls [Serve]: programs and arrays
// go there over pipes. The environment tells the plugin what to pretend and how to misbehave: see [Env].
//
// Programs for several devices are divided as the attributes of their arguments and results say (parts.go): the helper puts the parts
// together, runs the program once, and cuts the results. So it finds parts that are not those of the text, and whatever of a whole array
// differs between devices; how well a compiler divides the work it cannot show.
//
// The room's one rule: only tests import it.
package pjrttest

import (
	_ "embed" // the plugin's source
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed testdata/plugin.c
var source []byte

// Env are the variables, each with the prefix PJRTTEST_, by which a test tells the plugin what to be.
//
//   - HELPER: the program that serves, which Build sets to the running test binary
//   - PLATFORM, KIND, UUID: what the client and its devices say of themselves ("cpu", "cpu", none); kinds and UUIDs may be lists with
//     commas, one for each device
//   - DEVICES, FIRST: how many devices there are, and the hardware id of the first
//   - MAJOR, MINOR, SIZE, MISSING: version of the interface, size of the table, index of a function that is missing
//   - WORKSPACE: bytes that compiled programs claim to need
//   - FAULT: client, client-exhausted, attributes, upload-exhausted, load-crashes, wrong, partitions (several are refused), or one of compile and execute with
//     -fails, -exhausted, -crashes, -hangs
//   - WHERE: a text that the programs contain in which such a fault of compiling or executing occurs; empty is all programs
//   - REFUSES, WANTS: a text that must not, or that must, be in the options of a compilation
//   - REPORT: a file to which the helper writes, at the end of a client, how many buffers and programs were left
const Env = "PJRTTEST_"

// serving tells a test binary to serve.
const serving = Env + "SERVE"

// Serving tells whether this process is a helper, which must call [Serve] and exit.
func Serving() bool { return os.Getenv(serving) != "" }

// Build compiles the plugin and gives its path. It skips the test where there is no C compiler.
func Build(t testing.TB, name string) string {
	t.Helper()
	file, why, err := Make(t.TempDir(), name)
	if why != "" {
		t.Skip(why)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(Env+"HELPER", os.Args[0])
	return file
}

// Make compiles the plugin into a folder. why tells what is missing to do so.
func Make(dir, name string) (file, why string, err error) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		return "", "no gcc to build the plugin for tests with", nil
	}
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/go-xla").Output()
	if err != nil || len(strings.TrimSpace(string(module))) == 0 {
		return "", "no go-xla module whose header to build the plugin for tests with", nil
	}
	file = filepath.Join(dir, name)
	code := filepath.Join(dir, name+".c")
	if err := os.WriteFile(code, source, 0o600); err != nil {
		return "", "", err
	}
	cmd := exec.Command(gcc, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-pthread",
		"-I", filepath.Join(strings.TrimSpace(string(module)), "pjrt"), "-o", file, code)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", "", &buildError{string(out), err}
	}
	return file, "", nil
}

type buildError struct {
	output string
	err    error
}

func (e *buildError) Error() string {
	return "building the plugin for tests: " + e.err.Error() + "\n" + e.output
}
func (e *buildError) Unwrap() error { return e.err }

// Set sets variables of the plugin for a test: pairs of a name without prefix and a value.
func Set(t testing.TB, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(Env+pairs[i], pairs[i+1])
	}
}
