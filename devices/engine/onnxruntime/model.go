package onnxruntime

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
)

// model is one session of the library, profiled until its first run is over.
type model struct {
	session *ort.Session
	target  target
	folder  string // has the profile; empty once that was read
}

// spin is how long a thread of the CPU looks for more work before it sleeps, in microseconds; the library spins for longer
// by itself. On two free cores that is as fast as the library's way (SmolLM2-135M decodes in 14.9 against 15.0 ms, and in 18.2
// without spinning), and on cores that others use as well it is as good as not to spin (20 against 48 ms).
const spin = 50

// spinningSince is the first minor version known to obey the setting. Older libraries ignore what they do not know: they are
// told not to spin at all.
const spinningSince = 30

// spinning is spin, or 0 where a library of that version cannot be told how long.
func spinning(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	if n, err := strconv.Atoi(minor); err != nil || n < spinningSince {
		return 0
	}
	return spin
}

// settings are what all sessions have in common.
//
// session.disable_cpu_ep_fallback is not set: it refuses models whose shapes are reckoned on the CPU, as the GPU providers
// want it. The profile tells the reckoning of shapes from work.
func (e *engine) settings(l opened, t target, precision, folder string) ort.Options {
	o := ort.Options{Threads: e.threads, Spinning: ort.SpinOff, Providers: t.options(precision), ProfilePrefix: filepath.Join(folder, "profile")}
	if n := spinning(l.Version()); n > 0 {
		o.Spinning, o.Config = ort.SpinOn, map[string]string{"session.intra_op.spin_duration_us": strconv.Itoa(n)}
	}
	return o
}

// newModel creates a session that is profiled in a private folder.
func (e *engine) newModel(l opened, t target, precision string, create func(o ort.Options) (*ort.Session, error)) (*model, error) {
	folder, err := os.MkdirTemp("", "accelbench-onnxruntime-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the profile: %w", err)
	}
	session, err := create(e.settings(l, t, precision, folder))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &model{session: session, target: t, folder: folder}, nil
}

// assert ends the profile after the first run and demands that the asked providers did its work. One run speaks for all: what
// runs where is decided when the session is created.
func (m *model) assert() error {
	if m.folder == "" {
		return nil
	}
	path, err := m.session.EndProfiling()
	if err == nil {
		err = assertFile(path, m.target.asked)
	}
	return errors.Join(err, m.forget())
}

// forget removes the profile's folder.
func (m *model) forget() error {
	folder := m.folder
	m.folder = ""
	if folder == "" {
		return nil
	}
	return os.RemoveAll(folder)
}

func (m *model) close() error {
	return errors.Join(m.session.Close(), m.forget())
}
