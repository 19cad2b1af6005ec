package library

import (
	"slices"
	"strconv"
	"strings"
)

// names are the file names of ONNX Runtime on an operating system: stem, a version or none, tail.
type names struct {
	stem, tail string
	// installed is the name of the library in the cache, one that the system's loader knows too.
	installed string
	// The files that run models on other devices lie beside the library and are named by device.
	providerStem, providerTail string
}

func namesOf(goos string) names {
	switch goos {
	case "darwin", "ios":
		return names{stem: "libonnxruntime", tail: ".dylib", installed: "libonnxruntime.1.dylib",
			providerStem: "libonnxruntime_providers_", providerTail: ".dylib"}
	case "windows":
		return names{stem: "onnxruntime", tail: ".dll", installed: "onnxruntime.dll",
			providerStem: "onnxruntime_providers_", providerTail: ".dll"}
	}
	return names{stem: "libonnxruntime.so", installed: "libonnxruntime.so.1",
		providerStem: "libonnxruntime_providers_", providerTail: ".so"}
}

// version is the version in the name of a library file, empty if it has none; ok tells whether it is such a name.
func (n names) version(name string) (version []int, ok bool) {
	rest, isStem := strings.CutPrefix(name, n.stem)
	rest, isTail := strings.CutSuffix(rest, n.tail)
	if !isStem || !isTail {
		return nil, false
	}
	if rest == "" {
		return nil, true
	}
	rest, dotted := strings.CutPrefix(rest, ".")
	if !dotted {
		return nil, false
	}
	for part := range strings.SplitSeq(rest, ".") {
		number, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, false
		}
		version = append(version, int(number))
	}
	return version, true
}

// isLibrary tells whether a file of this name is the library.
func (n names) isLibrary(name string) bool {
	_, ok := n.version(name)
	return ok
}

// isProvider tells whether a file of this name runs models on some device. Such a name holds nothing that a path could.
func (n names) isProvider(name string) bool {
	rest, isStem := strings.CutPrefix(name, n.providerStem)
	rest, isTail := strings.CutSuffix(rest, n.providerTail)
	return isStem && isTail && rest != "" && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// provider is the file name of the provider for a device.
func (n names) provider(device string) string { return n.providerStem + device + n.providerTail }

// compare orders names of the library as the system's loader would take them: the name that it knows, then the newest
// version, then the name without one.
func (n names) compare(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == n.installed:
		return -1
	case b == n.installed:
		return 1
	}
	return n.compareVersions(a, b)
}

// compareVersions orders names of the library, newest first.
func (n names) compareVersions(a, b string) int {
	x, _ := n.version(a)
	y, _ := n.version(b)
	return slices.Compare(y, x)
}
