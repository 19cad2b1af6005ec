package capture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing/fstest"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// machineOf is a machine of what was kept. What was not asked for then is not there now.
func machineOf(files fs.FS, commands []Command, requests []Request, env map[string]string) devices.Machine {
	r := &replayer{commands: commands, requests: requests}
	m := devices.Machine{FS: files, Run: r.run,
		LookupEnv: func(name string) (string, bool) { v, set := env[name]; return v, set },
		Getenv:    func(name string) string { return env[name] }}
	if len(requests) > 0 {
		m.HTTP = r
	}
	return m
}

// replayFiles makes the file system of an archive.
func replayFiles(m manifest, parts map[string][]byte) (fs.FS, error) {
	out := replayFS{fstest.MapFS{}, map[string]error{}}
	add := func(names []string, mode fs.FileMode, err error) error {
		for _, name := range names {
			if !fs.ValidPath(name) {
				return refuse("%q is no path inside it", name)
			}
			out.files[name] = &fstest.MapFile{Mode: mode}
			if err != nil {
				out.failing[name] = err
			}
		}
		return nil
	}
	if len(m.Directories)+len(m.Denied)+len(m.Unreadable)+len(m.Seen) > maxEntries {
		return nil, refuse("more than %d paths", maxEntries)
	}
	for _, list := range []struct {
		names []string
		mode  fs.FileMode
		err   error
	}{
		{m.Directories, fs.ModeDir | 0o555, nil},
		{m.Denied, 0o400, fs.ErrPermission},
		{m.Unreadable, 0o444, errors.New("could not be read when it was captured")},
		{m.Seen, 0o444, fmt.Errorf("its content was not captured: %w", fs.ErrNotExist)},
	} {
		if err := add(list.names, list.mode, list.err); err != nil {
			return nil, err
		}
	}
	for name, data := range parts {
		if path, is := strings.CutPrefix(name, rootFolder); is {
			out.files[path] = &fstest.MapFile{Data: data, Mode: 0o444}
			delete(out.failing, path)
		}
	}
	for path, device := range m.Devices {
		if f := out.files[path]; f != nil {
			f.Sys = sysfiles.Number(device)
		}
	}
	return out, nil
}

// replayFS gives the files, and the errors of those that could not be read.
type replayFS struct {
	files   fstest.MapFS
	failing map[string]error
}

// Open opens a file that has a content, or a directory.
func (f replayFS) Open(name string) (fs.File, error) {
	if err := f.failing[name]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return f.files.Open(name)
}

// ReadFile reads a file.
func (f replayFS) ReadFile(name string) ([]byte, error) {
	if err := f.failing[name]; err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return f.files.ReadFile(name)
}

// Stat knows the files that could not be read too.
func (f replayFS) Stat(name string) (fs.FileInfo, error) { return f.files.Stat(name) }

// ReadDir lists them.
func (f replayFS) ReadDir(name string) ([]fs.DirEntry, error) { return f.files.ReadDir(name) }

// replayer gives the answers of commands and of metadata services in the order in which they came, and the last again.
type replayer struct {
	mu       sync.Mutex
	commands []Command
	requests []Request
	asked    map[string]int
}

// nth is the number of the question among equal ones, at most last.
func (r *replayer) nth(question string, last int) int {
	if r.asked == nil {
		r.asked = map[string]int{}
	}
	n := min(r.asked[question], last)
	r.asked[question]++
	return n
}

func (r *replayer) run(ctx context.Context, name string, args ...string) (stdout, stderr []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var same []Command
	for _, c := range r.commands {
		if c.Name == name && slices.Equal(c.Args, args) {
			same = append(same, c)
		}
	}
	if len(same) == 0 {
		return nil, nil, fmt.Errorf("running %s: not captured: %w", name, exec.ErrNotFound)
	}
	c := same[r.nth(name+"\x00"+strings.Join(args, "\x00"), len(same)-1)]
	switch {
	case c.Absent:
		err = replayed{c.Error, exec.ErrNotFound}
	case c.Error != "":
		err = errors.New(c.Error)
	}
	return bytes.Clone(c.Stdout), bytes.Clone(c.Stderr), err
}

// replayed is an error with the words of then and a cause that programs can tell.
type replayed struct {
	text  string
	cause error
}

// Error gives the words.
func (e replayed) Error() string { return e.text }

// Unwrap gives the cause.
func (e replayed) Unwrap() error { return e.cause }

// Do answers a question to a metadata service.
func (r *replayer) Do(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	question := req.Method + " " + req.URL.String()
	var same []Request
	for _, q := range r.requests {
		if q.Method+" "+q.URL == question {
			same = append(same, q)
		}
	}
	if len(same) == 0 {
		return nil, fmt.Errorf("%s: not captured", question)
	}
	q := same[r.nth(question, len(same)-1)]
	switch {
	case q.Timeout:
		return nil, replayed{q.Error, os.ErrDeadlineExceeded}
	case q.Error != "":
		return nil, errors.New(q.Error)
	}
	header := http.Header{}
	if q.Flavor != "" {
		header.Set("Metadata-Flavor", q.Flavor)
	}
	return &http.Response{StatusCode: q.Status, Header: header, Body: io.NopCloser(strings.NewReader(q.Body)), Request: req}, nil
}
