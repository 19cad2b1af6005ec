package capture

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// manifest is the part of an archive that says what the rest is.
type manifest struct {
	Schema string `json:"schema"`
	// Tool is the version of the program that captured.
	Tool string `json:"tool,omitempty"`
	// Directories are those that may be empty; Denied, Unreadable and Seen are paths without content, see [Kind].
	Directories []string `json:"directories,omitempty"`
	Denied      []string `json:"denied,omitempty"`
	Unreadable  []string `json:"unreadable,omitempty"`
	Seen        []string `json:"seen,omitempty"`
	// Devices are the numbers of device nodes by their path.
	Devices  map[string]string `json:"devices,omitempty"`
	Commands []manifestCommand `json:"commands,omitempty"`
	Env      map[string]string `json:"env,omitempty"`
	Requests []Request         `json:"requests,omitempty"`
	// Tapes are the parts with the answers of vendor libraries, by backend.
	Tapes map[string]string `json:"tapes,omitempty"`
}

// manifestCommand is a command whose output is in parts of the archive; empty for no output.
type manifestCommand struct {
	Name   string   `json:"name"`
	Args   []string `json:"args"`
	Stdout string   `json:"stdout,omitempty"`
	Stderr string   `json:"stderr,omitempty"`
	Error  string   `json:"error,omitempty"`
	Absent bool     `json:"absent,omitempty"`
}

// Write makes an archive (tar, gzip) of a recording without its identities. tool is the version of the program; names are
// further words to take out: those of the host.
func Write(w io.Writer, r Recording, tool string, names []string) error {
	parts, err := scrub(r, tool, names)
	if err != nil {
		return err
	}
	zip := gzip.NewWriter(w)
	archive := tar.NewWriter(zip)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		data := parts[name]
		if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(data)), Format: tar.FormatPAX}); err != nil {
			return fmt.Errorf("writing the capture: %w", err)
		}
		if _, err := archive.Write(data); err != nil {
			return fmt.Errorf("writing the capture: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("writing the capture: %w", err)
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("writing the capture: %w", err)
	}
	return nil
}

// scrub makes the parts of the archive. Texts are looked through in one order on all machines, so that equal machines give
// equal numbers; variables come last, since they may name identities by their beginning.
func scrub(r Recording, tool string, names []string) (map[string][]byte, error) {
	s := newScrubber(names)
	m := manifest{Schema: Schema, Tool: tool, Devices: map[string]string{}, Env: map[string]string{}, Tapes: map[string]string{}}
	parts := map[string][]byte{}
	for _, backend := range slices.Sorted(maps.Keys(r.Tapes)) {
		name := backend + ".json"
		parts[name], m.Tapes[backend] = []byte(s.text(string(r.Tapes[backend]))+"\n"), name
	}
	for i, c := range r.Commands {
		kept := manifestCommand{Name: c.Name, Args: c.Args, Error: s.text(c.Error), Absent: c.Absent}
		for _, out := range []struct {
			kind string
			data []byte
			to   *string
		}{{"stdout", c.Stdout, &kept.Stdout}, {"stderr", c.Stderr, &kept.Stderr}} {
			if len(out.data) > 0 {
				*out.to = fmt.Sprintf("commands/%d.%s", i, out.kind)
				parts[*out.to] = []byte(s.text(strings.ToValidUTF8(string(out.data), "?")))
			}
		}
		m.Commands = append(m.Commands, kept)
	}
	parents := map[string]bool{}
	for name := range r.Files {
		for dir := path.Dir(name); dir != "." && !parents[dir]; dir = path.Dir(dir) {
			parents[dir] = true
		}
	}
	for _, at := range slices.Sorted(maps.Keys(r.Files)) {
		e, name := r.Files[at], s.path(at)
		switch e.Kind {
		case File:
			parts[rootFolder+name] = s.file(at, e.Data)
		case Directory:
			m.Directories = append(m.Directories, name)
		case Denied:
			m.Denied = append(m.Denied, name)
		case Unreadable:
			m.Unreadable = append(m.Unreadable, name)
		case Seen:
			// A link to a directory looks like a file until something in it is read.
			if !parents[at] {
				m.Seen = append(m.Seen, name)
			}
		}
		if e.Device != "" {
			m.Devices[name] = e.Device
		}
	}
	for _, q := range r.Requests {
		m.Requests = append(m.Requests, s.request(q))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Env)) {
		m.Env[name] = s.variable(name, r.Env[name])
	}
	total := 0
	for _, data := range parts {
		total += len(data)
	}
	if total > maxTotal || len(r.Files) > maxEntries {
		return nil, fmt.Errorf("writing the capture: %d bytes of %d paths were read, which is beyond all bounds: tell us what this machine has", total, len(r.Files))
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the capture: %w", err)
	}
	parts[manifestName] = append(text, '\n')
	return parts, nil
}

// path takes identities out of the path of a control group, which may have those of a container or a person in it; other
// paths of /proc, /sys and /dev have none, and PCI addresses that look like others.
func (s *scrubber) path(name string) string {
	if below, is := strings.CutPrefix(name, groupFolder); is {
		return groupFolder + s.groupPath(below)
	}
	return name
}
