package compare_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/compare"
)

func named(name, key string, fields ...compare.Field) compare.Subject {
	s := subject(of(speed(), values(ten...)))
	s.Name, s.Key, s.Fields = name, key, fields
	return s
}

func engine(name string) compare.Field {
	return compare.Field{Name: "engine", Value: name, Identity: true}
}

func problems(c compare.Comparison) (texts []string) {
	for _, p := range c.Problems {
		texts = append(texts, strings.TrimPrefix(p.Case+": "+p.Metric+": "+p.Text, ": "))
	}
	return texts
}

func caseNames(c compare.Comparison) (names []string) {
	for _, k := range c.Cases {
		names = append(names, k.Name)
	}
	return names
}

func TestSubjectsMatch(t *testing.T) {
	native, ort := named("native", "k", engine("native")), named("onnxruntime", "k", engine("onnxruntime"))
	other := named("other", "other")
	for name, c := range map[string]struct {
		base, head []compare.Subject
		mixed      bool
		cases      []string
		added      []string
		problems   []string
	}{
		"by identity": {base: []compare.Subject{native, ort}, head: []compare.Subject{ort, native}, cases: []string{"native", "onnxruntime"}},
		"unlike": {base: []compare.Subject{native}, head: []compare.Subject{ort},
			problems: []string{"native → onnxruntime: : base and head differ in engine (native, onnxruntime); compare them all the same with --allow-mixed"}},
		"unlike, as asked": {base: []compare.Subject{native}, head: []compare.Subject{ort}, mixed: true, cases: []string{"native → onnxruntime"}},
		"one unknown":      {base: []compare.Subject{named("unknown", "k", engine(""))}, head: []compare.Subject{ort}, cases: []string{"unknown → onnxruntime"}},
		"gone": {base: []compare.Subject{native, other}, head: []compare.Subject{native}, cases: []string{"native"},
			problems: []string{"other: : gone: base has it and head does not"}},
		"new": {base: []compare.Subject{native}, head: []compare.Subject{native, other}, cases: []string{"native"}, added: []string{"other"}},
		"several could be meant": {base: []compare.Subject{native, ort, other}, head: []compare.Subject{named("pjrt", "k", engine("pjrt")), other}, mixed: true,
			cases:    []string{"other"},
			problems: []string{"native: : not clear what to compare: base has native; onnxruntime, head has pjrt; give the ones that belong together"}},
		"nothing in common": {base: []compare.Subject{native, ort}, head: []compare.Subject{other}, added: []string{"other"},
			problems: []string{": nothing to compare: base has native; onnxruntime, head has other"}},
		"nothing": {problems: []string{": nothing to compare: base has nothing, head has nothing"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := compare.Compare(c.base, c.head, compare.Options{Mixed: c.mixed})
			require.Equal(t, c.cases, caseNames(got))
			require.Equal(t, c.added, got.New)
			require.Equal(t, c.problems, problems(got))
			require.Equal(t, name == "unlike", len(got.Problems) > 0 && got.Problems[0].Refused)
			if len(c.cases) == 0 {
				require.Equal(t, compare.Undecided, got.Verdict)
			}
		})
	}
}

func TestFilesOfOneSideAreTakenTogether(t *testing.T) {
	driver := func(version string) compare.Field { return compare.Field{Name: "driver", Value: version} }
	first, second := named("a", "k", engine("native"), driver("550")), named("a", "k", engine("native"), driver("535"))
	whole := first.Series[0].Values
	first.Series[0].Values, second.Series[0].Values = whole[:4], scaled(second.Series[0].Values[4:], 1.001)
	given := slices.Clone(whole)
	first.Runs, first.Bad, first.Reasons = 5, 1, []string{"out of memory"}
	second.Runs = 6
	got := compare.Compare([]compare.Subject{first, second}, []compare.Subject{named("a", "k", engine("native"), driver("550"))}, compare.Options{})
	require.Empty(t, got.Problems)
	require.Len(t, got.Cases, 1)
	k := got.Cases[0]
	require.Equal(t, 10, k.Deltas[0].BaseRuns)
	require.Equal(t, []compare.Difference{{Field: "driver", Base: "535 | 550", Head: "550"}}, k.Differences)
	require.Equal(t, []string{"a: 1 of 11 runs of base gave no figures: out of memory"}, got.Notes)
	require.Equal(t, "550", first.Fields[1].Value, "what was given is not changed")
	require.Equal(t, given, whole, "nor what lies behind it")
}

