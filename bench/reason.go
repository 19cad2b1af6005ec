package bench

import (
	"regexp"
	"strings"
)

// located is an absolute path of at least two elements, where a word can begin.
var located = regexp.MustCompile(`(^|[\s"'\x60(\[=:,])((?:/[^\s/"'\x60:;,()\[\]]+)+)/([^\s/"'\x60:;,()\[\]]*)`)

// withoutFolders takes the folders out of the paths in a reason, which is published: vendors' libraries like to name them, and
// they tell who measured where. Those of the system stay: they tell what is wrong.
func withoutFolders(text string) string {
	return located.ReplaceAllStringFunc(text, func(match string) string {
		parts := located.FindStringSubmatch(match)
		for _, system := range []string{"/dev", "/proc", "/sys", "/usr", "/lib", "/lib64", "/etc"} {
			if parts[2] == system || strings.HasPrefix(parts[2], system+"/") {
				return match
			}
		}
		return parts[1] + hostNamed.ReplaceAllString(parts[3], "$1")
	})
}

// hostNamed is a file that XLA makes for a tool that it starts, and names in what the tool says. The name has that of the host in it.
var hostNamed = regexp.MustCompile(`^(tempfile)-.*`)

// publishable is the result without folders in its reasons, and in what it says of a peak that could not be measured.
func publishable(r Result) Result {
	r.Reason = withoutFolders(r.Reason)
	if m := r.Peak.Measured; m != nil {
		peak := *m
		peak.Method = withoutFolders(m.Method)
		r.Peak.Measured = &peak
	}
	reasons := make([]string, len(r.Validity.Reasons))
	for i, reason := range r.Validity.Reasons {
		reasons[i] = withoutFolders(reason)
	}
	if len(reasons) > 0 {
		r.Validity.Reasons = reasons
	}
	return r
}
