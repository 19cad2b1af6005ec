package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/internal/english"
)

// ComparisonSchema names the form of a comparison in JSON.
const ComparisonSchema = "accelbench.comparison/v1"

// Side is what was given for one side of a comparison.
type Side struct {
	// Name is how a reader knows the side: its file, a version, a plan.
	Name  string   `json:"name"`
	Files []string `json:"files,omitempty"`
}

// ComparisonOptions are what a comparison says beside its verdicts.
type ComparisonOptions struct {
	Base, Head Side
	// Command is the command line that compares again; empty if that is not known.
	Command string
	// Worth is what the throughputs are worth for the money; empty where nothing has a price to look for.
	Worth []compare.Worth
	// Ended says what ended the measurement before its time: "interrupted in round 2 of 5". Empty if nothing did.
	Ended string
	// Lost are runs that gave nothing at all, so that no case counts them.
	Lost int
	// Warnings are what reading and measuring had to say that belongs to no case.
	Warnings []string
}

// ComparisonData is a comparison in JSON. Readers accept unknown fields.
type ComparisonData struct {
	Schema   string `json:"schema"`
	Headline string `json:"headline"`
	Base     Side   `json:"base"`
	Head     Side   `json:"head"`
	Command  string `json:"command,omitempty"`
	compare.Comparison
	Worth    []compare.Worth `json:"worth,omitempty"`
	Warnings []string        `json:"warnings"`
}

// Comparison draws what became of every metric. The title is the verdict in one line, since comments and mails show no more.
func Comparison(c compare.Comparison, opts ComparisonOptions) Document {
	gated, others := deltas(c)
	v := comparison{Comparison: c, opts: opts, gated: gated, others: others}
	d := Document{
		Title: v.headline(),
		Badge: v.badge(),
		Sheet: v.sheet(),
		Data: ComparisonData{Schema: ComparisonSchema, Headline: v.headline(), Base: opts.Base, Head: opts.Head, Command: opts.Command,
			Comparison: c, Worth: opts.Worth, Warnings: append([]string{}, opts.Warnings...)},
		Checks: v.checks(),
	}
	d.Blocks = append(d.Blocks, Paragraph{Text: v.counts(), Strong: true})
	d.Blocks = append(d.Blocks, v.sides()...)
	d.Blocks = append(d.Blocks, v.problems()...)
	d.Blocks = append(d.Blocks, v.judged()...)
	d.Blocks = append(d.Blocks, v.forest()...)
	d.Blocks = append(d.Blocks, v.differences()...)
	d.Blocks = append(d.Blocks, v.worth()...)
	d.Blocks = append(d.Blocks, v.remarks()...)
	if len(others) > 0 {
		d.Blocks = append(d.Blocks, Details{Summary: fmt.Sprintf("Metrics that decide nothing (%d)", len(others)),
			Blocks: append([]Block{Paragraph{Text: "Each with an interval of its own at " + level(v.confidence()) + ": among many, some seem to change by chance."}},
				v.table(others)...)})
	}
	d.Blocks = append(d.Blocks, v.method())
	d.Blocks = append(d.Blocks, v.reproduce()...)
	return d
}

// comparison is a comparison in the making.
type comparison struct {
	compare.Comparison
	opts   ComparisonOptions
	gated  []changed
	others []changed
}

func (v comparison) confidence() float64 {
	if v.Confidence == 0 {
		return compare.Confidence
	}
	return v.Confidence
}

// headline is the verdict in one line, and what it does without: a reader of one line would take the rest for complete.
func (v comparison) headline() string {
	text := v.found()
	if len(v.gated) > 0 {
		text += v.lost()
	}
	return english.Joined("; ", text, v.opts.Ended)
}

// found is the verdict in words.
func (v comparison) found() string {
	n := map[compare.Verdict]int{}
	for _, d := range v.gated {
		n[d.Verdict]++
	}
	switch {
	case n[compare.Regressed] > 0:
		return headlined(v.first("Regressed", n[compare.Regressed]))
	case len(v.Problems) > 0:
		p := v.Problems[0]
		return headlined("Could not compare: "+english.Joined(": ", p.Text, p.Case, p.Metric)) + more(len(v.Problems), "problem")
	case len(v.gated) == 0:
		return "Could not compare: nothing was measured that decides"
	case n[compare.Undecided] > 0:
		text := v.first("Undecided", n[compare.Undecided])
		if needs, ok := v.needed(); ok {
			text += "; " + needs
		}
		return headlined(text)
	case n[compare.Improved] > 0:
		return headlined(v.first("Improved", n[compare.Improved]))
	}
	return "Unchanged: " + english.Count(len(v.gated), "metric") + " within " + toleranceText(v.Tolerance)
}

// headlined keeps a headline to what a mail's subject shows; all of it stands below.
func headlined(s string) string { return cut(s, 200, "…") }

// first is the headline of the worst metric with a verdict that n have.
func (v comparison) first(verdict string, n int) string {
	at := slices.IndexFunc(v.gated, func(d changed) bool { return strings.EqualFold(string(d.Verdict), verdict) })
	d := v.gated[at]
	return verdict + ": " + english.Joined(": ", d.name, d.Metric.Name) + " " + changeWords(d.Delta) + more(n, "metric")
}

func more(n int, thing string) string {
	if n < 2 {
		return ""
	}
	return ", and " + english.Count(n-1, "further "+thing)
}