func TestGate(t *testing.T) {
	derived := speed()
	derived.Name, derived.Follows = "per_dollar", compare.Throughput
	blind := speed()
	blind.Name, blind.Better = "widgets", ""
	allocs := compare.Metric{Name: "allocs/op", Unit: "allocs/op", Better: compare.Lower, Method: compare.Mean}
	p50 := p99()
	p50.Name = compare.LatencyP50
	usual := []compare.Series{of(speed(), values(ten...)), of(p50, values(ten...)), of(p99(), values(ten...)), of(derived, values(ten...)), of(blind, values(ten...))}
	foreign := []compare.Series{of(allocs, values(ten...)), of(derived, values(ten...)), of(blind, values(ten...))}
	for name, c := range map[string]struct {
		series []compare.Series
		asked  []string
		gate   []string
		err    string
	}{
		"the usual two":        {series: usual, gate: []string{"throughput", "latency.p99"}},
		"neither of them":      {series: foreign, gate: []string{"allocs/op"}},
		"asked for":            {series: usual, asked: []string{"latency.p50"}, gate: []string{"latency.p50"}},
		"unknown":              {series: foreign, asked: []string{"speed"}, err: `gate: no metric is called "speed": there are allocs/op, per_dollar, widgets`},
		"derived":              {series: usual, asked: []string{"per_dollar"}, err: "gate: per_dollar follows from throughput and is never gated"},
		"direction is unknown": {series: usual, asked: []string{"widgets"}, err: "gate: widgets cannot decide: which way it is better is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			side := []compare.Subject{subject(c.series...)}
			got := compare.Compare(side, side, compare.Options{Gate: c.asked})
			require.Equal(t, c.gate, got.Gate)
			require.Len(t, got.Cases[0].Deltas, len(c.series), "the others are shown")
			for _, d := range got.Cases[0].Deltas {
				require.Equal(t, slices.Contains(c.gate, d.Metric.Name), d.Gated)
			}
			err := compare.CheckGate(c.asked, side, side)
			if c.err == "" {
				require.NoError(t, err)
				require.Empty(t, got.Problems)
				require.Equal(t, compare.Unchanged, got.Verdict)
				return
			}
			require.ErrorIs(t, err, compare.ErrGate)
			require.EqualError(t, err, c.err)
			require.Equal(t, []string{": " + c.err}, problems(got))
			require.Equal(t, compare.Undecided, got.Verdict)
		})
	}
}

func TestMetricsThatASideLacks(t *testing.T) {
	const why = "p99 needs 441 samples in a run, had 300"
	has, lacks := of(p99(), values(ten...)), compare.Series{Metric: p99(), Missing: why}
	both := of(speed(), values(ten...))
	compared := func(base, head []compare.Series, opts compare.Options) compare.Comparison {
		return compare.Compare([]compare.Subject{subject(base...)}, []compare.Subject{subject(head...)}, opts)
	}
	one := compared([]compare.Series{both, has}, []compare.Series{both, lacks}, compare.Options{})
	require.Equal(t, []string{"resnet50: latency.p99: head does not have it: " + why}, problems(one))
	one = compared([]compare.Series{both}, []compare.Series{both, has}, compare.Options{})
	require.Equal(t, []string{"resnet50: latency.p99: base does not have it"}, problems(one))
	one = compared([]compare.Series{both}, []compare.Series{both, has}, compare.Options{Gate: []string{compare.Throughput}})
	require.Empty(t, one.Problems)
	require.Equal(t, []string{"resnet50: latency.p99 is left out: base does not have it"}, one.Notes)
	none := compared([]compare.Series{both, lacks}, []compare.Series{both, lacks}, compare.Options{})
	require.Empty(t, none.Problems)
	require.Equal(t, compare.Unchanged, none.Verdict)
	require.Equal(t, []string{"resnet50: latency.p99 is skipped, neither side has it: " + why}, none.Notes)
	nothing := compared([]compare.Series{lacks}, []compare.Series{lacks}, compare.Options{})
	require.Equal(t, []string{"resnet50: : nothing decides: neither side has latency.p99: " + why}, problems(nothing))

	bad := subject()
	bad.Runs, bad.Bad, bad.Reasons = 3, 3, []string{"out of memory"}
	all := compare.Compare([]compare.Subject{subject(both)}, []compare.Subject{bad}, compare.Options{})
	require.Equal(t, []string{"resnet50: throughput: head does not have it: no run gave figures: out of memory"}, problems(all))
	all = compare.Compare([]compare.Subject{bad}, []compare.Subject{bad}, compare.Options{})
	require.Equal(t, []string{"resnet50: : nothing decides: no run gave figures: out of memory"}, problems(all))

	unlike := speed()
	unlike.Unit = "tokens/s"
	units := compared([]compare.Series{both}, []compare.Series{of(unlike, values(ten...))}, compare.Options{})
	require.Equal(t, []string{"resnet50: throughput: it is not the same on both sides: throughput in images/s, better higher, by mean in base, " +
		"throughput in tokens/s, better higher, by mean in head"}, problems(units))
}

