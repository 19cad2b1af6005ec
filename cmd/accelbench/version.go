package main

import (
	"runtime/debug"

	"github.com/accelbench/accelbench/bench"
)

// tool identifies this program: by what the linker stamped, else by what the build information says.
func tool() bench.Tool {
	t := bench.Tool{Version: version, Commit: commit}
	if dirty != "" {
		d := dirty == "true"
		t.Dirty = &d
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || t.Version != "" {
		if t.Version == "" {
			t.Version = "devel"
		}
		return t
	}
	t.Version = info.Main.Version
	if t.Version == "" || t.Version == "(devel)" {
		t.Version = "devel"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			t.Commit = s.Value
		case "vcs.modified":
			d := s.Value == "true"
			t.Dirty = &d
		}
	}
	return t
}
