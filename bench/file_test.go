package bench_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench"
)

func line(t require.TestingT, r bench.Result) string {
	b, err := json.Marshal(r)
	require.NoError(t, err)
	return string(b) + "\n"
}

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func read(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func TestFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	want := []bench.Result{full(t, 0), minimal(), full(t, 1)}
	for _, r := range want { // one opening each: a file is appended to
		f, err := bench.OpenFile(path)
		require.NoError(t, err)
		require.Equal(t, path, f.Path())
		require.NoError(t, f.Append(r))
		require.NoError(t, f.Close())
		require.Empty(t, f.Warning())
	}
	got, warnings, err := bench.ReadFile(path)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, want, got)
}

func TestRoundTripOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := minimal()
		r.Reason = rapid.String().Draw(t, "reason")
		r.Asked = rapid.Bool().Draw(t, "asked")
		r.Scenario.Seed = rapid.Uint64().Draw(t, "seed")
		r.Counts.Units = rapid.Int64Min(0).Draw(t, "units")
		r.Noise.CPUOverWall = rapid.Ptr(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64), true).Draw(t, "cpu")
		r.Workload.ISL = rapid.Ptr(rapid.Int(), true).Draw(t, "isl")
		if values := rapid.SliceOfN(rapid.Int64Range(0, 1e13), 0, 5).Draw(t, "latencies"); len(values) > 0 {
			r.Latency = latencies(t, values...)
		}
		got, _, err := bench.Read(strings.NewReader(line(t, r)), "x")
		require.NoError(t, err)
		require.Equal(t, []bench.Result{r}, got)
	})
}

// A reader of today meets lines of tomorrow that add fields anywhere.
func TestUnknownFieldsAreSkipped(t *testing.T) {
	want := full(t, 0)
	var tree map[string]any
	require.NoError(t, json.Unmarshal([]byte(line(t, want)), &tree))
	var grow func(any)
	grow = func(x any) {
		switch x := x.(type) {
		case map[string]any:
			for k, v := range x {
				if k != "flops" && k != "flops_by_precision" && k != "sources" && k != "throttled_seconds" { // maps of data, not of fields
					grow(v)
				}
			}
			if _, data := x["f32"]; !data && x["provider"] != "dmi" {
				x["of_tomorrow"] = map[string]any{"a": []any{1, nil, "x"}}
			}
		case []any:
			for _, v := range x {
				grow(v)
			}
		}
	}
	grow(tree)
	text, err := json.Marshal(tree)
	require.NoError(t, err)
	require.Greater(t, strings.Count(string(text), "of_tomorrow"), 15)
	got, _, err := bench.Read(bytes.NewReader(append(text, '\n')), "x")
	require.NoError(t, err)
	require.Equal(t, []bench.Result{want}, got)
}

func TestOpenFileRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		path string
		want string
		is   error
	}{
		"a directory":      {dir, "it is a directory; choose a file with --out", nil},
		"no parent":        {filepath.Join(dir, "no", "r.jsonl"), "there is no directory " + filepath.Join(dir, "no"), os.ErrNotExist},
		"a text":           {write(t, "dear diary\n"), `its first line is no result ("dear diary")`, bench.ErrNotResults},
		"a text, no end":   {write(t, "dear diary"), "is no result", bench.ErrNotResults},
		"other JSON":       {write(t, `{"a":1}`+"\n"), "is no result", bench.ErrNotResults},
		"an empty line":    {write(t, "\n"), "is no result", bench.ErrNotResults},
		"another version":  {write(t, `{"schema":"accelbench.result/v2","id":3}`+"\n"), `has schema "accelbench.result/v2"`, bench.ErrNotResults},
		"only an end":      {write(t, `"schema":"accelbench.result/v1"`), "is no result", bench.ErrNotResults},
		"beginning, ended": {write(t, `{"schema":"acc`+"\n"), "is no result", bench.ErrNotResults},
	} {
		t.Run(name, func(t *testing.T) {
			before, _ := os.ReadFile(c.path)
			_, err := bench.OpenFile(c.path)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, c.path)
			require.ErrorContains(t, err, "--out")
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			after, _ := os.ReadFile(c.path)
			require.Equal(t, before, after)
		})
	}
}

func TestOpenFileReadOnly(t *testing.T) {
	path := write(t, "")
	require.NoError(t, os.Chmod(path, 0o400))
	if os.Getuid() == 0 { // root may write to any file of a disk
		path = "/sys/devices/system/cpu/online"
		if _, err := os.Stat(path); err != nil {
			t.Skip("nothing here that root may not write")
		}
	}
	_, err := bench.OpenFile(path)
	require.ErrorContains(t, err, path)
	require.ErrorContains(t, err, "choose a file with --out")
}

