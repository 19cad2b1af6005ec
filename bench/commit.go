package bench

import "strings"

// ShortCommit is a commit as people write it: ten digits of a hash, and what stands behind it.
func ShortCommit(commit string) string {
	hash, rest, changed := strings.Cut(commit, "-")
	if len(hash) != 40 || strings.Trim(hash, "0123456789abcdef") != "" {
		return commit
	}
	if changed {
		return hash[:10] + "-" + rest
	}
	return hash[:10]
}
