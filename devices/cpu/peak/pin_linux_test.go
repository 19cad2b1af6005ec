package peak

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLastLevelCacheCountsSharedCachesOnce(t *testing.T) {
	root := t.TempDir()
	for cpu, shared := range map[string]string{"cpu0": "0-1", "cpu1": "0-1", "cpu2": "2-3"} {
		for index, level := range map[string][2]string{"index0": {"1", "32K"}, "index3": {"3", "32768K"}} {
			dir := filepath.Join(root, cpu, "cache", index)
			require.NoError(t, os.MkdirAll(dir, 0o755))
			for name, text := range map[string]string{"level": level[0], "size": level[1], "type": "Unified", "shared_cpu_list": shared} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o644))
			}
		}
	}
	require.Equal(t, int64(2*32<<20), lastLevelCacheIn(root, []int{0, 1, 2}))
	require.Equal(t, int64(32<<20), lastLevelCacheIn(root, []int{0, 1}))
	require.Zero(t, lastLevelCacheIn(root, []int{9}))
}
