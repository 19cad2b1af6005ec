package ab_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
)

// side is a fake of n pairs that gives what a function says.
type side struct {
	n    int
	give func(ab.Turn) ab.Output
}

func (s side) Pairs() int { return s.n }

func (s side) Run(_ context.Context, t ab.Turn) ab.Output {
	if s.give == nil {
		return ab.Output{}
	}
	return s.give(t)
}

// verdicts are a comparison of gated metrics.
func verdicts(vs ...compare.Verdict) compare.Comparison {
	var c compare.Comparison
	c.Cases = []compare.Case{{Name: "a"}}
	for i, v := range vs {
		c.Cases[0].Deltas = append(c.Cases[0].Deltas, compare.Delta{Metric: compare.Metric{Name: fmt.Sprint("m", i)}, Gated: true, Verdict: v})
	}
	return c
}

// experiment keeps all turns and judges by a list, one entry a look.
func experiment(looks []ab.Look, base, head ab.Side, judged ...compare.Comparison) (*ab.Experiment, *[]ab.Turn) {
	turns := &[]ab.Turn{}
	look := 0
	return &ab.Experiment{ID: "t", Schedule: ab.Schedule{Seed: 1, Looks: looks}, Base: base, Head: head,
		Begin: func(ab.Turn) {},
		Keep:  func(t ab.Turn, _ ab.Output) error { *turns = append(*turns, t); return nil },
		Judge: func(float64) compare.Comparison {
			look++
			return judged[min(look, len(judged))-1]
		}}, turns
}

func TestEveryRoundRunsEveryPairOnBothSidesNextToEachOther(t *testing.T) {
	e, turns := experiment(ab.Once(4, 0.05), side{n: 2}, side{n: 2}, verdicts(compare.Undecided))
	end, err := e.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4, end.Rounds)
	order := ab.Order(1, 4)
	var want []ab.Turn
	for i, baseFirst := range order {
		first, second := bench.SideBase, bench.SideHead
		if !baseFirst {
			first, second = second, first
		}
		for pair := 1; pair <= 2; pair++ {
			want = append(want, ab.Turn{Trial: "t", Side: first, Pair: pair, Round: i + 1, Place: 2*pair - 1},
				ab.Turn{Trial: "t", Side: second, Pair: pair, Round: i + 1, Place: 2 * pair})
		}
	}
	require.Equal(t, want, *turns)
}

func TestWhenTheRoundsStop(t *testing.T) {
	looks := []ab.Look{{Round: 2, Level: 0.01}, {Round: 4, Level: 0.02}, {Round: 6, Level: 0.02}}
	for name, test := range map[string]struct {
		judged []compare.Comparison
		rounds int
		level  float64
	}{
		"all decided at once":      {[]compare.Comparison{verdicts(compare.Unchanged, compare.Improved)}, 2, 0.01},
		"one regressed":            {[]compare.Comparison{verdicts(compare.Undecided, compare.Regressed)}, 2, 0.01},
		"decided at the second":    {[]compare.Comparison{verdicts(compare.Undecided, compare.Unchanged), verdicts(compare.Unchanged, compare.Unchanged)}, 4, 0.02},
		"never decided":            {[]compare.Comparison{verdicts(compare.Undecided)}, 6, 0.02},
		"nothing could be judged":  {[]compare.Comparison{verdicts()}, 6, 0.02},
		"undecided before decided": {[]compare.Comparison{verdicts(compare.Undecided), verdicts(compare.Undecided, compare.Regressed)}, 4, 0.02},
	} {
		t.Run(name, func(t *testing.T) {
			e, turns := experiment(looks, side{n: 1}, side{n: 1}, test.judged...)
			var asked []float64
			judge := e.Judge
			e.Judge = func(confidence float64) compare.Comparison {
				asked = append(asked, confidence)
				return judge(confidence)
			}
			end, err := e.Run(t.Context())
			require.NoError(t, err)
			require.Equal(t, test.rounds, end.Rounds)
			require.Equal(t, test.level, end.Level)
			require.Len(t, *turns, 2*test.rounds)
			require.Equal(t, 1-test.level, asked[len(asked)-1], "the verdict is that of the look's level")
		})
	}
}

