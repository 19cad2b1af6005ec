package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/workloads"
)

func TestUncheckedPhases(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options workloads.Options
		calls   []int
		want    []string
	}{
		{"gemm", workloads.Options{}, []int{0}, nil},
		{"gemm", workloads.Options{}, nil, []string{"forward"}},
		{"smollm2-135m", workloads.Options{ISL: 32, OSL: 16}, []int{0}, []string{"decode"}},
		{"smollm2-135m", workloads.Options{ISL: 32, OSL: 16}, []int{7}, []string{"prefill"}},
		{"smollm2-135m", workloads.Options{ISL: 32, OSL: 16}, []int{0, 1}, nil},
		{"smollm2-135m", workloads.Options{ISL: 32, OSL: 1}, []int{0}, nil},
	} {
		w, err := workloads.Find(tt.name, tt.options)
		require.NoError(t, err)
		require.Equal(t, tt.want, w.Unchecked(tt.calls), "%+v", tt)
	}
}

// TestUsualInputsAreCheckedInEveryPhase: after an input of a multiple of 32 tokens the first decoding step has golden values.
func TestUsualInputsAreCheckedInEveryPhase(t *testing.T) {
	for _, isl := range []int{32, 64, 96, 128, 512, 1024} {
		for _, osl := range []int{2, 16, 128} {
			w, err := workloads.Find("smollm2-135m", workloads.Options{ISL: isl, OSL: osl})
			require.NoError(t, err)
			g, ok := w.Golden()
			require.True(t, ok)
			require.Empty(t, w.Unchecked(g.Calls(w)), "isl %d osl %d", isl, osl)
		}
	}
}

// TestStopFollowsTheJob: whatever is said to a worker arrives in the order in which it was said.
func TestStopFollowsTheJob(t *testing.T) {
	for range 20 {
		heard := filepath.Join(t.TempDir(), "heard")
		p, err := start([]string{"sh", "-c", "cat >" + heard}, nil, Job{Kind: JobFind, Backend: "cpu"})
		require.NoError(t, err)
		p.stop()
		var lines []string
		require.Eventually(t, func() bool {
			text, _ := os.ReadFile(heard)
			lines = strings.Split(strings.TrimSpace(string(text)), "\n")
			return len(lines) == 2
		}, 10*time.Second, time.Millisecond)
		p.kill()
		for range p.events {
			t.Error("no event was expected")
		}
		<-p.exit
		require.Contains(t, lines[0], `"kind":"find"`)
		require.Contains(t, lines[1], `"stop":true`)
	}
}
