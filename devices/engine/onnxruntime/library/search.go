package library

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// systemDirs are the folders in which a library that the system has would be, as absolute paths with patterns, in the
// order of the loader.
func (p Places) systemDirs() []string {
	switch p.OS {
	case "windows":
		return filepath.SplitList(p.Getenv("PATH"))
	case "darwin":
		dirs := listed(p.Getenv("DYLD_LIBRARY_PATH"))
		return append(dirs, "/usr/local/lib", "/opt/homebrew/lib", "/opt/onnxruntime*/lib")
	}
	dirs := append(listed(p.Getenv("LD_LIBRARY_PATH")), "/usr/local/lib")
	if triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[p.Arch]; triplet != "" {
		dirs = append(dirs, "/usr/lib/"+triplet)
	}
	return append(dirs, "/lib64", "/usr/lib64", "/usr/lib", "/opt/onnxruntime*/lib")
}

// listed are the absolute paths of a search path; the loader's meaning of the others depends on the working directory.
func listed(searchPath string) []string {
	var dirs []string
	for dir := range strings.SplitSeq(searchPath, ":") {
		if path.IsAbs(dir) {
			dirs = append(dirs, literal(path.Clean(dir)))
		}
	}
	return dirs
}

// pythonDirs are the folders in which Python's packages have the library, as patterns, in groups: the active environments,
// the user's packages, the system's. Within a group the newest version counts.
func (p Places) pythonDirs() [][]string {
	const capi = "/onnxruntime/capi"
	versions := func(root string) []string {
		if p.OS == "windows" {
			return []string{root + "/Lib/site-packages" + capi}
		}
		return []string{root + "/lib/python3*/site-packages" + capi, root + "/lib64/python3*/site-packages" + capi}
	}
	var groups [][]string
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if root := p.Getenv(variable); filepath.IsAbs(root) {
			groups = append(groups, versions(literal(root)))
		}
	}
	if home := p.Getenv("HOME"); path.IsAbs(home) {
		user := versions(literal(home) + "/.local")
		if p.OS == "darwin" {
			user = append(user, literal(home)+"/Library/Python/3*/lib/python/site-packages"+capi)
		}
		groups = append(groups, user)
	}
	switch p.OS {
	case "windows":
		return groups
	case "darwin":
		return append(groups, slices.Concat(versions("/usr/local"), versions("/opt/homebrew"),
			versions("/Library/Frameworks/Python.framework/Versions/3*")))
	}
	return append(groups, slices.Concat(versions("/usr/local"), versions("/usr"),
		[]string{"/usr/local/lib/python3*/dist-packages" + capi, "/usr/lib/python3*/dist-packages" + capi}))
}

// literal makes a path a pattern that matches that path alone.
func literal(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// expand lists the folders, as absolute paths, that the patterns match, in the order of the patterns.
func (p Places) expand(patterns []string) []string {
	var dirs []string
	for _, pattern := range patterns {
		// The patterns are this file's own, so that none is malformed; a folder that cannot be read matches nothing.
		matches, _ := fs.Glob(p.FS, inFS(pattern))
		for _, dir := range matches {
			dirs = append(dirs, "/"+dir)
		}
	}
	return dirs
}

// best is the library in a folder that the loader would take, and its name; empty if there is none.
func (p Places) best(dir string) (file, name string) {
	entries, err := fs.ReadDir(p.FS, inFS(dir))
	if err != nil {
		return "", "" // not there, or not ours to read: there is no library to load either
	}
	var found []string
	n := namesOf(p.OS)
	for _, e := range entries {
		if n.isLibrary(e.Name()) && p.isFile(path.Join(dir, e.Name())) == nil {
			found = append(found, e.Name())
		}
	}
	if len(found) == 0 {
		return "", ""
	}
	name = slices.MinFunc(found, n.compare)
	return path.Join(dir, name), name
}

// newest is the library of the newest version among those of the folders; empty if there is none.
func (p Places) newest(dirs []string) string {
	var file, name string
	for _, dir := range dirs {
		if f, n := p.best(dir); f != "" && (file == "" || namesOf(p.OS).compareVersions(n, name) < 0) {
			file, name = f, n
		}
	}
	return file
}
