package reports

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/stat"
)

// measuredRows are three valid runs with latencies, one that is invalid and one that failed, of two engines.
func measuredRows(t *testing.T) []bench.Summary {
	t.Helper()
	var results []bench.Result
	for i := range 3 {
		r := served(20)
		r.ID = string(rune('a' + i))
		r.Latency = &bench.Latency{Histogram: histogram(t, 500, int64(10e6+i*1e5)), Count: 500, MinNS: int64(10e6 + i*1e5), MaxNS: int64(10e6 + i*1e5)}
		r.Counts = bench.Counts{Queries: 500, Samples: 500, Units: 500}
		results = append(results, r)
	}
	invalid := results[0]
	invalid.ID, invalid.Validity = "d", bench.Validity{Reasons: []string{"contended, 100% of a CPU"}}
	other := result("resnet50", "image", bench.Offline)
	other.ID, other.Counts = "e", bench.Counts{Queries: 1, Samples: 20, Units: 20}
	failed := result("gemm", "gemm", bench.Offline)
	failed.ID, failed.Status, failed.Reason, failed.Validity = "f", bench.Failed, "the worker died", bench.Validity{}
	absent := result("bert-base", "sequence", bench.Offline)
	absent.ID, absent.Status, absent.Reason, absent.Validity = "g", bench.Unsupported, "needs 3 GiB", bench.Validity{}
	return bench.Summarize(append(results, invalid, other, failed, absent), bench.SummarizeOptions{Now: now()})
}

// histogram has n latencies of the same size.
func histogram(t *testing.T, n int, ns int64) string {
	t.Helper()
	h := stat.NewHistogram()
	for range n {
		h.Record(ns)
	}
	text, err := h.Encode()
	require.NoError(t, err)
	return text
}

func TestLinesOfAReport(t *testing.T) {
	d := New(measuredRows(t), Options{Now: now()})
	lineGoldens(t, "report/lines", d)
	outcomes := map[string]Outcome{}
	for _, c := range d.Checks {
		outcomes[strings.Fields(c.Name)[0]+" "+strings.Fields(c.Name)[2]] = c.Outcome
	}
	require.Equal(t, map[string]Outcome{"resnet50 server,": Failed, "resnet50 offline,": Passed, "gemm offline,": Failed, "bert-base offline,": Open}, outcomes)
	require.Len(t, d.Results, 7)
}

// TestAReportOfNothingHasNoLines: nothing measured is an empty list, not a form that is lacking.
func TestAReportOfNothingHasNoLines(t *testing.T) {
	d := New(nil, Options{})
	for _, format := range []Format{JUnit, GitHub, GoBench, ResultLines} {
		require.NoError(t, format(&bytes.Buffer{}, d))
	}
	err := GoBench(&bytes.Buffer{}, Document{Data: 1, Checks: []Check{}})
	require.ErrorIs(t, err, ErrNoForm)
	require.EqualError(t, err, "--format gobench: the document has nothing for this form: it comes as markdown, text, html, json, junit, github")
}

// TestGoBenchIsReadBack: what is written is what the format's own reader finds, with the direction of every unit.
func TestGoBenchIsReadBack(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, GoBench(&out, New(measuredRows(t), Options{})))
	in := benchfmt.NewReader(&out, "report")
	n := 0
	for in.Scan() {
		switch r := in.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Fatal(r)
		case *benchfmt.Result:
			n++
			require.NotContains(t, r.Name.String(), " ")
			require.Equal(t, "Intel(R) Xeon(R) Platinum 8488C", r.GetConfig("cpu"))
			if n == 1 {
				x, ok := r.Value("images/s")
				require.True(t, ok)
				require.InDelta(t, 250, x, 1e-9)
				x, ok = r.Value("p99-sec")
				require.True(t, ok)
				require.InDelta(t, 10e-3, x, 1e-4)
			}
		}
	}
	require.NoError(t, in.Err())
	require.Equal(t, 4, n, "valid runs only")
	require.Equal(t, 1, in.Units().GetBetter("images/s"))
	require.Equal(t, -1, in.Units().GetBetter("p99-ns"))
}

