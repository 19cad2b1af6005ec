package english_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/internal/english"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{english.Plural("image"), "images"}, {english.Plural("MiB"), "MiB"}, {english.Plural("query"), "queries"}, {english.Plural(""), ""},
		{english.Plural("series"), "series"}, {english.Count(1, "entry"), "1 entry"}, {english.Count(2, "entry"), "2 entries"},
		{english.Count(0, "run"), "0 runs"}, {english.Joined(": ", "", "a", "", "b"), "a: b"}, {english.Joined(": ", "a", ""), "a"},
		{english.Joined(", "), ""}, {english.Are(1, "further quantity"), "1 further quantity is"}, {english.Are(2, "further quantity"), "2 further quantities are"},
	} {
		require.Equal(t, c.want, c.got)
	}
}
