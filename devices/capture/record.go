package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// Recorder keeps what is read through its Machine. It may be used from several goroutines.
type Recorder struct {
	machine devices.Machine
	mu      sync.Mutex
	kept    Recording
}

// NewRecorder records what is read of the machine.
func NewRecorder(m devices.Machine) *Recorder { return &Recorder{machine: m} }

// Machine is the machine with a recorder in between. It has what the other has.
func (r *Recorder) Machine() devices.Machine {
	m := devices.Machine{}
	if r.machine.FS != nil {
		m.FS = recordFS{r.machine.FS, r}
	}
	if r.machine.Run != nil {
		m.Run = r.run
	}
	if r.machine.HTTP != nil {
		m.HTTP = recordHTTP{r.machine.HTTP, r}
	}
	m.LookupEnv = r.lookup
	m.Getenv = func(name string) string {
		value, _ := r.lookup(name)
		return value
	}
	return m
}

// Recording is what was kept until now.
func (r *Recorder) Recording() Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Join(r.kept)
}

// AddTape keeps the answers of a vendor's library; v must be fit for JSON.
func (r *Recorder) AddTape(backend string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("keeping the answers of %s: %w", backend, err)
	}
	r.keep(func(k *Recording) {
		if k.Tapes == nil {
			k.Tapes = map[string]json.RawMessage{}
		}
		k.Tapes[backend] = text
	})
	return nil
}

// Save writes the recording into a folder that nobody else may read, for [Collect].
func (r *Recorder) Save(folder string) error {
	text, err := json.Marshal(r.Recording())
	if err != nil {
		return fmt.Errorf("saving what was read: %w", err)
	}
	name := filepath.Join(folder, fmt.Sprintf("%020d-%d.json", time.Now().UnixNano(), os.Getpid()))
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return fmt.Errorf("saving what was read: %w", err)
	}
	return nil
}

// Collect reads what recorders saved into a folder, in the order in which they did.
func Collect(folder string) (Recording, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return Recording{}, fmt.Errorf("collecting what was read: %w", err)
	}
	slices.Sort(names)
	var list []Recording
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return Recording{}, fmt.Errorf("collecting what was read: %w", err)
		}
		var one Recording
		if err := json.Unmarshal(text, &one); err != nil {
			return Recording{}, fmt.Errorf("collecting what was read: %w", err)
		}
		list = append(list, one)
	}
	return Join(list...), nil
}

func (r *Recorder) keep(change func(*Recording)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.kept)
}

func (r *Recorder) note(name string, e Entry) { r.keep(func(k *Recording) { k.note(name, e) }) }

func (r *Recorder) lookup(name string) (string, bool) {
	value, set := r.machine.Lookup(name)
	if set {
		r.keep(func(k *Recording) {
			if k.Env == nil {
				k.Env = map[string]string{}
			}
			k.Env[name] = value
		})
	}
	return value, set
}

func (r *Recorder) run(ctx context.Context, name string, args ...string) (stdout, stderr []byte, err error) {
	stdout, stderr, err = r.machine.Run(ctx, name, args...)
	c := Command{Name: name, Args: append([]string{}, args...), Stdout: bounded(stdout), Stderr: bounded(stderr)}
	if err != nil {
		c.Error = err.Error()
		c.Absent = errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist)
	}
	r.keep(func(k *Recording) { k.Commands = append(k.Commands, c) })
	return stdout, stderr, err
}

func bounded(out []byte) []byte { return bytes.Clone(out[:min(len(out), maxFile)]) }

// recordFS notes every answer of a file system.
type recordFS struct {
	inner fs.FS
	r     *Recorder
}

// Open notes that the file is there; what is read through it is not kept, so that readers use ReadFile and ReadDir.
func (f recordFS) Open(name string) (fs.File, error) {
	if _, err := f.Stat(name); err != nil {
		return nil, err
	}
	return f.inner.Open(name)
}

// ReadFile keeps the content.
func (f recordFS) ReadFile(name string) ([]byte, error) {
	data, err := fs.ReadFile(f.inner, name)
	switch {
	case err == nil && len(data) <= maxFile:
		f.r.note(name, Entry{Kind: File, Data: bytes.Clone(data)})
	case errors.Is(err, fs.ErrPermission):
		f.r.note(name, Entry{Kind: Denied})
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		f.r.note(name, Entry{Kind: Unreadable})
	}
	return data, err
}

// ReadDir keeps the names.
func (f recordFS) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.inner, name)
	if err != nil {
		return entries, err
	}
	f.r.note(name, Entry{Kind: Directory})
	for _, e := range entries {
		kind := Seen
		if e.IsDir() {
			kind = Directory
		}
		f.r.note(path.Join(name, e.Name()), Entry{Kind: kind})
	}
	return entries, nil
}

// Stat keeps that the file is there, and the number of a device node.
func (f recordFS) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(f.inner, name)
	if err == nil {
		f.r.noteInfo(name, info)
	}
	return info, err
}

func (r *Recorder) noteInfo(name string, info fs.FileInfo) {
	e := Entry{Kind: Seen, Device: sysfiles.DeviceNumber(info)}
	if info.IsDir() {
		e = Entry{Kind: Directory}
	}
	r.note(name, e)
}

// Glob keeps the matches, and nothing of what else is in their folders.
func (f recordFS) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(f.inner, pattern)
	for _, name := range names {
		if info, err := fs.Stat(f.inner, name); err == nil {
			f.r.noteInfo(name, info)
		}
	}
	return names, err
}

// recordHTTP notes every answer of a metadata service.
type recordHTTP struct {
	inner devices.HTTPClient
	r     *Recorder
}

// Do keeps the answer, up to a bound.
func (h recordHTTP) Do(req *http.Request) (*http.Response, error) {
	kept := Request{Method: req.Method, URL: req.URL.String()}
	defer func() { h.r.keep(func(k *Recording) { k.Requests = append(k.Requests, kept) }) }()
	resp, err := h.inner.Do(req)
	if err != nil {
		kept.Error, kept.Timeout = err.Error(), isTimeout(err)
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFile))
	if closing := resp.Body.Close(); err == nil {
		err = closing
	}
	if err != nil {
		kept.Error, kept.Timeout = err.Error(), isTimeout(err)
		return nil, fmt.Errorf("reading the answer of %s: %w", req.URL.Host, err)
	}
	kept.Status, kept.Flavor, kept.Body = resp.StatusCode, resp.Header.Get("Metadata-Flavor"), strings.ToValidUTF8(string(body), "?")
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func isTimeout(err error) bool {
	var asked net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &asked) && asked.Timeout()
}