func TestFiguresWithoutALogarithm(t *testing.T) {
	for _, x := range []float64{-1, math.NaN(), math.Inf(1), 0} {
		head := values(ten...)
		head[3].X = x
		got := compare.Compare([]compare.Subject{subject(of(speed(), values(ten...)))}, []compare.Subject{subject(of(speed(), head))}, compare.Options{})
		require.Len(t, got.Problems, 1, "%v", x)
		require.Equal(t, fmt.Sprint(x)+" of head is no figure to take a ratio of; gate the other metrics by name with --gate", got.Problems[0].Text)
		require.Equal(t, compare.Undecided, got.Verdict)
	}
}

func TestCountsOfZero(t *testing.T) {
	allocs := compare.Metric{Name: "allocs/op", Unit: "allocs/op", Better: compare.Lower, Method: compare.Mean}
	for name, c := range map[string]struct {
		base, head []float64
		want       compare.Verdict
		ratio      any
		reason     string
	}{
		"none before and after": {[]float64{0, 0}, []float64{0, 0}, compare.Unchanged, 1.0, ""},
		"from none":             {[]float64{0, 0}, []float64{5, 5}, compare.Regressed, nil, "from 0 to 5"},
		"to none":               {[]float64{5, 5}, []float64{0, 0}, compare.Improved, 0.0, "from 5 to 0"},
		"equal":                 {[]float64{5, 5}, []float64{5, 5}, compare.Unchanged, 1.0, ""},
		"one more":              {[]float64{5, 5}, []float64{6, 6}, compare.Regressed, 1.2, ""},
		"at the tolerance":      {[]float64{100, 100}, []float64{103, 103}, compare.Unchanged, 1.03, ""},
		"one run":               {[]float64{0}, []float64{5}, compare.Undecided, nil, "needs 2 rounds of both sides"},
	} {
		t.Run(name, func(t *testing.T) {
			got := compare.Compare([]compare.Subject{subject(of(allocs, values(c.base...)))}, []compare.Subject{subject(of(allocs, values(c.head...)))}, compare.Options{})
			d := got.Cases[0].Deltas[0]
			require.Equal(t, c.want, d.Verdict)
			require.Equal(t, c.reason, d.Reason)
			if c.ratio == nil {
				require.Nil(t, d.Ratio)
				return
			}
			require.InDelta(t, c.ratio, *d.Ratio, 1e-12)
			require.InDelta(t, d.Interval.High, d.Interval.Low, 1e-12, "runs that are all alike have a point for an interval")
		})
	}
}

// 97 of 100 are a change of 3 %, whatever rounding makes of it.
func TestEdgesAreWithinTheTolerance(t *testing.T) {
	for x := 1.0; x < 300; x++ {
		for _, by := range []float64{0.97, 1.03} {
			got := compare.Compare([]compare.Subject{subject(of(speed(), values(x, x)))}, []compare.Subject{subject(of(speed(), values(x*by, x*by)))}, compare.Options{})
			require.Equal(t, compare.Unchanged, got.Verdict, "%v x %v", x, by)
		}
	}
}