func TestAnUngatedMetricSettlesNothing(t *testing.T) {
	c := verdicts(compare.Undecided)
	c.Cases[0].Deltas = append(c.Cases[0].Deltas, compare.Delta{Verdict: compare.Regressed})
	e, _ := experiment([]ab.Look{{Round: 2, Level: 0.01}, {Round: 3, Level: 0.04}}, side{n: 1}, side{n: 1}, c)
	end, err := e.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, end.Rounds)
}

func TestAPairThatFailsAgainAndAgainIsGivenUp(t *testing.T) {
	broken := side{n: 2, give: func(t ab.Turn) ab.Output {
		if t.Pair == 1 {
			return ab.Output{Failure: "out of memory"}
		}
		return ab.Output{}
	}}
	e, turns := experiment(ab.Once(5, 0.05), side{n: 2}, broken, verdicts(compare.Unchanged))
	end, err := e.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 5, end.Rounds, "the other pair goes on")
	require.Empty(t, end.Stopped)
	require.Len(t, end.Failures, ab.InARow)
	require.Equal(t, "head, round 1: out of memory", end.Failures[0].String())
	made := map[string]int{}
	for _, turn := range *turns {
		made[fmt.Sprint(turn.Side, turn.Pair)]++
	}
	require.Equal(t, ab.InARow, made["head1"])
	require.LessOrEqual(t, made["base1"], ab.InARow, "its partner has nothing to be compared with")
	require.Equal(t, 5, made["base2"])
}

func TestWhereNothingIsLeftTheRoundsStop(t *testing.T) {
	broken := side{n: 1, give: func(ab.Turn) ab.Output { return ab.Output{Failure: "no device"} }}
	e, _ := experiment(ab.Once(9, 0.05), broken, side{n: 1}, verdicts())
	end, err := e.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, ab.InARow, end.Rounds)
	require.Equal(t, "base failed 3 times in a row: no device", end.Stopped)

	now := 0
	shaky := side{n: 1, give: func(ab.Turn) ab.Output {
		if now++; now%ab.InARow != 0 {
			return ab.Output{Failure: "busy"}
		}
		return ab.Output{}
	}}
	e, _ = experiment(ab.Once(9, 0.05), side{n: 1}, shaky, verdicts())
	end, err = e.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 9, end.Rounds, "a run that works begins the count anew")
	require.Len(t, end.Failures, 6)
}

func TestAnInterruptionIsJudgedAtTheNextLook(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	looks := []ab.Look{{Round: 2, Level: 0.01}, {Round: 5, Level: 0.04}}
	stopping := side{n: 1, give: func(t ab.Turn) ab.Output {
		if t.Round == 3 {
			cancel()
			return ab.Output{Failure: "interrupted"}
		}
		return ab.Output{}
	}}
	e, turns := experiment(looks, stopping, side{n: 1}, verdicts(compare.Undecided))
	end, err := e.Run(ctx)
	require.NoError(t, err)
	require.Equal(t, 0.04, end.Level)
	require.Equal(t, 3, end.Rounds)
	require.Empty(t, end.Failures, "an interruption is no failure")
	require.Equal(t, stopping.n, 1)
	require.GreaterOrEqual(t, len(*turns), 5)
}

