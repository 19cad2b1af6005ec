package main

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/engine/pjrt/pjrttest"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
)

// The race detector sleeps for a second at every exit, and each command starts workers by the dozen.
const (
	raceVariable = "GORACE"
	raceSettings = "atexit_sleep_ms=0"
)

// TestMain lets this test binary be accelbench: as a command of the scripts, and as the worker that accelbench starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerName {
		if os.Getenv(neuronMachine) != "" {
			os.Exit(neuronWorker())
		}
		os.Exit(realMain())
	}
	if pjrttest.Serving() { // behind the plugin for tests
		if err := pjrttest.Serve(os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	if err := os.Setenv(raceVariable, raceSettings); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"accelbench": main})
}

func TestScripts(t *testing.T) {
	found, err := library.Find(library.Here(""))
	fake := fakePlugin(t)
	testscript.Run(t, testscript.Params{
		// The scripts have another home, and so another cache.
		Setup: func(env *testscript.Env) error {
			env.Setenv("ORT_LIB", found.Path)
			env.Setenv("PLUGIN", fake)
			env.Setenv(raceVariable, raceSettings)
			env.Setenv(pjrttest.Env+"HELPER", os.Args[0])
			return setUpNeuron(t, env)
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "ort":
				return err == nil, nil
			case "pjrt":
				return fake != "", nil
			case "nrt":
				return neuronPlayed(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"measures": measures, "exits": exits, "compares": compares,
			"makeresults": makeResults, "fleet": fleet},
		UpdateScripts: false,
	})
}

// measures runs a command that measures for real: on a noisy machine it may end with exit code 3 instead of 0.
func measures(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("measures cannot be negated")
	}
	if err := ts.Exec(args[0], args[1:]...); err != nil && err.Error() != "exit status 3" {
		ts.Fatalf("%v: %v", args, err)
	}
}

// compares runs a comparison of real runs: the verdict, and whether they are valid, depends on the machine. It is no usage error.
func compares(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[0], args[1:]...)
	if neg || err != nil && !slices.Contains([]string{"exit status 1", "exit status 3", "exit status 4"}, err.Error()) {
		ts.Fatalf("%v: %v", args, err)
	}
}

// exits runs a command that must end with an exit code, its first argument.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if err := ts.Exec(args[1], args[2:]...); neg || err == nil || err.Error() != "exit status "+args[0] {
		ts.Fatalf("%v: %v, not exit status %s", args[1:], err, args[0])
	}
}

// fakePlugin builds the PJRT plugin for tests; empty if it cannot be built, or not be used by this build of the program.
func fakePlugin(t *testing.T) string {
	t.Helper()
	file, why, err := pjrttest.Make(t.TempDir(), "libfake.so")
	if err != nil {
		t.Fatal(err)
	}
	if why != "" {
		return ""
	}
	if _, err := plugin.Open(file); err != nil {
		return ""
	}
	return file
}
