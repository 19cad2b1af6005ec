package ab_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
)

var update = flag.Bool("update", false, "write the table of docs/stopping.md anew")

// design is a way to stop.
type design struct {
	name  string
	looks []ab.Look
}

func designs() []design {
	const level = 1 - compare.Confidence
	return []design{
		{"10 rounds", ab.Once(10, level)},
		{"10 rounds, `--early`", ab.Early(10, level)},
		{"10 rounds, `--max-rounds 20`", ab.Longer(ab.Once(10, level), 20, level)},
		{"10 rounds, `--early --max-rounds 20`", ab.Longer(ab.Early(10, level), 20, level)},
	}
}

// cell is what a simulation found in its trials.
type cell struct {
	verdicts map[compare.Verdict]int
	rounds   int
}

// simulated is the comparison of one trial: two means and a 99th percentile, whose runs differ by noise of their own and by noise that
// both runs of a round have in common. Change is that of the logarithm of each metric towards the worse.
type simulated struct {
	random      *rand.Rand
	change      float64
	own, shared float64
	base, head  map[string][]compare.Value
	round       int
	disturbance float64
	metrics     []compare.Metric
}

func simulate(seed uint64, change, own, shared float64) *simulated {
	return &simulated{random: rand.New(rand.NewPCG(seed, 11)), change: change, own: own, shared: shared,
		base: map[string][]compare.Value{}, head: map[string][]compare.Value{},
		metrics: []compare.Metric{
			{Name: "throughput", Unit: "1/s", Better: compare.Higher, Method: compare.Mean},
			{Name: "energy", Unit: "J", Better: compare.Lower, Method: compare.Mean},
			{Name: "latency.p99", Unit: "ns", Better: compare.Lower, Method: compare.Rank},
		}}
}

// keep draws the figures of a turn in the place of a run.
func (s *simulated) keep(t ab.Turn, _ ab.Output) error {
	if t.Round != s.round {
		s.round, s.disturbance = t.Round, s.shared*s.random.NormFloat64()
	}
	for _, m := range s.metrics {
		x := s.disturbance + s.own*s.random.NormFloat64()
		if t.Side == bench.SideBase {
			s.base[m.Name] = append(s.base[m.Name], compare.Value{X: math.Exp(x), Round: t.Round})
			continue
		}
		if m.Better == compare.Higher {
			x += math.Log(1 - s.change)
		} else {
			x += math.Log(1 + s.change)
		}
		s.head[m.Name] = append(s.head[m.Name], compare.Value{X: math.Exp(x), Round: t.Round})
	}
	return nil
}

func (s *simulated) gate() []string {
	var out []string
	for _, m := range s.metrics {
		out = append(out, m.Name)
	}
	return out
}

func (s *simulated) judge(confidence float64) compare.Comparison {
	subject := func(values map[string][]compare.Value) []compare.Subject {
		out := compare.Subject{Key: "a", Name: "a"}
		for _, m := range s.metrics {
			out.Series = append(out.Series, compare.Series{Metric: m, Values: values[m.Name]})
		}
		return []compare.Subject{out}
	}
	return compare.Compare(subject(s.base), subject(s.head), compare.Options{Confidence: confidence, Gate: s.gate()})
}

func run(t *testing.T, looks []ab.Look, trials int, change, own, shared float64) cell {
	c := cell{verdicts: map[compare.Verdict]int{}}
	for i := range trials {
		s := simulate(uint64(i), change, own, shared)
		e := ab.Experiment{ID: "t", Schedule: ab.Schedule{Seed: uint64(i), Looks: looks}, Base: side{n: 1}, Head: side{n: 1},
			Begin: func(ab.Turn) {}, Keep: s.keep, Judge: s.judge}
		end, err := e.Run(t.Context())
		require.NoError(t, err)
		require.Empty(t, end.Comparison.Problems)
		c.verdicts[end.Comparison.Verdict]++
		c.rounds += end.Rounds
	}
	return c
}

const (
	stoppingDoc   = "../../docs/stopping.md"
	stoppingBegin = "<!-- stopping: go test ./bench/ab -run TestStopping -update -->\n"
	stoppingEnd   = "<!-- end of stopping -->\n"
)

// TestStoppingKeepsThePromise: looking several times, and going on when undecided, makes false regressions no more frequent than the
// 5 % that are declared. The table stands in docs/stopping.md.
func TestStoppingKeepsThePromise(t *testing.T) {
	trials := 2000
	if testing.Short() {
		trials = 300
	}
	noises := []float64{0.01, 0.02}
	changes := []float64{0, compare.Tolerance, 0.05}
	type at struct {
		design        int
		change, noise float64
	}
	cells := map[at]cell{}
	var mu sync.Mutex
	t.Run("cells", func(t *testing.T) {
		for d := range designs() {
			for _, change := range changes {
				for _, noise := range noises {
					t.Run(fmt.Sprint(d, change, noise), func(t *testing.T) {
						t.Parallel()
						c := run(t, designs()[d].looks, trials, change, noise, 0.02)
						mu.Lock()
						cells[at{d, change, noise}] = c
						mu.Unlock()
					})
				}
			}
		}
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n| Rounds | True change for the worse | Noise | Regressed | Improved | Unchanged | Undecided | Mean rounds |\n"+
		"| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n", stoppingBegin)
	for d, design := range designs() {
		for _, change := range changes {
			for _, noise := range noises {
				c := cells[at{d, change, noise}]
				share := func(v compare.Verdict) float64 { return 100 * float64(c.verdicts[v]) / float64(trials) }
				fmt.Fprintf(&b, "| %s | %.3g %% | %.3g %% | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f |\n", design.name, 100*change, 100*noise,
					share(compare.Regressed), share(compare.Improved), share(compare.Unchanged), share(compare.Undecided), float64(c.rounds)/float64(trials))
				if change <= compare.Tolerance {
					require.LessOrEqual(t, share(compare.Regressed), 5.0, "%s, change %v, noise %v", design.name, change, noise)
				}
				if change > compare.Tolerance {
					require.LessOrEqual(t, share(compare.Unchanged), 5.0, "%s, noise %v", design.name, noise)
				}
			}
		}
	}
	fmt.Fprintf(&b, "\n%s", stoppingEnd)
	if testing.Short() {
		return
	}
	text, err := os.ReadFile(stoppingDoc)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), stoppingBegin)
	require.True(t, ok, "%s has no line %q", stoppingDoc, stoppingBegin)
	old, after, ok := strings.Cut(rest, stoppingEnd)
	require.True(t, ok, "%s has no line %q", stoppingDoc, stoppingEnd)
	if *update {
		require.NoError(t, os.WriteFile(stoppingDoc, []byte(before+b.String()+after), 0o644))
		return
	}
	require.Equal(t, b.String(), stoppingBegin+old+stoppingEnd, "run go test ./bench/ab -run TestStopping -update")
}