func TestOpenFileMendsACrash(t *testing.T) {
	a, b := line(t, full(t, 0)), line(t, full(t, 1))
	for name, c := range map[string]struct {
		text, want string
		warns      bool
	}{
		"whole":                   {a + b, a + b, false},
		"no end of a whole one":   {a + strings.TrimSuffix(b, "\n"), a + b, false},
		"no end of the only one":  {strings.TrimSuffix(a, "\n"), a, false},
		"cut":                     {a + b[:len(b)/2], a, true},
		"cut to one byte":         {a + "{", a, true},
		"the only one cut":        {a[:len(a)/2], "", true},
		"the only one cut early":  {a[:5], "", true},
		"zeros of a power outage": {a + strings.Repeat("\x00", 100_000), a, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, c.text)
			f, err := bench.OpenFile(path)
			require.NoError(t, err)
			require.Equal(t, c.want, read(t, path))
			require.Equal(t, c.warns, f.Warning() != "")
			require.NoError(t, f.Append(full(t, 2)))
			require.NoError(t, f.Close())
			require.Equal(t, c.want+line(t, full(t, 2)), read(t, path))
		})
	}
}

// Cut a file anywhere: it is read and mended with all whole results.
func TestCutAnywhere(t *testing.T) {
	a, b := line(t, minimal()), line(t, full(t, 1))
	for cut := 1; cut <= len(b); cut += 1 + len(b)/60 {
		text := a + b[:cut]
		whole := 1
		if cut >= len(b)-1 {
			whole = 2
		}
		got, warnings, err := bench.Read(strings.NewReader(text), "x")
		require.NoError(t, err)
		require.Len(t, got, whole)
		require.Len(t, warnings, 2-whole)
		path := write(t, text)
		f, err := bench.OpenFile(path)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		got, warnings, err = bench.ReadFile(path)
		require.NoError(t, err)
		require.Len(t, got, whole)
		require.Empty(t, warnings)
	}
}

func TestOneWriterAtATime(t *testing.T) {
	path := write(t, "")
	first, err := bench.OpenFile(path)
	require.NoError(t, err)
	_, err = bench.OpenFile(path)
	require.ErrorIs(t, err, bench.ErrInUse)
	require.ErrorContains(t, err, path)
	require.NoError(t, first.Append(minimal()))
	_, _, err = bench.ReadFile(path) // reading goes on
	require.NoError(t, err)
	require.NoError(t, first.Close())
	second, err := bench.OpenFile(path)
	require.NoError(t, err)
	require.NoError(t, second.Close())
}

func TestAppendRefusesWhatReadWould(t *testing.T) {
	path := write(t, "")
	f, err := bench.OpenFile(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	for want, spoil := range map[string]func(*bench.Result){
		"id: expected":           func(r *bench.Result) { r.ID = "" },
		"schema: expected":       func(r *bench.Result) { r.Schema = "" },
		"status: expected":       func(r *bench.Result) { r.Status = "" },
		"counts.units: expected": func(r *bench.Result) { r.Counts.Units = -1 },
		"encoding result":        func(r *bench.Result) { r.Noise.CPUOverWall = ptr(math.NaN()) },
	} {
		r := minimal()
		spoil(&r)
		require.ErrorContains(t, f.Append(r), want)
	}
	require.Empty(t, read(t, path))
}

func TestAppendToADevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	f, err := bench.OpenFile(os.DevNull)
	require.NoError(t, err)
	require.NoError(t, f.Append(minimal()))
	require.NoError(t, f.Close())
	f, err = bench.OpenFile("/dev/full")
	require.NoError(t, err)
	err = f.Append(minimal())
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "disk full")
	require.NoError(t, f.Close())
}

// A real full disk: a file system of 64 KiB in memory.
func TestFullDiskHarmsNothing(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount: %s", out)
	}
	defer func() { require.NoError(t, exec.Command("umount", "-l", dir).Run()) }()
	path := filepath.Join(dir, "r.jsonl")
	f, err := bench.OpenFile(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var want []bench.Result
	for {
		r := full(t, len(want))
		if err := f.Append(r); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			require.ErrorContains(t, err, "disk full")
			break
		}
		want = append(want, r)
		require.Less(t, len(want), 1000)
	}
	require.Error(t, f.Append(full(t, len(want))))
	got, warnings, err := bench.ReadFile(path)
	require.NoError(t, err)
	require.Empty(t, warnings)
	require.Equal(t, want, got)
}

