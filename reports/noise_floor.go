package reports

import (
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/bench/ab"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/internal/english"
)

// NoiseFloorSchema names the form of a noise floor in JSON.
const NoiseFloorSchema = "accelbench.noise_floor/v1"

// NoiseFloorData is a noise floor in JSON. Shares are of 1; null is unknown.
type NoiseFloorData struct {
	Schema  string             `json:"schema"`
	Command string             `json:"command,omitempty"`
	Power   float64            `json:"power"`
	Metrics []NoiseMetric      `json:"metrics"`
	Same    compare.Comparison `json:"comparison_with_itself"`
}

// NoiseMetric is the floor of one metric.
type NoiseMetric struct {
	Case    string         `json:"case"`
	Metric  compare.Metric `json:"metric"`
	Rounds  int            `json:"rounds"`
	Within  *float64       `json:"within_rounds_sd"`
	Between *float64       `json:"between_rounds_sd"`
	Gain    *float64       `json:"runs_saved_by_pairing"`
	Visible []NoiseVisible `json:"smallest_slowdowns"`
}

// NoiseVisible is the smallest slowdown that is found with so many rounds; null where none is, and Needs says how many it takes.
type NoiseVisible struct {
	Rounds int      `json:"rounds"`
	Change *float64 `json:"change"`
	Needs  int      `json:"needs_rounds"`
}

// NoiseFloor draws how finely this machine can compare: floors, and the comparison of a thing with itself that they come from.
func NoiseFloor(floors []ab.Floor, same compare.Comparison, command string) Document {
	n := noiseFloor{floors, same}
	d := Document{Title: n.title(), Data: n.data(command), Sheet: n.sheet(), Checks: n.checks()}
	d.Blocks = append(d.Blocks, Paragraph{Text: n.alarm(), Strong: same.Verdict == compare.Regressed})
	var problems List
	for _, p := range same.Problems {
		problems = append(problems, english.Joined(": ", p.Case, p.Metric, p.Text))
	}
	if len(problems) > 0 {
		d.Blocks = append(d.Blocks, Heading("Not measured"), problems)
	}
	if len(floors) > 0 {
		d.Blocks = append(d.Blocks, Heading("Noise"), n.noise(), Heading("The smallest slowdown that is found"), n.visible())
	}
	if len(same.Notes) > 0 {
		d.Blocks = append(d.Blocks, Heading("Remarks"), List(same.Notes))
	}
	if len(floors) > 0 {
		d.Blocks = append(d.Blocks, n.method())
	}
	if command != "" {
		d.Blocks = append(d.Blocks, Heading("How to reproduce"), Code{"sh", command})
	}
	return d
}

type noiseFloor struct {
	floors []ab.Floor
	same   compare.Comparison
}

// at is the floor with that number of rounds; nil if there is none.
func at(f ab.Floor, rounds int) *ab.Visible {
	for i := range f.Visible {
		if f.Visible[i].Rounds == rounds {
			return &f.Visible[i]
		}
	}
	return nil
}

func (n noiseFloor) title() string {
	for _, f := range n.floors {
		for _, v := range f.Visible {
			if v.Rounds >= f.Rounds && v.Change != nil {
				return fmt.Sprintf("Noise floor: %d rounds find a slowdown of %s in %s", v.Rounds, percent(*v.Change), f.Metric.Name)
			}
		}
	}
	return "Noise floor: not known, too few rounds have figures"
}

// alarm says what the comparison of a thing with itself gave.
func (n noiseFloor) alarm() string {
	const same = "The same on both sides was judged "
	level := toleranceText(1 - n.same.Confidence)
	switch {
	case len(n.floors) == 0:
		return "Nothing could be compared."
	case n.same.Verdict == compare.Regressed:
		return same + "regressed: a false alarm. By chance that happens in at most " + level + " of such tests. If it comes again with another --seed, " +
			"something on this machine treats the two runs of a round differently, and no comparison made here can be trusted."
	case n.same.Verdict == compare.Improved:
		return same + "improved: a false alarm of the harmless kind, which chance gives in at most " + level + " of such tests. If it comes again with another " +
			"--seed, something on this machine treats the two runs of a round differently."
	case n.same.Verdict == compare.Undecided:
		return same + "undecided, which is no false alarm: the noise is too large to say within so few rounds that nothing changed."
	}
	return same + "unchanged, as it should be."
}

func (n noiseFloor) named(f ab.Floor) string {
	if len(n.same.Cases) > 1 {
		return f.Case + ": " + f.Metric.Name
	}
	return f.Metric.Name
}

// delta is what the comparison says of the metric of a floor.
func (n noiseFloor) delta(f ab.Floor) compare.Delta {
	for _, c := range n.same.Cases {
		for _, d := range c.Deltas {
			if c.Name == f.Case && d.Metric.Name == f.Metric.Name {
				return d
			}
		}
	}
	return compare.Delta{}
}