// needed says how many rounds or runs would decide all metrics that are undecided, if that is known of all. Of those without an interval
// it is not: it then says how many they need at least.
func (v comparison) needed() (string, bool) {
	most, least, paired := 0, 0, true
	for _, d := range v.gated {
		if d.Verdict != compare.Undecided {
			continue
		}
		if d.Needs == nil {
			return "", false
		}
		if d.Interval == nil {
			least = max(least, *d.Needs)
		}
		most, paired = max(most, *d.Needs), paired && d.Paired
	}
	thing, each := "further run", " of each side"
	if paired {
		thing, each = "further round", ""
	}
	if least > 0 {
		return "at least " + english.Count(least, thing) + each + " to be judged", true
	}
	return "about " + english.Count(most, thing) + each + " would decide", most > 0
}

// lost says how many runs the verdict does without; empty if none.
func (v comparison) lost() string {
	lost := v.opts.Lost
	for _, c := range v.Cases {
		lost += c.Base.Bad + c.Head.Bad
	}
	if lost == 0 {
		return ""
	}
	return "; " + english.Count(lost, "run") + " gave no figures"
}

// counts is the line under the title.
func (v comparison) counts() string {
	var parts []string
	for _, verdict := range compare.Verdicts() {
		n := 0
		for _, d := range v.gated {
			if d.Verdict == verdict {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	if n := len(v.Problems); n > 0 {
		parts = append(parts, english.Count(n, "problem"))
	}
	text := fmt.Sprintf("%s of %s judged", english.Count(len(v.gated), "metric"), english.Count(len(v.Cases), "case"))
	return english.Joined(": ", text, strings.Join(parts, ", ")) + ". A change within " + toleranceText(v.Tolerance) + " does not matter."
}

func (v comparison) sides() []Block {
	b, h := orNA(v.opts.Base.Name), orNA(v.opts.Head.Name)
	text := "Base is " + b + ", head is " + h + "; a change is that of head against base."
	if len(v.Cases) == 1 {
		text = "Measured: " + v.Cases[0].Name + ". " + text
	}
	blocks := []Block{Paragraph{Text: shorten(text)}}
	if len(v.gated) > 0 && !slices.ContainsFunc(v.gated, func(d changed) bool { return d.Paired }) {
		blocks = append(blocks, Paragraph{Text: "The sides were not measured in turn, in the same rounds: what else changed between the two " +
			"(heat, neighbours, clocks) looks like a change of the software. accelbench ab measures in turn." + v.sharing()})
	}
	return blocks
}

// sharing warns of figures that are no runs of their own.
func (v comparison) sharing() string {
	if slices.ContainsFunc(v.Cases, func(c compare.Case) bool { return len(c.Base.IDs)+len(c.Head.IDs) == 0 }) {
		return " Lines that one process printed, as go test -count does, are more alike than runs in processes of their own: intervals from them are too narrow."
	}
	return ""
}

func comparisonProblem(p compare.Problem) string {
	return english.Joined(": ", p.Case, p.Metric, strings.TrimSuffix(p.Text, "."))
}

func (v comparison) problems() []Block {
	if len(v.Problems) == 0 {
		return nil
	}
	var list List
	for _, p := range v.Problems[:min(len(v.Problems), openRows)] {
		list = append(list, shorten(comparisonProblem(p)+"."))
	}
	blocks := []Block{Heading("Not compared"), Paragraph{Text: "What could not be compared is no pass.", Strong: true}, list}
	if left := len(v.Problems) - len(list); left > 0 {
		blocks = append(blocks, Paragraph{Text: english.Count(left, "further problem") + " left out here; JSON and CSV have all."})
	}
	return blocks
}

// judged is the table of the metrics that decide, and why those that are undecided are.
func (v comparison) judged() []Block {
	if len(v.gated) == 0 {
		return nil
	}
	blocks := append([]Block{Heading("Verdicts")}, v.table(v.gated)...)
	var reasons List
	for _, d := range v.gated {
		if d.Reason == "" || d.Reason == changeCell(d.Delta) || len(reasons) == openRows {
			continue
		}
		name := d.Metric.Name
		if len(v.Cases) > 1 {
			name = d.name + ": " + name
		}
		reasons = append(reasons, shorten(english.Joined(": ", name, strings.TrimSuffix(d.Reason, ".")+".")))
	}
	if len(reasons) > 0 {
		blocks = append(blocks, reasons)
	}
	return blocks
}

func (v comparison) table(rows []changed) []Block {
	var fields []field[changed]
	if len(v.Cases) > 1 {
		fields = append(fields, field[changed]{"Case", Left, func(d changed) string { return shortName(d.name) }})
	}
	return folded(rows, append(fields, []field[changed]{
		{"Metric", Left, func(d changed) string { return d.Metric.Name + arrow(d.Metric.Better) }},
		{"Change", Right, func(d changed) string { return changeCell(d.Delta) }},
		{"Verdict", Left, func(d changed) string { return d.verdict() }},
		{"Base", Right, func(d changed) string { return figure(d.Base, d.Metric.Unit) }},
		{"Head", Right, func(d changed) string { return figure(d.Head, d.Metric.Unit) }},
		{"Runs", Right, func(d changed) string { return d.runs() }},
		{"Level", Right, func(d changed) string { return level(d.Confidence) }},
	}...))
}

// arrow shows which way a metric is better.
func arrow(d compare.Direction) string {
	switch d {
	case compare.Higher:
		return " ↑"
	case compare.Lower:
		return " ↓"
	}
	return ""
}
