package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/compare/gobench"
	"github.com/accelbench/accelbench/reports"
)

// trials is one invocation of ab: an experiment, and another one where a regression is to be confirmed.
type trials struct {
	streams
	charts   figures
	command  string
	names    [2]string // of base and head, for readers
	pay      pricing
	options  compare.Options
	schedule ab.Schedule
	confirm  []ab.Look // of the rounds that confirm a regression; nil if none are wanted
	strict   bool

	// prepare makes what is made when the results can be saved; nil for nothing.
	prepare    func() error
	base, head ab.Side
	pairs      []string // what the plans of each pair are, for the progress; nil for commands

	record   *ab.Record
	failures []ab.Failure
	stopped  []string
}

// measure makes the rounds, saves what they give, and reports.
func (t *trials) measure(ctx context.Context, out string, draws reports.Format) (err error) {
	_, missing := os.Stat(out)
	file, err := bench.OpenFile(out)
	if err != nil {
		return fmt.Errorf("opening the results file: %w", err)
	}
	t.record = ab.NewRecord(file)
	defer func() {
		err = errors.Join(err, t.record.Close(), file.Close())
		if missing != nil && t.record.Saved() == 0 {
			err = errors.Join(err, os.Remove(out)) // what commands printed lies beside it
		}
	}()
	if warning := file.Warning(); warning != "" {
		complain(t.err, "accelbench: %s\n", warning)
	}
	if err := t.charts.makeFolder(); err != nil {
		return err
	}
	if t.prepare != nil {
		if err := t.prepare(); err != nil {
			return err
		}
	}
	end, saving := t.experiments(ctx)
	if errors.Is(saving, compare.ErrGate) {
		return saving
	}
	if len(end.Comparison.Cases)+len(end.Comparison.Problems) > 0 {
		if err := t.report(draws, end, file.Path(), t.ended(ctx, end, saving), t.warnings(ctx, end, saving)); err != nil {
			return err
		}
	}
	t.say(file.Path())
	if saving != nil {
		return saving
	}
	return t.verdict(ctx, end.Comparison)
}

// warnings say what the comparison is lacking.
func (t *trials) warnings(ctx context.Context, end ab.Ending, saving error) []string {
	var out []string
	ended := t.ended(ctx, end, saving)
	if ctx.Err() != nil {
		out = append(out, ended+": this is what there is")
	}
	for _, reason := range t.stopped {
		out = append(out, "stopped: "+reason)
	}
	if saving != nil {
		out = append(out, ended+": what the last run gave could not be saved")
	}
	return out
}

// ended says what ended the rounds before a look could; empty if nothing did.
func (t *trials) ended(ctx context.Context, end ab.Ending, saving error) string {
	how := ""
	switch {
	case ctx.Err() != nil:
		how = "interrupted"
	case saving != nil || len(t.stopped) > 0:
		how = "stopped"
	default:
		return ""
	}
	return fmt.Sprintf("%s in round %d of %d", how, end.Rounds, t.schedule.Rounds())
}

// experiments makes the declared rounds, and those that confirm a regression.
func (t *trials) experiments(ctx context.Context) (ab.Ending, error) {
	complain(t.err, "accelbench: %s\n", declared(t.schedule))
	end, err := t.experiment(ctx, t.schedule, "")
	if err != nil || ctx.Err() != nil || end.Comparison.Verdict != compare.Regressed || t.confirm == nil {
		return end, err
	}
	again := ab.Schedule{Seed: t.schedule.Seed + 1, Looks: t.confirm}
	complain(t.err, "accelbench: a regression, measured again: %s\n", declared(again))
	second, err := t.experiment(ctx, again, "again, ")
	end.Comparison = ab.Confirm(end.Comparison, second.Comparison)
	end.Comparison.Notes = append(end.Comparison.Notes, fmt.Sprintf("a regression was measured again, in %d further rounds that were judged alone", second.Rounds))
	return end, err
}

// declared is a schedule in words.
func declared(s ab.Schedule) string {
	text := fmt.Sprintf("rounds: %d, in each both sides in an order by chance (seed %d)", s.Rounds(), s.Seed)
	if len(s.Looks) < 2 {
		return text
	}
	var looks []string
	for _, l := range s.Looks {
		looks = append(looks, fmt.Sprintf("%d (%.2g %%)", l.Round, 100*l.Level))
	}
	return text + "; it may end, if the verdict stands, after these (with the chance of a false verdict that each has): " + strings.Join(looks, ", ")
}