// What is shown beside the gate costs it nothing, and counts for nothing.
func TestUngatedMetricsAreInformation(t *testing.T) {
	slow := values(ten...)
	base := subject(of(speed(), values(ten...)), of(p99(), values(ten...)))
	head := subject(of(speed(), values(ten...)), of(p99(), scaled(slow, 1.2)))
	got := compare.Compare([]compare.Subject{base}, []compare.Subject{head}, compare.Options{Gate: []string{compare.Throughput}})
	d := got.Cases[0].Deltas
	require.Equal(t, []compare.Verdict{compare.Unchanged, compare.Regressed}, []compare.Verdict{d[0].Verdict, d[1].Verdict})
	require.Equal(t, compare.Unchanged, got.Cases[0].Verdict)
	require.Equal(t, compare.Unchanged, got.Verdict)
	require.InDelta(t, 0.95, d[0].Confidence, 1e-12)
	require.InDelta(t, 0.95, d[1].Confidence, 1e-12)
}

// One metric that regressed is enough, and one that is undecided keeps all others from being good news.
func TestTheWorstMetricDecides(t *testing.T) {
	for _, c := range []struct {
		by   []float64
		want compare.Verdict
	}{
		{[]float64{0.9, 1.1, 1, 0.97}, compare.Regressed}, {[]float64{0.97, 1.1, 1}, compare.Undecided}, {[]float64{1, 1.1}, compare.Improved},
		{[]float64{1, 1}, compare.Unchanged},
	} {
		var base, head compare.Subject
		noisy := values(100.1, 100.9, 99.6, 100.3, 100.6, 99.7, 100.2, 99.8, 100.3, 99.9)
		for i, by := range c.by {
			m := speed()
			m.Name = string(rune('a' + i))
			base.Series, head.Series = append(base.Series, of(m, values(ten...))), append(head.Series, of(m, scaled(noisy, by)))
		}
		got := compare.Compare([]compare.Subject{base}, []compare.Subject{head}, compare.Options{})
		require.Equal(t, []compare.Verdict{c.want, c.want}, []compare.Verdict{got.Verdict, got.Cases[0].Verdict}, "%v", c.by)
	}
}

func TestTooFewRunsSayHowManyItTakes(t *testing.T) {
	for _, c := range []struct {
		metric compare.Metric
		runs   int
		gates  int
		paired bool
		reason string
		needs  int
	}{
		{speed(), 1, 1, true, "needs 2 rounds of both sides", 1}, {speed(), 1, 1, false, "needs 2 runs of each side", 1},
		{p99(), 2, 1, true, "needs 6 rounds of both sides", 4}, {p99(), 5, 1, false, "needs 6 runs of each side", 1},
		{p99(), 6, 2, true, "needs 7 rounds of both sides at 97.5 %", 1},
	} {
		var series []compare.Series
		for i := range c.gates {
			m := c.metric
			m.Name = []string{"a", "b"}[i]
			series = append(series, of(m, values(ten[:c.runs]...)))
		}
		got := compare.Compare([]compare.Subject{subject(series...)}, []compare.Subject{subject(series...)}, compare.Options{Unpaired: !c.paired})
		d := got.Cases[0].Deltas[0]
		require.Nil(t, d.Interval)
		require.Equal(t, compare.Undecided, got.Verdict)
		require.Equal(t, c.reason, d.Reason)
		require.Equal(t, c.needs, *d.Needs)
		require.InDelta(t, 1, *d.Ratio, 1e-12, "the estimate needs no interval")
	}
}

// As many further runs as are asked for do decide, if they are like those that there are.
// TestMoreThanRanksCanCompare: memory for the differences of all runs is bounded, and what is left out is no pass.
func TestMoreThanRanksCanCompare(t *testing.T) {
	many := subject(of(p99(), values(slices.Repeat([]float64{1}, 8000)...)))
	got := compare.Compare([]compare.Subject{many}, []compare.Subject{many}, compare.Options{Unpaired: true})
	require.Len(t, got.Problems, 1)
	require.Equal(t, "8000 and 8000 runs are more than ranks can compare: give fewer, such as 5000 of each side", got.Problems[0].Text)
	require.Equal(t, compare.Undecided, got.Verdict)
}

