package bench_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/workloads"
)

func TestSelectionPlans(t *testing.T) {
	const both = 2 // single-stream and offline
	for name, test := range map[string]struct {
		change func(*bench.Selection)
		plans  int
		err    string
	}{
		"everything":                       {func(*bench.Selection) {}, both * 5, ""},
		"one":                              {func(s *bench.Selection) { s.Workloads = []string{"gemm"} }, both, ""},
		"batch leaves single-stream out":   {func(s *bench.Selection) { s.Workloads = []string{"gemm"}; s.Options.Batch = 4 }, 1, ""},
		"batch with single-stream by name": {func(s *bench.Selection) { s.Scenarios = []bench.ScenarioName{bench.SingleStream}; s.Options.Batch = 4 }, 0, "one sample per query"},
		"option of one of two workloads":   {func(s *bench.Selection) { s.Workloads = []string{"gemm", "bert-base"}; s.Options.SeqLen = 128 }, 2 * both, ""},
		"option of none":                   {func(s *bench.Selection) { s.Workloads = []string{"gemm"}; s.Options.SeqLen = 128 }, 0, "option seq-len (got 128) is of no use to gemm"},
		"option out of range":              {func(s *bench.Selection) { s.Workloads = []string{"bert-base"}; s.Options.SeqLen = 4096 }, 0, "seq-len"},
		"negative option":                  {func(s *bench.Selection) { s.Workloads = []string{"bert-base"}; s.Options.Batch = -1 }, 0, "batch"},
		"unknown workload":                 {func(s *bench.Selection) { s.Workloads = []string{"resnet"} }, 0, `unknown workload "resnet": the workloads are, nearest first, resnet50`},
		"unknown scenario":                 {func(s *bench.Selection) { s.Scenarios = []bench.ScenarioName{"ofline"} }, 0, `unknown scenario "ofline": the scenarios are, nearest first, offline`},
		"no duration":                      {func(s *bench.Selection) { s.Duration = 0 }, 0, "duration"},
		"no repeats":                       {func(s *bench.Selection) { s.Repeats = 0 }, 0, "repeats"},
		"no queries":                       {func(s *bench.Selection) { s.MinQueries = -1 }, 0, "min-queries"},
		"other precision stays a plan":     {func(s *bench.Selection) { s.Workloads = []string{"gemm"}; s.Options.Precision = "int8" }, both, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := bench.Selection{Plan: bench.Plan{Length: bench.Length{Duration: time.Second, MinQueries: 1}, Repeats: 3}}
			test.change(&s)
			plans, err := s.Plans()
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Len(t, plans, test.plans)
			for _, p := range plans {
				require.Equal(t, len(s.Workloads) > 0, p.Asked)
			}
		})
	}
}

func TestSelectionGivesOptionsOnlyToThoseThatHaveThem(t *testing.T) {
	s := bench.Selection{Plan: bench.Plan{Length: bench.Length{Duration: time.Second, MinQueries: 1}, Repeats: 1,
		Options: workloads.Options{SeqLen: 128, ISL: 32}}, Scenarios: []bench.ScenarioName{bench.Offline}}
	plans, err := s.Plans()
	require.NoError(t, err)
	for _, p := range plans {
		require.Equal(t, p.Workload == "bert-base", p.Options.SeqLen == 128, p.Workload)
		require.Equal(t, p.Workload == "smollm2-135m", p.Options.ISL == 32, p.Workload)
	}
}