func (t *trials) experiment(ctx context.Context, s ab.Schedule, again string) (ab.Ending, error) {
	id := bench.NewID()
	clock := &turnClock{trials: t, started: time.Now(), turns: s.Rounds() * 2 * t.base.Pairs(), rounds: s.Rounds(), about: "about", again: again}
	if len(s.Looks) > 1 {
		clock.about = "at most about"
	}
	e := ab.Experiment{ID: id, Schedule: s, Base: t.base, Head: t.head, Begin: clock.begin, Keep: t.keep,
		Check: func() error { return t.check(id) },
		Judge: func(confidence float64) compare.Comparison {
			options := t.options
			options.Confidence = confidence
			return t.judge(id, options)
		}}
	end, err := e.Run(ctx)
	t.failures = append(t.failures, end.Failures...)
	if end.Stopped != "" {
		t.stopped = append(t.stopped, end.Stopped)
	}
	if len(s.Looks) > 1 && err == nil && ctx.Err() == nil && end.Stopped == "" {
		end.Comparison.Notes = append(end.Comparison.Notes, fmt.Sprintf("%d rounds of at most %d: the intervals are those of a look that may be wrong in %.2g %% of "+
			"comparisons, all looks together in %.2g %%", end.Rounds, s.Rounds(), 100*end.Level, 100*(1-compare.Confidence)))
	}
	if silent := t.silent(id, end.Failures); len(silent) > 0 {
		end.Comparison.Problems = silent
	}
	for _, f := range end.Failures {
		end.Comparison.Notes = append(end.Comparison.Notes, "no figures: "+f.String())
	}
	return end, err
}

// silent are the sides that gave nothing in any turn, with the reason of the first: it explains all that cannot be compared.
func (t *trials) silent(id string, failures []ab.Failure) []compare.Problem {
	base, head, _, err := t.subjects(id)
	if err != nil {
		return nil // which the comparison tells
	}
	var out []compare.Problem
	for side, subjects := range map[string][]compare.Subject{bench.SideBase: base, bench.SideHead: head} {
		i := slices.IndexFunc(failures, func(f ab.Failure) bool { return f.Turn.Side == side })
		if len(subjects) == 0 && i >= 0 {
			out = append(out, compare.Problem{Text: side + " gave no figures: " + failures[i].Reason})
		}
	}
	slices.SortFunc(out, func(a, b compare.Problem) int { return strings.Compare(a.Text, b.Text) })
	return out
}

// keep saves what a turn gave, and tells at once of what failed.
func (t *trials) keep(turn ab.Turn, out ab.Output) error {
	saving := t.record.Keep(turn, out)
	if out.Failure != "" {
		told := ab.Failure{Turn: turn, Reason: out.Failure}.String()
		if kept := t.record.FailedFile(turn.Side); kept != "" && len(out.Unjudged) > 0 && saving == nil {
			told += "; what it printed is in " + filepath.Base(kept)
		}
		complain(t.err, "accelbench: %s\n", told)
	}
	return saving
}

// judge compares what an experiment has given.
func (t *trials) judge(id string, options compare.Options) compare.Comparison {
	base, head, notes, err := t.subjects(id)
	if err != nil {
		return compare.Comparison{Verdict: compare.Undecided, Tolerance: options.Tolerance, Problems: []compare.Problem{{Text: err.Error()}}}
	}
	c := compare.Compare(base, head, options)
	c.Notes = append(c.Notes, notes...)
	if t.record.Text(id, bench.SideBase)+t.record.Text(id, bench.SideHead) != "" && len(t.record.Results(id)) > 0 {
		c.Problems = append(c.Problems, compare.Problem{Text: "one command prints result lines and the other Go's benchmark format: both have to print the same kind"})
	}
	return c
}

// subjects are those of both sides of an experiment. The outputs of all rounds may be too long together, or disagree about a unit.
func (t *trials) subjects(id string) (base, head []compare.Subject, notes []string, err error) {
	if t.record.Text(id, bench.SideBase)+t.record.Text(id, bench.SideHead) == "" {
		base, of := compare.Subjects(compare.Side(t.record.Results(id), bench.SideBase))
		head, more := compare.Subjects(compare.Side(t.record.Results(id), bench.SideHead))
		return base, head, slices.Concat(of, more), nil
	}
	var reader gobench.Reader
	var runs [2][]gobench.Run
	for i, side := range []string{bench.SideBase, bench.SideHead} {
		if text := t.record.Text(id, side); text != "" { // what is missing on a side is a problem of the comparison
			if runs[i], _, err = reader.Read(strings.NewReader(text), side); err != nil {
				return nil, nil, nil, fmt.Errorf("reading what the commands printed: %w", err)
			}
		}
	}
	return reader.Subjects(runs[0]), reader.Subjects(runs[1]), nil, nil
}