func TestFurtherRuns(t *testing.T) {
	for _, m := range []compare.Metric{speed(), p99()} {
		for _, unpaired := range []bool{false, true} {
			base, head := values(100, 108, 92, 106, 94, 102, 98, 110, 90, 100), values(106, 96, 99, 93, 108, 104, 94, 98, 110, 96)
			opts := compare.Options{Unpaired: unpaired}
			undecided := compare.Compare([]compare.Subject{subject(of(m, base))}, []compare.Subject{subject(of(m, head))}, opts).Cases[0].Deltas[0]
			require.Equal(t, compare.Undecided, undecided.Verdict)
			require.Greater(t, *undecided.Needs, 2)
			times := 1 + (*undecided.Needs+9)/10
			if m.Method == compare.Rank {
				times *= 2 // said roughly, and figures that come again and again are ties
			}
			more := compare.Compare([]compare.Subject{subject(of(m, repeated(base, times)))}, []compare.Subject{subject(of(m, repeated(head, times)))}, opts).Cases[0].Deltas[0]
			require.Equal(t, compare.Unchanged, more.Verdict, "%s: %d further runs, %+v", m.Name, *undecided.Needs, more.Interval)
			if m.Method == compare.Rank {
				continue
			}
			less := compare.Compare([]compare.Subject{subject(of(m, repeated(base, max(1, times/2))))}, []compare.Subject{subject(of(m, repeated(head, max(1, times/2))))}, opts).Cases[0].Deltas[0]
			require.Equal(t, compare.Undecided, less.Verdict, "%s: half of the runs", m.Name)
		}
	}
	// 3 % slower, as the tolerance is.
	edge := compare.Compare([]compare.Subject{subject(of(speed(), values(100, 104, 96)))}, []compare.Subject{subject(of(speed(), scaled(values(104, 96, 100), 0.97)))}, compare.Options{})
	require.Nil(t, edge.Cases[0].Deltas[0].Needs)
	require.Equal(t, "more than 1000 further runs would be needed: the change is about as large as the tolerance", edge.Cases[0].Deltas[0].Reason)
}

// repeated are the values over and over, in rounds of their own.
func repeated(vs []compare.Value, times int) []compare.Value {
	out := slices.Repeat(vs, times)
	for i := range out {
		out[i].Round = i + 1
	}
	return out
}

func TestRoundsThatOneSideHasAlone(t *testing.T) {
	base, head := values(ten...), values(ten...)
	head = append(head[:3], head[4:]...)                 // round 4 is lacking
	base = append(base, compare.Value{X: 102, Round: 1}) // twice in round 1
	got := compare.Compare([]compare.Subject{subject(of(speed(), base))}, []compare.Subject{subject(of(speed(), head))}, compare.Options{})
	d := got.Cases[0].Deltas[0]
	require.True(t, d.Paired)
	require.Equal(t, [2]int{9, 9}, [2]int{d.BaseRuns, d.HeadRuns})
	require.Equal(t, []string{"resnet50: throughput: 1 of 10 rounds left out, one side has no figure of them"}, got.Notes)
	require.InDelta(t, math.Pow(100/102.0, 0.5/9), *d.Ratio, 1e-9)
}

// TestFewRunsOnOneSide: the interval by Welch's degrees of freedom misses the ratio in 8 % of cases where 2 runs stand against 6, not in 5 %.
func TestFewRunsOnOneSide(t *testing.T) {
	side := func(n int) []compare.Subject {
		vs := values(slices.Repeat(ten, 4)[:n]...)
		for i := range vs {
			vs[i].Round = 0
		}
		return []compare.Subject{subject(of(speed(), vs))}
	}
	for _, c := range []struct {
		base, head int
		told       bool
	}{{6, 2, true}, {2, 4, true}, {6, 3, true}, {3, 2, true}, {5, 3, true}, {40, 4, false}, {2, 2, false}, {6, 1, false}} {
		got := compare.Compare(side(c.base), side(c.head), compare.Options{})
		told := slices.ContainsFunc(got.Notes, func(n string) bool { return strings.Contains(n, "as wide as the smaller side alone allows") })
		require.Equal(t, c.told, told, "%d and %d runs: %v", c.base, c.head, got.Notes)
	}
}