func TestReadRefuses(t *testing.T) {
	good := line(t, minimal())
	edit := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	column := func(text, of string) int { return strings.Index(text, of) + 1 }
	units, status := edit(`"units":0`, `"units":-1`), edit(`"failed"`, `"fine"`)
	noID, kind := edit(`"id":"r0"`, `"id":""`), edit(`"queries":0`, `"queries":"many"`)
	latency := edit(`"latency":null`, `"latency":{"histogram":"AAAA","count":1,"min_ns":1,"max_ns":1}`)
	count := edit(`"latency":null`, strings.Replace(`"latency":`+marshal(t, latencies(t, 5)), `"count":1`, `"count":2`, 1))
	for name, c := range map[string]struct {
		text         string
		line, column int
		want         string
	}{
		"no JSON":         {good + "dear diary\n" + good, 2, 1, "expected a result as a JSON object on one line"},
		"cut but ended":   {good + good[:50] + "\n", 2, 50, "expected a result as a JSON object on one line"},
		"empty line":      {good + "\n" + good, 2, 1, "found an empty line"},
		"a list":          {"[]\n", 1, 1, "the line: expected an object, found array"},
		"another kind":    {kind, 1, 0, "counts.queries: expected a whole number, found string"},
		"null":            {"null\n", 1, 1, "schema: expected"},
		"another version": {`{"schema":"accelbench.result/v2","id":3}` + "\n", 1, 2, `expected "accelbench.result/v1", found "accelbench.result/v2": another version`},
		"no schema":       {`{"id":"x"}` + "\n", 1, 1, "schema: expected"},
		"no id":           {noID, 1, column(noID, `"id"`), "id: expected a text"},
		"unknown status":  {status, 1, column(status, `"status"`), `status: expected one of ["ok" "unsupported" "failed" "interrupted"], found "fine"`},
		"negative":        {units, 1, column(units, `"units":`), "counts.units: expected 0 or more, found -1"},
		"no histogram":    {latency, 1, column(latency, `"latency"`), "latency: no histogram"},
		"wrong count":     {count, 1, column(count, `"latency"`), "latency: no histogram of 2 durations: it counts 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := bench.Read(strings.NewReader(c.text), "x.jsonl")
			var syntax *bench.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, "x.jsonl", syntax.File)
			require.Equal(t, c.line, syntax.Line)
			if c.column > 0 {
				require.Equal(t, c.column, syntax.Column)
			}
		})
	}
}

func marshal(t *testing.T, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestReadNothing(t *testing.T) {
	_, _, err := bench.Read(strings.NewReader(""), "x.jsonl")
	require.ErrorIs(t, err, bench.ErrNoResults)
	require.ErrorContains(t, err, "x.jsonl holds no results")
	_, warnings, err := bench.Read(strings.NewReader(`{"schema":`), "x.jsonl")
	require.ErrorIs(t, err, bench.ErrNoResults)
	require.ErrorContains(t, err, "its only line was cut short by a crash")
	require.Len(t, warnings, 1)
	_, _, err = bench.ReadFile(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	broken := errors.New("broken pipe")
	_, _, err = bench.Read(io.MultiReader(strings.NewReader(line(t, minimal())), readerFunc(func([]byte) (int, error) { return 0, broken })), "x")
	require.ErrorIs(t, err, broken)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestReadBoundsALine(t *testing.T) {
	endless := readerFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = ' '
		}
		return len(p), nil
	})
	_, _, err := bench.Read(endless, "x")
	require.ErrorContains(t, err, "x:1:67108864: line is longer than 67108864 bytes")
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(line(f, full(f, 0)) + line(f, minimal())))
	f.Add([]byte(line(f, minimal())[:100]))
	for _, r := range probed(f, step{bench.RoleBracket, 1, met}, step{bench.RoleBracket, 2, missed}, step{bench.RoleConfirm, 1, invalid}) {
		r.Group = &bench.Group{ID: "g", Size: 2}
		f.Add([]byte(line(f, r) + line(f, r)))
	}
	f.Add([]byte("{}\n[]\nnull\n"))
	f.Add([]byte(`{"schema":"accelbench.result/v2"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		results, _, err := bench.Read(bytes.NewReader(text), "x")
		var syntax *bench.SyntaxError
		if err != nil {
			require.True(t, errors.As(err, &syntax) && syntax.Line > 0 && syntax.Column > 0 || errors.Is(err, bench.ErrNoResults), "%v", err)
			return
		}
		// What was read can be summed up, written and read again.
		require.NotEmpty(t, bench.Summarize(results, bench.SummarizeOptions{}))
		for _, p := range bench.LoadPeaks(results) {
			require.Equal(t, p.Status == bench.PeakReached, p.Reason == "", "%+v", p)
		}
		var again []byte
		for _, r := range results {
			again = append(again, line(t, r)...)
		}
		back, warnings, err := bench.Read(bytes.NewReader(again), "x")
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.Len(t, back, len(results))
		require.True(t, reflect.DeepEqual(results[0].ID, back[0].ID))
	})
}