// check refuses a gate with a name that no metric has, once there are metrics, and before hours are spent.
func (t *trials) check(id string) error {
	base, head, _, err := t.subjects(id)
	if err != nil {
		return err
	}
	measured := slices.ContainsFunc(slices.Concat(base, head), func(s compare.Subject) bool {
		return slices.ContainsFunc(s.Series, func(x compare.Series) bool { return len(x.Values) > 0 })
	})
	if !measured {
		return nil
	}
	return compare.CheckGate(t.options.Gate, base, head)
}

// report draws the comparison. What of the measurements is on the disk is told besides.
func (t *trials) report(draws reports.Format, end ab.Ending, path, ended string, warnings []string) error {
	results := t.record.All()
	base, head := compare.Side(results, bench.SideBase), compare.Side(results, bench.SideHead)
	files := []string{filepath.Base(path)}
	if names := t.record.Files(); len(names) > 0 {
		files = nil
		for _, name := range names {
			files = append(files, filepath.Base(name))
		}
	}
	options := reports.ComparisonOptions{Base: reports.Side{Name: t.names[0], Files: files}, Head: reports.Side{Name: t.names[1], Files: files},
		Command: t.command, Ended: ended, Lost: t.lost(), Warnings: warnings}
	if len(base) > 0 && len(head) > 0 {
		summarize, err := t.pay.forBoth(base, head, time.Now())
		if err != nil {
			return err
		}
		options.Worth = compare.Worths(end.Comparison, base, head, summarize)
	}
	d := reports.Comparison(end.Comparison, options)
	d.Results = results
	return t.charts.draw(t.streams, draws, d)
}

// lost counts the turns that gave no result, not even a failed one.
func (t *trials) lost() int {
	n := 0
	for _, f := range t.failures {
		at := f.Turn
		if !slices.ContainsFunc(t.record.Results(at.Trial), func(r bench.Result) bool { return r.Trial.Side == at.Side && r.Trial.Round == at.Round }) {
			n++
		}
	}
	return n
}

// readableText tells why a text cannot be read as Go's benchmark format.
func readableText(text []byte) error {
	var reader gobench.Reader
	_, _, err := reader.Read(bytes.NewReader(append(bytes.Clone(text), '\n')), "standard output")
	return err
}

// say tells where the measurements lie.
func (t *trials) say(path string) {
	if n := t.record.Saved(); n > 0 {
		complain(t.err, "accelbench: results appended: %d, to %s\n", n, absolute(path))
	}
	for _, name := range t.record.Files() {
		complain(t.err, "accelbench: benchmarks appended to %s\n", absolute(name))
	}
	for _, side := range []string{bench.SideBase, bench.SideHead} {
		if name := t.record.FailedFile(side); name != "" {
			complain(t.err, "accelbench: what failing commands printed was appended to %s\n", absolute(name))
		}
	}
}

// verdict is the exit code that the comparison deserves.
func (t *trials) verdict(ctx context.Context, c compare.Comparison) error {
	switch {
	case ctx.Err() != nil:
		return codeError{code: exitInterrupted}
	case len(t.stopped) > 0 && c.Verdict != compare.Regressed:
		return codeError{exitFailure, errors.New(t.stopped[0])}
	}
	code := comparisonCode(c, t.strict)
	if code == exitOK || code == exitUndecided {
		if len(t.failures) > 0 || slices.ContainsFunc(t.record.All(), bad) {
			code = exitInvalid
		}
	}
	if code == exitOK {
		return nil
	}
	return codeError{code: code}
}

// turnClock tells on standard error which turn begins and how long the rest may take.
type turnClock struct {
	*trials
	started     time.Time
	made, turns int
	rounds      int
	about       string // what the time left is
	again       string
}

func (c *turnClock) begin(t ab.Turn) {
	what := "command"
	if c.pairs != nil {
		what = c.pairs[t.Pair-1]
	}
	left := ""
	if so := time.Since(c.started); c.made > 0 {
		left = fmt.Sprintf(", %s so far, %s %s left", so.Round(time.Second), c.about,
			(so / time.Duration(c.made) * time.Duration(c.turns-c.made)).Round(time.Second))
	}
	c.made++
	complain(c.err, "[%sround %d/%d] %s: %s%s\n", c.again, t.Round, c.rounds, t.Side, what, left)
}
