package gobench

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
)

const goTest = `goos: linux
goarch: amd64
pkg: example.com/fast
cpu: Fast CPU
BenchmarkCopy-2   	     100	     12000 ns/op	  85.33 MB/s	      16 B/op	       1 allocs/op
some text of the program
BenchmarkCopy-2   	     100	     12500 ns/op	  81.92 MB/s	      16 B/op	       1 allocs/op
BenchmarkNothing-2   	     100	     0 ns/op
PASS
pkg: example.com/slow
BenchmarkCopy-2   	     100	     2 ns/op	 3 images/s	7 widgets
ok  	example.com/slow	1.2s
`

func read(t *testing.T, text string) (*Reader, []Run) {
	t.Helper()
	var r Reader
	runs, warnings, err := r.Read(strings.NewReader(text), "x.txt")
	require.NoError(t, err)
	require.Empty(t, warnings)
	return &r, runs
}

func TestSubjectsOfGoTest(t *testing.T) {
	r, runs := read(t, goTest)
	require.Len(t, runs, 4)
	subjects := r.Subjects(runs)
	require.Len(t, subjects, 3)
	copying := subjects[0]
	require.Equal(t, "example.com/fast.Copy-2", copying.Key)
	require.Equal(t, "example.com/fast.Copy-2", copying.Name, "two packages have a Copy")
	require.Equal(t, 2, copying.Runs)
	require.Equal(t, []compare.Field{{Name: "cpu", Value: "Fast CPU", Identity: true}, {Name: "goarch", Value: "amd64", Identity: true},
		{Name: "goos", Value: "linux", Identity: true}}, copying.Fields)
	require.Equal(t, []compare.Series{
		{Metric: compare.Metric{Name: "sec/op", Unit: "sec/op", Better: compare.Lower, Method: compare.Mean}, Values: []compare.Value{{X: 12000e-9}, {X: 12500e-9}}},
		{Metric: compare.Metric{Name: "B/s", Unit: "B/s", Better: compare.Higher, Method: compare.Mean, Follows: "sec/op"}, Values: []compare.Value{{X: 85.33e6}, {X: 81.92e6}}},
		{Metric: compare.Metric{Name: "B/op", Unit: "B/op", Better: compare.Lower, Method: compare.Mean}, Values: []compare.Value{{X: 16}, {X: 16}}},
		{Metric: compare.Metric{Name: "allocs/op", Unit: "allocs/op", Better: compare.Lower, Method: compare.Mean}, Values: []compare.Value{{X: 1}, {X: 1}}},
	}, copying.Series)
	require.Equal(t, "sec/op", subjects[1].Series[0].Metric.Name, "a time of 0 is one of seconds as well")
	require.Equal(t, []string{"widgets"}, r.Undirected(runs))
}

func TestDirections(t *testing.T) {
	r, runs := read(t, "Unit widgets better=higher\nUnit p99-ns better=lower\nUnit odd/s better=lower\nBenchmarkA 1 2 widgets 3 p99-ns 4 odd/s 5 x/s 6 J/image\n")
	got := map[string]compare.Direction{}
	for _, s := range r.Subjects(runs)[0].Series {
		got[s.Metric.Name] = s.Metric.Better
	}
	require.Equal(t, map[string]compare.Direction{"widgets": compare.Higher, "p99-sec": compare.Lower, "odd/s": compare.Lower, "x/s": compare.Higher, "J/image": ""}, got)
}

// TestOneSideSaysWhichWay: what one file says of a unit holds for the other side too.
func TestOneSideSaysWhichWay(t *testing.T) {
	var r Reader
	base, _, err := r.Read(strings.NewReader("BenchmarkA 1 2 widgets\n"), "base")
	require.NoError(t, err)
	_, _, err = r.Read(strings.NewReader("Unit widgets better=higher\nBenchmarkA 1 2 widgets\n"), "head")
	require.NoError(t, err)
	require.Equal(t, compare.Higher, r.Subjects(base)[0].Series[0].Metric.Better)
	_, _, err = r.Read(strings.NewReader("Unit widgets better=lower\nBenchmarkA 1 2 widgets\n"), "more")
	require.ErrorContains(t, err, "more:1:1: metadata better of unit widgets already set to higher")
}

