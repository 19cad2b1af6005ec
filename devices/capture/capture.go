// Package capture saves what detection reads on a machine and runs detection on it elsewhere, so that people can send
// hardware that nobody here owns.
//
// The flow: a [Recorder] stands between the backends and the machine and keeps every file, listing, command output,
// variable and metadata answer -> [Write] takes the identities out and makes one archive -> [Open] gives the archive, or a
// folder with a tree of files, as a [devices.Machine] again, from which the same detection reads the same.
//
// The room's one rule: a [Recording] has everything in it and never leaves the machine; an archive has nothing that tells a
// machine, an account or a person apart. Identities that join facts, as UUIDs do, become numbered ones.
package capture

import (
	"encoding/json"
	"errors"
)

// Schema names the form of an archive.
const Schema = "accelbench.capture/v1"

// ErrFormat marks a file or folder that is no capture, or one beyond all bounds.
var ErrFormat = errors.New("not a capture")

// The bounds of what is recorded, and of what is believed of an archive or a tree.
const (
	maxFile    = 4 << 20
	maxTotal   = 64 << 20
	maxEntries = 100_000
)

// The parts of an archive.
const (
	manifestName = "capture.json"
	rootFolder   = "root/"
)

// Kind is what is known of a path.
type Kind string

// A path is a file that was read, a directory, a file that may not be read or cannot be, or one that was only seen.
const (
	File       Kind = "file"
	Directory  Kind = "directory"
	Denied     Kind = "denied"
	Unreadable Kind = "unreadable"
	Seen       Kind = "seen"
)

// Entry is a path of the machine. Device is the number of a device node, "major:minor".
type Entry struct {
	Kind   Kind   `json:"kind"`
	Data   []byte `json:"data,omitempty"`
	Device string `json:"device,omitempty"`
}

// Command is one run of a command. Error is how it failed; Absent tells that there is no such command.
type Command struct {
	Name   string   `json:"name"`
	Args   []string `json:"args"`
	Stdout []byte   `json:"stdout,omitempty"`
	Stderr []byte   `json:"stderr,omitempty"`
	Error  string   `json:"error,omitempty"`
	Absent bool     `json:"absent,omitempty"`
}

// Request is one question to a metadata service. Flavor is its header of that name; Timeout tells that there was no answer.
type Request struct {
	Method  string `json:"method"`
	URL     string `json:"url"`
	Status  int    `json:"status,omitempty"`
	Flavor  string `json:"flavor,omitempty"`
	Body    string `json:"body,omitempty"`
	Error   string `json:"error,omitempty"`
	Timeout bool   `json:"timeout,omitempty"`
}

// Recording is everything that was read, identities included.
type Recording struct {
	Files    map[string]Entry  `json:"files,omitempty"`
	Commands []Command         `json:"commands,omitempty"`
	Requests []Request         `json:"requests,omitempty"`
	Env      map[string]string `json:"env,omitempty"`
	// Tapes are the answers of vendor libraries, by the name of the backend, in its own form.
	Tapes map[string]json.RawMessage `json:"tapes,omitempty"`
}

// telling orders kinds by how much they tell: a directory that somebody tried to read as a file is a directory.
var telling = map[Kind]int{Seen: 0, Unreadable: 1, Denied: 2, Directory: 3, File: 4}

// note adds what is known of a path; what was read first stays.
func (r *Recording) note(path string, e Entry) {
	if r.Files == nil {
		r.Files = map[string]Entry{}
	}
	old, known := r.Files[path]
	if known && telling[e.Kind] <= telling[old.Kind] {
		if old.Device == "" {
			old.Device = e.Device
			r.Files[path] = old
		}
		return
	}
	if e.Device == "" {
		e.Device = old.Device
	}
	r.Files[path] = e
}

// Join puts recordings of one machine together. What the first has counts.
func Join(list ...Recording) Recording {
	var all Recording
	for _, r := range list {
		for path, e := range r.Files {
			all.note(path, e)
		}
		all.Commands = append(all.Commands, r.Commands...)
		all.Requests = append(all.Requests, r.Requests...)
		for name, value := range r.Env {
			if all.Env == nil {
				all.Env = map[string]string{}
			}
			all.Env[name] = value
		}
		for name, tape := range r.Tapes {
			if all.Tapes == nil {
				all.Tapes = map[string]json.RawMessage{}
			}
			if _, have := all.Tapes[name]; !have {
				all.Tapes[name] = tape
			}
		}
	}
	return all
}