// TestBenchstatReadsIt runs the real one on a slower and a faster report.
func TestBenchstatReadsIt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds benchstat")
	}
	tool := filepath.Join(t.TempDir(), "benchstat")
	if text, err := exec.Command("go", "build", "-o", tool, "golang.org/x/perf/cmd/benchstat").CombinedOutput(); err != nil {
		t.Skipf("benchstat cannot be built here: %v: %s", err, text)
	}
	dir := t.TempDir()
	for name, rate := range map[string]int64{"base.txt": 500, "head.txt": 400} {
		var results []bench.Result
		for i := range 8 {
			r := result("resnet50", "image", bench.Offline)
			r.ID, r.Counts = string(rune('a'+i)), bench.Counts{Queries: 1, Samples: rate, Units: rate + int64(i)}
			results = append(results, r)
		}
		var out bytes.Buffer
		require.NoError(t, GoBench(&out, New(bench.Summarize(results, bench.SummarizeOptions{}), Options{})))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o600))
	}
	cmd := exec.Command(tool, "base.txt", "head.txt")
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, string(text))
	require.Contains(t, string(text), "images/s")
	require.Regexp(t, `Resnet50/precision=f32/batch=1/scenario=offline\s+251\.8\S* ±\s+\S+\s+201\.8\S* ±\s+\S+\s+-19\.\d+% \(p=0\.000 n=8\)`, string(text))
}

func TestAnnotationsAreCounted(t *testing.T) {
	for n, says := range map[int]string{9: "", 10: "", 11: "::error title=2 more::", 25: "::error title=16 more::"} {
		var out bytes.Buffer
		require.NoError(t, GitHub(&out, Document{Checks: slices.Repeat([]Check{{"s", "n", Failed, "t"}}, n)}))
		require.Equal(t, min(n, 10), strings.Count(out.String(), "::error "))
		require.Contains(t, out.String(), says)
		require.Equal(t, n > 10, strings.Contains(out.String(), " more::"))
	}
}

// FuzzLineForms: no text from outside ends a line, opens a command or breaks the XML.
func FuzzLineForms(f *testing.F) {
	for _, seed := range []string{"", "a", "\n::error::x", "%0A", "]]>", "\x00\xff", "a b", "Unit x better=lower", "<&>", "\u2028"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		d := Document{Title: a, Checks: []Check{{a, b, Failed, a + b}, {b, a, Open, b}, {a, a, Broken, b}, {a, b, Passed, a}},
			Benchmarks: []Benchmark{{Name: a, Config: []ConfigLine{{"key", b}}, Values: []BenchmarkValue{{1, "u" + b, true}, {2, "v" + a, false}}}}}
		var out bytes.Buffer
		require.NoError(t, GitHub(&out, d))
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		require.Len(t, lines, 4)
		for i, level := range []string{"error", "error", "warning", "notice"} {
			require.True(t, strings.HasPrefix(lines[i], "::"+level+" title="), lines[i])
			require.NotContains(t, lines[i], "\r")
		}
		out.Reset()
		require.NoError(t, JUnit(&out, d))
		var suites junitSuites
		require.NoError(t, xml.Unmarshal(out.Bytes(), &suites))
		require.Equal(t, []int{4, 1, 1, 1}, []int{suites.Tests, suites.Failures, suites.Errors, suites.Skipped})
		out.Reset()
		require.NoError(t, GoBench(&out, d))
		in := benchfmt.NewReader(&out, "x")
		n := 0
		for in.Scan() {
			switch r := in.Result().(type) {
			case *benchfmt.SyntaxError:
				t.Fatalf("%v: %q", r, out.String())
			case *benchfmt.Result:
				n++
				require.Len(t, r.Values, 2)
			}
		}
		require.NoError(t, in.Err())
		require.Equal(t, 1, n)
	})
}
