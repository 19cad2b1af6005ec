package bench_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/selftest"
)

func TestSelftestOfWorkersThatDie(t *testing.T) {
	r := &bench.Runner{Command: []string{"/bin/sh", "-c", "echo no luck; exit 7"}}
	var heard []string
	report, err := r.Selftest(t.Context(), func(part string) { heard = append(heard, part) })
	require.NoError(t, err)
	require.Len(t, heard, len(selftest.Parts()))
	require.False(t, report.Complete())
	for _, m := range report.Measured {
		require.Nil(t, m.Value)
		require.Contains(t, m.Reason, "no luck", m.Name)
	}
}

func TestSelftestWithoutWorkers(t *testing.T) {
	_, err := (&bench.Runner{}).Selftest(t.Context(), func(string) {})
	require.ErrorContains(t, err, "self-test: starting the worker")
}

// The interruption comes while a real worker starts or measures, which gives up its measurement.
func TestInterruptedSelftest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	parts := 0
	_, err := runner().Selftest(ctx, func(string) {
		if parts++; parts == 2 {
			time.AfterFunc(150*time.Millisecond, cancel)
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.GreaterOrEqual(t, parts, 2)
	require.Less(t, parts, len(selftest.Parts()))
}
