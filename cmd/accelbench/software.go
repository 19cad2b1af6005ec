package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices/engine/nrt"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/engine/pjrt"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
)

// software is what the user says about the software of engines. Workers are told by variables.
type software struct {
	library      string // of --ort-lib
	plugin       string // of --pjrt-plugin
	nrt          string // of --nrt-lib
	experimental bool
}

// The variables that tell a worker the values of the flags.
const (
	libraryVariable      = "ACCELBENCH_ORT_LIB"
	pluginVariable       = "ACCELBENCH_PJRT_PLUGIN"
	experimentalVariable = "ACCELBENCH_EXPERIMENTAL"
)

// engineFlags are the flags of the commands that use engines.
func engineFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "ort-lib", Usage: "ONNX Runtime library to use (default: ORT_LIB, the cache, the system, a Python environment)"},
		&cli.StringFlag{Name: "pjrt-plugin", Usage: "PJRT plugin to use (default: PJRT_PLUGIN, a Python environment; for the CPU none)"},
		&cli.StringFlag{Name: "nrt-lib", Usage: "Neuron runtime library libnrt.so.1 to use (default: " + nrt.LibraryVariable + ", " +
			string(nrt.SourceVendor) + ", the system's loader)"},
		&cli.BoolFlag{Name: "experimental", Usage: "allow ways that are known to be fragile: Neuron through PJRT"},
	}
}

// softwareOfFlags reads engineFlags. Files that are not there are errors.
func softwareOfFlags(c *cli.Context) (software, error) {
	s := software{experimental: c.Bool("experimental")}
	for _, flag := range []struct {
		name, what string
		into       *string
	}{{"ort-lib", "library", &s.library}, {"pjrt-plugin", "plugin", &s.plugin}, {"nrt-lib", "library", &s.nrt}} {
		path := c.String(flag.name)
		if path == "" {
			if c.IsSet(flag.name) {
				return s, usagef("--%s is empty: give a value, or leave it out", flag.name)
			}
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return s, fmt.Errorf("finding the %s of --%s: %w", flag.what, flag.name, err)
		}
		*flag.into = absolute(path)
	}
	return s, nil
}

// softwareOf reads engineFlags and what a plan file says of the same. A flag wins. Paths of the file are seen from its folder.
func softwareOf(c *cli.Context, w wishes) (software, error) {
	s, err := softwareOfFlags(c)
	if err != nil {
		return s, err
	}
	for _, named := range []struct {
		name, path string
		into       *string
	}{{"ort-lib", w.file.Software.ONNXRuntime, &s.library}, {"pjrt-plugin", w.file.Software.PJRTPlugin, &s.plugin},
		{"nrt-lib", w.file.Software.NeuronRuntime, &s.nrt}} {
		if named.path == "" || *named.into != "" {
			continue
		}
		path := named.path
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(w.name), path)
		}
		if _, err := os.Stat(path); err != nil {
			return s, fmt.Errorf("finding %s of plan %s: %w", named.name, w.name, err)
		}
		*named.into = absolute(path)
	}
	return s, nil
}

// without is what the other does not say as well.
func (s software) without(other software) software {
	for _, path := range []struct{ mine, others *string }{{&s.library, &other.library}, {&s.plugin, &other.plugin}, {&s.nrt, &other.nrt}} {
		if *path.mine == *path.others {
			*path.mine = ""
		}
	}
	return s
}

// softwareOfWorker reads what a parent said.
func softwareOfWorker() software {
	return software{library: os.Getenv(libraryVariable), plugin: os.Getenv(pluginVariable), experimental: os.Getenv(experimentalVariable) != ""}
}

// variables tell a worker.
func (s software) variables() []string {
	var out []string
	if s.library != "" {
		out = append(out, libraryVariable+"="+s.library)
	}
	if s.plugin != "" {
		out = append(out, pluginVariable+"="+s.plugin)
	}
	if s.nrt != "" {
		out = append(out, nrt.LibraryVariable+"="+s.nrt)
	}
	if s.experimental {
		out = append(out, experimentalVariable+"=1")
	}
	return out
}

// findLibrary finds the ONNX Runtime library.
func (s software) findLibrary() (library.Found, error) { return library.Find(library.Here(s.library)) }

// pjrt are the options of the engine of that name.
func (s software) pjrt() pjrt.Options {
	return pjrt.Options{Places: plugin.Here(s.plugin), Experimental: s.experimental}
}

// named tells what the user named for an engine, and how: then nothing else, and no other engine, takes its place. Empty if
// nothing.
func (s software) named(engine string) (what, how string) {
	switch {
	case engine == pjrt.Name && s.plugin != "":
		return "plugin", string(plugin.SourceFlag)
	case engine == pjrt.Name:
		return "plugin", ofEnvironment(string(plugin.SourceEnv))
	case engine == nrt.Name && s.nrt != "":
		return "library", "--nrt-lib"
	case engine == nrt.Name:
		return "library", ofEnvironment(nrt.LibraryVariable)
	case !strings.HasPrefix(engine, onnxruntime.Name):
		return "", ""
	case s.library != "":
		return "library", string(library.SourceFlag)
	}
	return "library", ofEnvironment(string(library.SourceEnv), string(library.SourceDylib))
}

// unused refuses a flag that names software for an engine of which there is no run: it would be passed over, unseen.
func (s software) unused(plans []bench.Plan) error {
	for _, named := range []struct{ flag, path, engine string }{{"ort-lib", s.library, onnxruntime.Name},
		{"pjrt-plugin", s.plugin, pjrt.Name}, {"nrt-lib", s.nrt, nrt.Name}} {
		if named.path != "" && !slices.ContainsFunc(plans, func(p bench.Plan) bool { return strings.HasPrefix(p.Engine, named.engine) }) {
			return usagef("--%s is for engine %s, and no run here is with it: add --engine %s, or leave --%s out",
				named.flag, named.engine, named.engine, named.flag)
		}
	}
	return nil
}

// ofEnvironment is the first of the variables that is set; empty if none is.
func ofEnvironment(names ...string) string {
	for _, name := range names {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return ""
}
