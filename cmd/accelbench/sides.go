package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/compare/gobench"
	"github.com/accelbench/accelbench/internal/english"
	"github.com/accelbench/accelbench/reports"
)

// side is what one side of a comparison holds: results, or runs in Go's benchmark format.
type side struct {
	reports.Side
	paths    []string
	results  []bench.Result
	runs     []gobench.Run
	subjects []compare.Subject
}

// compared are both sides, ready to be compared.
type compared struct {
	base, head side
	warnings   []string
}

// loader reads files of both kinds; one reader of benchmarks serves both sides, so that what one says of a unit holds for all.
type loader struct {
	streams
	benchmarks gobench.Reader
	warnings   []string
	stdin      bool // standard input was read
}

// sides reads what the arguments name: a base and a head, or one file of an interleaved comparison that holds both.
func sides(c *cli.Context, s streams) (compared, error) {
	l := loader{streams: s}
	var out compared
	var err error
	switch n := c.NArg(); {
	case c.IsSet("baseline"):
		out, err = l.fromHistory(c)
	case n == 1:
		out, err = l.both(c.Args().First())
	case n == 2:
		out, err = l.each(c.Args().Get(0), c.Args().Get(1))
	case n == 0:
		return out, usagef("what is compared? accelbench compare BASE HEAD, for example base.jsonl head.jsonl")
	default:
		return out, usagef("%d arguments: accelbench compare takes BASE and HEAD; put commas between several files of a side, and quotes around a glob", n)
	}
	if err != nil {
		return out, err
	}
	for _, side := range []*side{&out.base, &out.head} {
		var notes []string
		if len(side.results) > 0 {
			side.subjects, notes = compare.Subjects(side.results)
		} else {
			side.subjects = l.benchmarks.Subjects(side.runs)
		}
		for _, n := range notes {
			l.warnings = append(l.warnings, side.Name+": "+n)
		}
	}
	for _, unit := range l.benchmarks.Undirected(slices.Concat(out.base.runs, out.head.runs)) {
		l.warnings = append(l.warnings, fmt.Sprintf("%s is shown and decides nothing: nothing says which way it is better; a line \"Unit %s better=higher\" "+
			"(or lower) in one of the files does", unit, unit))
	}
	out.warnings = l.warnings
	return out, nil
}

// each reads a base and a head.
func (l *loader) each(baseArg, headArg string) (compared, error) {
	var out compared
	var err error
	if out.base, err = l.side(baseArg); err != nil {
		return out, err
	}
	if out.head, err = l.side(headArg); err != nil {
		return out, err
	}
	return l.apart(out)
}

// apart refuses sides that cannot be two sides of one comparison.
func (l *loader) apart(out compared) (compared, error) {
	b, h := out.base, out.head
	switch {
	case len(b.results) > 0 && len(h.runs) > 0:
		return out, errOneKind(b.Name, h.Name)
	case len(h.results) > 0 && len(b.runs) > 0:
		return out, errOneKind(h.Name, b.Name)
	}
	if err := sharedRuns(b.results, h.results); err != nil {
		return out, err
	}
	for _, path := range b.paths {
		if len(b.runs) > 0 && slices.Contains(h.paths, path) {
			return out, usagef("%s is on both sides: nothing can be learned from comparing runs with themselves; give each side its own files", path)
		}
	}
	for _, s := range []side{b, h} {
		if len(trialsOf(compare.Side(s.results, bench.SideBase))) > 0 && len(trialsOf(compare.Side(s.results, bench.SideHead))) > 0 {
			return out, usagef("%s holds both sides of an interleaved comparison: compare it alone, accelbench compare FILE", s.Name)
		}
	}
	// Runs of different experiments have no rounds in common: they are matched by what they computed.
	if bt, ht := trialsOf(b.results), trialsOf(h.results); !slices.ContainsFunc(bt, func(id string) bool { return slices.Contains(ht, id) }) {
		withoutTrials(b.results)
		withoutTrials(h.results)
	}
	out.base.runs, out.head.runs = l.newestRuns(b.runs, h.runs)
	out.base.Name, out.head.Name = unlike(b.Name, h.Name)
	return out, nil
}