func TestWhatEndsAnExperiment(t *testing.T) {
	full := errors.New("disk full")
	e, _ := experiment(ab.Once(5, 0.05), side{n: 1}, side{n: 1}, verdicts(compare.Unchanged))
	e.Keep = func(turn ab.Turn, _ ab.Output) error {
		if turn.Round == 2 {
			return full
		}
		return nil
	}
	end, err := e.Run(t.Context())
	require.ErrorIs(t, err, full)
	require.Equal(t, 2, end.Rounds)
	require.NotEmpty(t, end.Comparison.Cases, "what there is is judged")

	e, _ = experiment(ab.Once(5, 0.05), side{n: 1}, side{n: 1}, verdicts(compare.Unchanged))
	e.Check = func() error { return full }
	end, err = e.Run(t.Context())
	require.ErrorIs(t, err, full)
	require.Equal(t, 1, end.Rounds)

	e, _ = experiment(ab.Once(5, 0.05), side{n: 1}, side{n: 2}, verdicts())
	_, err = e.Run(t.Context())
	require.ErrorContains(t, err, "base has 1 plans and head 2")
	for _, looks := range [][]ab.Look{nil, {{Round: 0, Level: 0.05}}, {{Round: 3, Level: 0.01}, {Round: 3, Level: 0.01}}, {{Round: 3, Level: 0}}} {
		e, _ = experiment(looks, side{n: 1}, side{n: 1}, verdicts())
		_, err = e.Run(t.Context())
		require.ErrorContains(t, err, "planning the rounds")
	}
}

func TestConfirm(t *testing.T) {
	first := verdicts(compare.Regressed, compare.Regressed, compare.Unchanged, compare.Improved)
	first.Verdict = compare.Regressed
	for name, test := range map[string]struct {
		again   compare.Comparison
		whole   compare.Verdict
		metrics []compare.Verdict
		reason  string
	}{
		"all again":     {verdicts(compare.Regressed, compare.Regressed), compare.Regressed, []compare.Verdict{compare.Regressed, compare.Regressed}, ""},
		"one again":     {verdicts(compare.Regressed, compare.Unchanged), compare.Regressed, []compare.Verdict{compare.Regressed, compare.Undecided}, "not confirmed: measured again it was unchanged"},
		"none again":    {verdicts(compare.Undecided, compare.Improved), compare.Undecided, []compare.Verdict{compare.Undecided, compare.Undecided}, "not confirmed: measured again it was improved"},
		"not measured":  {compare.Comparison{}, compare.Undecided, []compare.Verdict{compare.Undecided, compare.Undecided}, "not confirmed: it could not be measured again"},
		"another one's": {verdicts(compare.Unchanged, compare.Unchanged, compare.Regressed), compare.Undecided, []compare.Verdict{compare.Undecided, compare.Undecided}, "not confirmed: measured again it was unchanged"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ab.Confirm(first, test.again)
			require.Equal(t, test.whole, got.Verdict)
			require.Equal(t, test.whole, got.Cases[0].Verdict)
			for i, v := range append(test.metrics, compare.Unchanged, compare.Improved) {
				require.Equal(t, v, got.Cases[0].Deltas[i].Verdict)
			}
			require.Equal(t, test.reason, got.Cases[0].Deltas[1].Reason)
			require.Equal(t, compare.Regressed, first.Cases[0].Deltas[1].Verdict, "the first is not changed")
		})
	}
	twice := compare.Comparison{Verdict: compare.Regressed, Cases: []compare.Case{verdicts(compare.Regressed).Cases[0], verdicts(compare.Regressed).Cases[0]}}
	again := compare.Comparison{Cases: []compare.Case{verdicts(compare.Unchanged).Cases[0], verdicts(compare.Regressed).Cases[0]}}
	got := ab.Confirm(twice, again)
	require.Equal(t, compare.Undecided, got.Cases[0].Verdict, "cases of one name are told by their order")
	require.Equal(t, compare.Regressed, got.Cases[1].Verdict)

	unchanged := verdicts(compare.Unchanged)
	unchanged.Verdict = compare.Unchanged
	require.Equal(t, unchanged, ab.Confirm(unchanged, compare.Comparison{}))
}
