package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

// TestMain lets this test binary be accelbench: as a command of the scripts, and as the worker that accelbench starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerName {
		os.Exit(realMain())
	}
	testscript.Main(m, map[string]func(){"accelbench": main})
}

func TestScripts(t *testing.T) {
	found, err := library.Find(library.Here(""))
	testscript.Run(t, testscript.Params{
		// The scripts have another home, and so another cache.
		Setup: func(env *testscript.Env) error {
			env.Setenv("ORT_LIB", found.Path)
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "ort" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return err == nil, nil
		},
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"measures": measures},
		UpdateScripts:       false,
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