// both splits what accelbench ab saved into its sides; of several experiments the newest counts.
func (l *loader) both(arg string) (compared, error) {
	all, err := l.side(arg)
	if err != nil {
		return compared{}, err
	}
	out := compared{base: side{Side: reports.Side{Name: "base of " + all.Name, Files: all.Files}}, head: side{Side: reports.Side{Name: "head of " + all.Name, Files: all.Files}}}
	if len(all.runs) > 0 {
		out.base.runs, out.head.runs = l.newestRuns(gobench.OfSide(all.runs, bench.SideBase), gobench.OfSide(all.runs, bench.SideHead))
	} else {
		results := l.newest(all.results)
		out.base.results, out.head.results = compare.Side(results, bench.SideBase), compare.Side(results, bench.SideHead)
	}
	if len(out.base.results)+len(out.base.runs) == 0 || len(out.head.results)+len(out.head.runs) == 0 {
		return out, usagef("%s does not hold both sides of an interleaved comparison: give BASE and HEAD, or a file that accelbench ab wrote", all.Name)
	}
	return out, nil
}

// newest are the results of the experiment that was begun last.
func (l *loader) newest(results []bench.Result) []bench.Result {
	last := -1
	for i, r := range results {
		if r.Trial != nil && (last < 0 || r.StartedAt.After(results[last].StartedAt)) {
			last = i
		}
	}
	if last < 0 {
		return nil
	}
	id := results[last].Trial.ID
	if n := len(trialsOf(results)); n > 1 {
		l.warnings = append(l.warnings, fmt.Sprintf("there are %d interleaved comparisons in the file: the newest is shown", n))
	}
	if alone := len(slices.DeleteFunc(slices.Clone(results), func(r bench.Result) bool { return r.Trial != nil })); alone > 0 {
		l.warnings = append(l.warnings, "left out, of no interleaved comparison: "+english.Count(alone, "result")+" in the file")
	}
	return slices.DeleteFunc(slices.Clone(results), func(r bench.Result) bool { return r.Trial == nil || r.Trial.ID != id })
}

// newestRuns are those of the experiment, of all that both sides have runs of, that was appended to the files last. Rounds of different
// experiments have nothing in common.
func (l *loader) newestRuns(base, head []gobench.Run) (b, h []gobench.Run) {
	ofHead, all := map[string]bool{}, map[string]bool{}
	for _, r := range head {
		ofHead[r.Trial], all[r.Trial] = true, true
	}
	newest, common := "", map[string]bool{}
	for _, r := range base {
		if all[r.Trial] = true; ofHead[r.Trial] {
			newest, common[r.Trial] = r.Trial, true
		}
	}
	switch {
	case len(common) > 0 && len(all) > len(common): // the newest of all may be one that a side failed
		l.warnings = append(l.warnings, fmt.Sprintf("there are %d interleaved comparisons in the files: the newest of which both sides have figures is shown", len(all)))
	case len(common) > 1:
		l.warnings = append(l.warnings, fmt.Sprintf("there are %d interleaved comparisons in the files: the newest is shown", len(common)))
	}
	of := func(runs []gobench.Run) []gobench.Run {
		var out []gobench.Run
		for _, r := range runs {
			if len(common) == 0 {
				r.Round = 0
			} else if r.Trial != newest {
				continue
			}
			out = append(out, r)
		}
		return out
	}
	return of(base), of(head)
}

func trialsOf(results []bench.Result) []string {
	var out []string
	for _, r := range results {
		if r.Trial != nil && !slices.Contains(out, r.Trial.ID) {
			out = append(out, r.Trial.ID)
		}
	}
	return out
}

func withoutTrials(results []bench.Result) {
	for i := range results {
		results[i].Trial = nil
	}
}

// unlike are the names of the sides, told apart where they are the same.
func unlike(base, head string) (baseName, headName string) {
	if base != head {
		return base, head
	}
	return base + " (base)", head + " (head)"
}

// side reads the files of one argument.
func (l *loader) side(arg string) (side, error) {
	files, err := filesOf(arg)
	if err != nil {
		return side{}, err
	}
	out := side{Side: reports.Side{Name: sideName(arg)}}
	for _, f := range files {
		if err := l.load(&out, f); err != nil {
			return out, err
		}
	}
	if len(out.results) > 0 && len(out.runs) > 0 {
		return out, usagef("%s holds result lines and Go's benchmark format: give one kind", out.Name)
	}
	if len(out.results)+len(out.runs) == 0 {
		return out, fmt.Errorf("%s %w", out.Name, bench.ErrNoResults)
	}
	return out, nil
}

