package bench_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

func TestCommitsAreShortened(t *testing.T) {
	hash := strings.Repeat("0123456789", 4)
	for commit, want := range map[string]string{hash: "0123456789", hash + "-dirty": "0123456789-dirty", "v1.2-3-gabc": "v1.2-3-gabc", "": "", "1a2b": "1a2b",
		strings.Repeat("z", 40): strings.Repeat("z", 40)} {
		require.Equal(t, want, bench.ShortCommit(commit))
	}
}