func (n noiseFloor) noise() Table {
	return tableOf(n.floors, []field[ab.Floor]{
		{"Metric", Left, n.named},
		{"Rounds", Right, func(f ab.Floor) string { return fmt.Sprint(f.Rounds) }},
		{"Within rounds", Right, func(f ab.Floor) string { return maybe(f.Within, percent) }},
		{"Between rounds", Right, func(f ab.Floor) string { return maybe(f.Between, percent) }},
		{"Pairing saves", Right, func(f ab.Floor) string {
			return maybe(f.Gain, func(x float64) string { return digits(x, 2) + " x the runs" })
		}},
		{"Change", Right, func(f ab.Floor) string { d := n.delta(f); return changeText(d.Ratio, d.Interval) }},
		{"Verdict", Left, func(f ab.Floor) string { return orNA(string(n.delta(f).Verdict)) }},
	})
}

func (n noiseFloor) visible() Table {
	fields := []field[ab.Floor]{{"Metric", Left, n.named}}
	for _, v := range n.floors[0].Visible {
		fields = append(fields, field[ab.Floor]{fmt.Sprintf("%d rounds", v.Rounds), Right, func(f ab.Floor) string {
			switch seen := at(f, v.Rounds); {
			case seen == nil:
				return NA
			case seen.Change == nil:
				return fmt.Sprintf("needs %d", seen.Needs)
			default:
				return percent(*seen.Change)
			}
		}})
	}
	return tableOf(n.floors, fields)
}

func (n noiseFloor) method() Details {
	return Details{Summary: "How to read this", Blocks: []Block{List{
		"Both sides were the same; each round ran both, in an order by chance, each run in a fresh process. Whatever differs is noise.",
		"Within rounds is the standard deviation of runs that were made next to each other, between rounds what comes on top of it from round to round: " +
			"drift, heat, neighbours. Both are estimates from few rounds: from ten they are good to about a quarter.",
		"Pairs of the same round leave out what lies between rounds. Pairing saves says how many times as many runs it takes to see the same without them.",
		fmt.Sprintf("The smallest slowdown is the true one that is called a regression in %s of comparisons with so many rounds if the noise is as it was here, %s gated, a tolerance of %s and %s "+
			"confidence. Smaller ones are called undecided, or unchanged; what lies within the tolerance is never looked for. Needs n: with fewer rounds no change is found, however large.",
			toleranceText(ab.Power), english.Count(len(n.floors), "metric"), toleranceText(n.same.Tolerance), toleranceText(n.same.Confidence)),
		"It holds for this workload, on this machine, as busy as it was.",
	}}}
}

func (n noiseFloor) data(command string) NoiseFloorData {
	d := NoiseFloorData{Schema: NoiseFloorSchema, Command: command, Power: ab.Power, Metrics: []NoiseMetric{}, Same: n.same}
	for _, f := range n.floors {
		m := NoiseMetric{Case: f.Case, Metric: f.Metric, Rounds: f.Rounds, Within: f.Within, Between: f.Between, Gain: f.Gain, Visible: []NoiseVisible{}}
		for _, v := range f.Visible {
			m.Visible = append(m.Visible, NoiseVisible(v))
		}
		d.Metrics = append(d.Metrics, m)
	}
	return d
}

// sheet has a row for each metric and number of rounds.
func (n noiseFloor) sheet() Sheet {
	type line struct {
		ab.Floor
		ab.Visible
	}
	var lines []line
	for _, f := range n.floors {
		for _, v := range f.Visible {
			lines = append(lines, line{f, v})
		}
	}
	return sheetOf(lines, []key[line]{
		{"case", func(l line) any { return l.Case }},
		{"metric", func(l line) any { return l.Metric.Name }},
		{"measured_rounds", func(l line) any { return l.Floor.Rounds }},
		{"within_rounds_sd", func(l line) any { return value(l.Within) }},
		{"between_rounds_sd", func(l line) any { return value(l.Between) }},
		{"runs_saved_by_pairing", func(l line) any { return value(l.Gain) }},
		{"rounds", func(l line) any { return l.Visible.Rounds }},
		{"smallest_slowdown", func(l line) any { return value(l.Change) }},
		{"needs_rounds", func(l line) any { return l.Needs }},
	})
}

// checks are one for each metric: the same on both sides must not regress.
func (n noiseFloor) checks() []Check {
	out := []Check{}
	for _, f := range n.floors {
		d := n.delta(f)
		c := Check{Suite: f.Case, Name: f.Metric.Name, Outcome: Passed, Text: strings.TrimSpace(string(d.Verdict) + " " + changeText(d.Ratio, d.Interval))}
		switch d.Verdict {
		case compare.Regressed, compare.Improved:
			c.Outcome = Failed
		case compare.Undecided:
			c.Outcome = Open
		}
		out = append(out, c)
	}
	return out
}
