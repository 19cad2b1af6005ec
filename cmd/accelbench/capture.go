package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/capture"
	"github.com/accelbench/accelbench/devices/cpu"
	"github.com/accelbench/accelbench/devices/host"
	"github.com/accelbench/accelbench/devices/nvml"
)

// rootVariable tells a worker the value of --root, captureVariable the folder into which it saves what it read.
const (
	rootVariable    = "ACCELBENCH_ROOT"
	captureVariable = "ACCELBENCH_CAPTURE"
)

func captureFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "capture", Usage: "also save what was read to `FILE` (.tar.gz), without ids, serial numbers and names, to send to us"},
		&cli.StringFlag{Name: "root", Usage: "look at a capture (`FILE` or folder) or at a tree of files in place of this machine"},
	}
}

// workerCatalogue is the catalogue of a worker: that of this machine, of a capture, or of this machine with a recorder in
// between, whose keepings save writes.
func workerCatalogue() (c bench.Catalogue, save func() error, err error) {
	c, save = softwareOfWorker().catalogue(), func() error { return nil }
	if root := os.Getenv(rootVariable); root != "" {
		captured, err := openRoot(root)
		if err != nil {
			return c, save, err
		}
		// No engine: the software of this machine says nothing about that one.
		c.Backends, c.Machine = backends(nvml.Options{Replay: captured.tape}, cpu.Backend{}), captured.Machine
		c.Engines, c.Peak = func(int) []devices.Engine { return nil }, nil
		return c, save, nil
	}
	folder := os.Getenv(captureVariable)
	if folder == "" {
		return c, save, nil
	}
	recorder, tape := capture.NewRecorder(c.Machine), &nvml.Tape{}
	c.Backends, c.Machine = backends(nvml.Options{Record: tape}, cpu.New()), recorder.Machine()
	return c, func() error {
		if !tape.Empty() { // in the worker that asked NVML
			if err := recorder.AddTape("nvml", tape); err != nil {
				return err
			}
		}
		return recorder.Save(folder)
	}, nil
}

// machineWithTape is a machine that was captured.
type machineWithTape struct {
	devices.Machine
	tape *nvml.Tape
}

func openRoot(path string) (machineWithTape, error) {
	captured, err := capture.Open(path)
	if err != nil {
		return machineWithTape{}, err
	}
	tape := nvml.Untaped()
	if text, there := captured.Tapes["nvml"]; there {
		tape = &nvml.Tape{}
		if err := json.Unmarshal(text, tape); err != nil {
			return machineWithTape{}, fmt.Errorf("opening the capture %s: %w: the answers of NVML: %w", path, capture.ErrFormat, err)
		}
	}
	return machineWithTape{captured.Machine, tape}, nil
}

// source is the machine that devices looks at.
type source struct {
	machine devices.Machine
	// finish makes the capture, if one was asked for; drop leaves no half of it behind.
	finish func() error
	drop   func()
}

// lookAt prepares the runner and the machine for --root and --capture.
func lookAt(c *cli.Context, r *bench.Runner, s streams) (source, error) {
	here := source{machine: host.Live(), finish: func() error { return nil }, drop: func() {}}
	for _, name := range []string{"root", "capture"} {
		if c.IsSet(name) && c.String(name) == "" {
			return source{}, usagef("--%s is empty: name a file", name)
		}
	}
	root, file := c.String("root"), c.String("capture")
	switch {
	case root != "" && file != "":
		return source{}, usagef("--root shows a capture and --capture makes one: give one of them")
	case root != "":
		captured, err := openRoot(root)
		if err != nil {
			return source{}, err
		}
		here.machine = captured.Machine
		r.Env = append(r.Env, rootVariable+"="+absolute(root))
	case file != "":
		return recordTo(file, r, s)
	}
	return here, nil
}

// recordTo prepares a capture. The file is made first, so that one that cannot be written is found before anything is read;
// what was read lies in a folder of the user's own until its identities are out.
func recordTo(file string, r *bench.Runner, s streams) (source, error) {
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return source{}, fmt.Errorf("making the capture: %w: name another file, or remove it", err)
	}
	if err != nil {
		return source{}, fmt.Errorf("making the capture: %w", err)
	}
	folder, err := os.MkdirTemp("", "accelbench-capture-")
	if err != nil {
		return source{}, errors.Join(fmt.Errorf("making the capture: %w", err), out.Close(), os.Remove(file))
	}
	r.Env = append(r.Env, captureVariable+"="+folder)
	recorder := capture.NewRecorder(host.Live())
	finished := false
	return source{
		machine: recorder.Machine(),
		finish: func() error {
			if err := recorder.Save(folder); err != nil {
				return err
			}
			all, err := capture.Collect(folder)
			if err != nil {
				return err
			}
			if err := capture.Write(out, all, tool().Version, ownNames()); err != nil {
				return err
			}
			finished = true
			if err := out.Close(); err != nil {
				return fmt.Errorf("writing the capture: %w", err)
			}
			complain(s.err, "accelbench: captured to %s: look into it before you send it (docs/hardware-captures.md)\n", absolute(file))
			return nil
		},
		drop: func() {
			_ = os.RemoveAll(folder)
			if !finished {
				_ = out.Close()
				_ = os.Remove(file)
			}
		},
	}, nil
}

// ownNames are those of this machine and of its user, which a capture leaves out.
func ownNames() []string {
	var names []string
	if name, err := os.Hostname(); err == nil {
		first, _, _ := strings.Cut(name, ".")
		names = append(names, name, first)
	}
	if who, err := user.Current(); err == nil {
		names = append(names, who.Username[strings.LastIndex(who.Username, `\`)+1:], filepath.Base(who.HomeDir))
	}
	return names
}
