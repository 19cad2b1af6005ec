package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/accelbench/accelbench/bench"
)

// progress shows on standard error where a sequence of runs is: a bar on a terminal, plain lines elsewhere.
type progress struct {
	out     io.Writer
	bar     *progressbar.ProgressBar // nil when out is no terminal
	started time.Time
	run     int // the last one announced in a plain line, -1 before the first
	stage   bench.Stage
}

func newProgress(out io.Writer, runs int) *progress {
	p := &progress{out: out, started: time.Now(), run: -1}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(runs, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
}

// hear is called by the runner at every stage of a run.
func (p *progress) hear(e bench.Progress) {
	what := fmt.Sprintf("%s %s %s", e.Plan.Device, describePlan(e.Plan), e.Stage)
	if p.bar != nil {
		p.bar.Describe(what)
		// The bar counts finished runs; an error to draw it is no reason to stop measuring.
		_ = p.bar.Set(e.Run)
		return
	}
	if e.Run != p.run {
		p.run = e.Run
		complain(p.out, "[%s] %s %s, %s%s\n", p.place(e), e.Plan.Device, describePlan(e.Plan), repeatText(e), p.left(e))
	}
	if e.Stage == bench.StageReference && e.Stage != p.stage {
		complain(p.out, "        computing reference values, about %s\n", e.Expected.Round(time.Second))
	}
	p.stage = e.Stage
}

// place counts the runs.
func (p *progress) place(e bench.Progress) string {
	if e.Runs == 0 {
		return fmt.Sprint(e.Run + 1)
	}
	return fmt.Sprintf("%d/%d", e.Run+1, e.Runs)
}

func repeatText(e bench.Progress) string {
	switch {
	case e.Plan.Probe != nil:
		return "search: " + string(e.Plan.Probe.Role)
	case e.Repeat >= e.Plan.Repeats:
		return fmt.Sprintf("repeat %d, for the interval", e.Repeat+1)
	}
	return fmt.Sprintf("repeat %d of %d", e.Repeat+1, e.Plan.Repeats)
}

// left estimates the time that remains from the runs already made.
func (p *progress) left(e bench.Progress) string {
	if e.Run == 0 || e.Runs == 0 {
		return ""
	}
	each := time.Since(p.started) / time.Duration(e.Run)
	return fmt.Sprintf(", about %s left", (each * time.Duration(e.Runs-e.Run)).Round(time.Second))
}

// note says something beside the progress without tearing the bar.
func (p *progress) note(format string, args ...any) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	complain(p.out, format, args...)
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

func describePlan(p bench.Plan) string {
	s := p.Workload
	if p.Options.SeqLen > 0 {
		s += fmt.Sprintf(" seq-len %d", p.Options.SeqLen)
	}
	if p.Options.ISL > 0 {
		s += fmt.Sprintf(" isl %d", p.Options.ISL)
	}
	if p.Options.OSL > 0 {
		s += fmt.Sprintf(" osl %d", p.Options.OSL)
	}
	if p.Options.Batch > 1 {
		s += fmt.Sprintf(" batch %d", p.Options.Batch)
	}
	s += " " + string(p.Scenario)
	switch {
	case p.Scenario == bench.Server && p.Rate > 0:
		s += fmt.Sprintf(" %.4g/s", p.Rate)
	case p.Scenario == bench.Concurrency && p.Concurrency > 0:
		s += fmt.Sprintf(" %d", p.Concurrency)
	}
	if p.Replicas > 1 {
		s += fmt.Sprintf(" replicas %d", p.Replicas)
	}
	return s
}