func TestRoundsAndSides(t *testing.T) {
	r, runs := read(t, "side: base\nround: 1\nBenchmarkA 1 10 sec/op\nside: head\nBenchmarkA 1 20 sec/op\nround: 2\nBenchmarkA 1 25 sec/op\nside: base\nBenchmarkA 1 16 sec/op\n")
	base, head := r.Subjects(OfSide(runs, bench.SideBase)), r.Subjects(OfSide(runs, bench.SideHead))
	require.Equal(t, []compare.Value{{X: 10, Round: 1}, {X: 16, Round: 2}}, base[0].Series[0].Values)
	require.Equal(t, []compare.Value{{X: 20, Round: 1}, {X: 25, Round: 2}}, head[0].Series[0].Values)
	require.Empty(t, base[0].Fields, "side and round are no circumstances")
}

func TestProcessorsAreToldApart(t *testing.T) {
	r, runs := read(t, "cpu: A\ncommit: 1\nBenchmarkX 1 1 ns/op\ncommit: 2\nBenchmarkX 1 2 ns/op 3 extra\ncpu: B\nBenchmarkX 1 3 ns/op\n")
	subjects := r.Subjects(runs)
	require.Len(t, subjects, 2)
	require.Equal(t, subjects[0].Key, subjects[1].Key)
	require.Equal(t, compare.Field{Name: "commit", Value: "1 | 2"}, subjects[0].Fields[0])
	require.Equal(t, "1 of 2 lines have no extra", subjects[0].Series[1].Missing)
}

func TestWhatIsNoBenchmark(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"nothing":          {"", "holds no results"},
		"another text":     {"dear diary\n", "holds no results"},
		"no figures":       {"BenchmarkA 100\n", "x:1:1: missing measurements"},
		"no count":         {"ok\nBenchmarkA fast\n", "x:2:1: parsing iteration count"},
		"no number":        {"BenchmarkA 1 fast ns/op\n", "x:1:1: parsing measurement"},
		"no unit":          {"BenchmarkA 1 5\n", "x:1:1: missing units"},
		"an odd direction": {"Unit u better=bigger\nBenchmarkA 1 5 u\n", "x:1:1: unit u is better=bigger: expected better=higher or better=lower"},
		"an odd round":     {"round: first\nBenchmarkA 1 5 u\n", `x:2:1: round "first" holds for this line`},
		"a round of 0":     {"round: 0\nBenchmarkA 1 5 u\n", `x:2:1: round "0" holds for this line`},
		"a long line":      {"BenchmarkA 1 5 " + strings.Repeat("u", 1<<17) + "\n", "token too long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := new(Reader).Read(strings.NewReader(test.text), "x")
			require.ErrorContains(t, err, test.says)
			var syntax *bench.SyntaxError
			require.True(t, errors.As(err, &syntax) || errors.Is(err, bench.ErrNoResults) || errors.Is(err, bench.ErrNotResults), "bad input: %v", err)
		})
	}
}

func TestACutLineIsNoFigure(t *testing.T) {
	runs, warnings, err := new(Reader).Read(strings.NewReader("BenchmarkA 1 12345 ns/op\nBenchmarkA 1 12"), "x")
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, []string{"x:2: the last line was cut short by a crash and is left out"}, warnings)
	runs, _, err = new(Reader).Read(strings.NewReader("BenchmarkA 1 12345 ns/op\nBenchmarkA 1 123 ns/op"), "x")
	require.NoError(t, err)
	require.Len(t, runs, 1, "123 ns/op may be the beginning of more")
}

func TestFailedBenchmarksAreTold(t *testing.T) {
	_, warnings, err := new(Reader).Read(strings.NewReader("BenchmarkA 1 12345 ns/op\n--- FAIL: BenchmarkB\n    b_test.go:3: no\nFAIL\nFAIL\tpkg\t1s\n"), "x")
	require.NoError(t, err)
	require.Equal(t, []string{"x:2: a benchmark failed: --- FAIL: BenchmarkB", "x:5: a benchmark failed: FAIL\tpkg\t1s"}, warnings)
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{goTest, "", "Benchmark", "BenchmarkA 1 1e999 ns/op\n", "Unit\n", "Unit x =\n", "round: 9\nBenchmarkA 1 NaN u\n", "\xff: \xff\nBenchmarkA 1 1 u", "BenchmarkA -1 -1 MB/s 0 ns/op\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r Reader
		runs, _, err := r.Read(strings.NewReader(text), "x")
		if err != nil {
			require.Empty(t, runs)
			return
		}
		require.NotEmpty(t, runs)
		values, lines := 0, 0
		for _, run := range runs {
			values += len(run.Values)
		}
		for _, s := range r.Subjects(runs) {
			lines += s.Runs
			for _, series := range s.Series {
				values -= len(series.Values)
				require.Equal(t, series.Metric.Unit, Unit(series.Metric.Unit))
			}
		}
		require.Zero(t, values, "every figure is in one series")
		require.Equal(t, len(runs), lines)
	})
}