// sideName is the argument for readers: reports are published, and a path from elsewhere may tell who made it.
func sideName(arg string) string {
	var names []string
	for part := range strings.SplitSeq(arg, ",") {
		if part == "-" {
			names = append(names, "standard input")
		} else {
			names = append(names, published(part))
		}
	}
	return strings.Join(names, ", ")
}

// published is a path as it may be shown: in full if it lies below here, else without its folders.
func published(path string) string {
	if filepath.IsLocal(path) {
		return filepath.ToSlash(filepath.Clean(path))
	}
	return filepath.Base(path)
}

// input is a file of a side. Of the texts in a directory only those that are benchmarks are meant.
type input struct {
	path  string
	asked bool // named by the user, not found in a directory
}

// filesOf are the files that an argument names: a path as it is, or a list of paths, globs and directories.
func filesOf(arg string) ([]input, error) {
	if arg == "" {
		return nil, usagef("a side is empty: give a file, a directory or a glob")
	}
	parts := []string{arg}
	if _, err := os.Stat(arg); err != nil {
		parts = strings.Split(arg, ",")
	}
	var out []input
	for _, part := range parts {
		found, err := expand(part)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !slices.ContainsFunc(out, func(o input) bool { return o.path == f.path }) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

func expand(part string) ([]input, error) {
	if part == "-" {
		return []input{{part, true}}, nil
	}
	info, err := os.Stat(part)
	switch {
	case err == nil && info.IsDir():
		return inDirectory(part)
	case err == nil && ab.OfFailures(part):
		return nil, usagef("%s has what failing commands printed, which is not judged: give the results, or rename it", published(part))
	case err == nil:
		return []input{{filepath.Clean(part), true}}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("reading results: %w", err)
	}
	found, err := filepath.Glob(part)
	if err != nil {
		return nil, usagef("glob %q: %w", part, err)
	}
	found = slices.DeleteFunc(found, ab.OfFailures)
	if len(found) == 0 {
		return nil, fmt.Errorf("reading results: %s is not there: make it with accelbench run --out, or give a file, a directory or a quoted glob", part)
	}
	var out []input
	for _, path := range found {
		more, err := expand(path)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func inDirectory(dir string) ([]input, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading results: %w", err)
	}
	var out []input
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".jsonl" || ext == ".txt") && !ab.OfFailures(e.Name()) {
			out = append(out, input{filepath.Join(dir, e.Name()), false})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("directory %s %w: no *.jsonl and no *.txt is in it", dir, bench.ErrNoResults)
	}
	return out, nil
}

// publishedWarnings are what reading a file had to say, as reports may say it.
func publishedWarnings(name string, warnings []string) []string {
	var out []string
	for _, w := range warnings {
		out = append(out, strings.Replace(w, name, published(name), 1))
	}
	return out
}

// load adds what a file holds to a side. Its first character tells the kind.
func (l *loader) load(to *side, f input) (err error) {
	name, from := f.path, l.in
	if f.path == "-" {
		if l.stdin {
			return usagef("standard input can be one side only")
		}
		l.stdin, name = true, "standard input"
	} else {
		file, err := os.Open(f.path)
		if err != nil {
			return fmt.Errorf("reading results: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		from = file
	}
	buffered := bufio.NewReader(from)
	if first, _ := buffered.Peek(1); len(first) == 1 && first[0] == '{' {
		results, warnings, err := bench.Read(buffered, name)
		if err != nil {
			return err
		}
		to.results = append(to.results, results...)
		l.warnings = append(l.warnings, publishedWarnings(name, warnings)...)
	} else {
		runs, warnings, err := l.benchmarks.Read(buffered, name)
		if errors.Is(err, bench.ErrNoResults) && !f.asked && filepath.Ext(f.path) == ".txt" {
			l.warnings = append(l.warnings, fmt.Sprintf("%s is left out: it holds no benchmarks", published(f.path)))
			return nil
		}
		if err != nil {
			return err
		}
		to.runs = append(to.runs, runs...)
		l.warnings = append(l.warnings, publishedWarnings(name, warnings)...)
	}
	to.paths, to.Files = append(to.paths, f.path), append(to.Files, published(f.path))
	return nil
}
