package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/compare"
	"github.com/accelbench/accelbench/bench/history"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/internal/english"
)

// TrendSchema names the form of a trend in JSON.
const TrendSchema = "accelbench.trend/v1"

// TrendOptions are what a trend was made of, apart from its series.
type TrendOptions struct {
	Entries   int // that were read
	Tolerance float64
	Gaps      []history.Gap
	Warnings  []string
}

// TrendData is a trend in JSON.
type TrendData struct {
	Schema     string           `json:"schema"`
	Entries    int              `json:"entries"`
	Tolerance  float64          `json:"tolerance"`
	Confidence float64          `json:"confidence"` // of the interval that the newest point is expected in
	Series     []history.Series `json:"series"`
	Gaps       []history.Gap    `json:"gaps"`
	Warnings   []string         `json:"warnings"`
}

// trendRow is a series with its name, which no other has.
type trendRow struct {
	history.Series
	name string
}

func (r trendRow) newest() history.Point { return r.Points[len(r.Points)-1] }

// title names the series and its metric.
func (r trendRow) title() string { return r.name + ", " + r.Metric.Name }

// Trend shows how metrics went over the entries of a history: the verdict on the newest point of each series, and its changes.
func Trend(series []history.Series, opts TrendOptions) Document {
	rows := trendRows(series)
	d := Document{
		Title: "Trend",
		Sheet: trendSheet(rows),
		Data: TrendData{TrendSchema, opts.Entries, opts.Tolerance, history.Confidence, append([]history.Series{}, series...),
			append([]history.Gap{}, opts.Gaps...), append([]string{}, opts.Warnings...)},
	}
	d.Blocks = append(d.Blocks, Paragraph{Text: trendHeadline(rows, opts), Strong: true})
	if len(rows) > 0 {
		d.Blocks = append(d.Blocks, tableOf(rows, []field[trendRow]{
			{"What", Left, func(r trendRow) string { return r.name }},
			{"Metric", Left, func(r trendRow) string { return r.Metric.Name }},
			{"Points", Right, func(r trendRow) string { return strconv.Itoa(len(r.Points)) }},
			{"Course", Left, func(r trendRow) string { return sparkline(r.Points) }},
			{"Newest", Right, func(r trendRow) string { return figure(r.newest().Value, r.Metric.Unit) }},
			{"Measured", Left, func(r trendRow) string { return r.newest().Entry.Measured.UTC().Format(time.DateOnly) }},
			{"Expected", Right, func(r trendRow) string {
				return maybe(r.Expected, func(e history.Expectation) string { return figureRange(e.Low, e.High, r.Metric.Unit) })
			}},
			{"Newest is", Left, standing},
			{"Changes", Right, changeCount},
		}))
	}
	d.Blocks = append(d.Blocks, outOfPlace(rows)...)
	d.Blocks = append(d.Blocks, changeBlocks(rows)...)
	d.Blocks = append(d.Blocks, gapBlocks(opts.Gaps)...)
	if len(rows) == 0 {
		return d
	}
	d.Blocks = append(d.Blocks, List{
		"A trend compares runs of different days: it is information, and fails nothing. accelbench ab decides whether a commit is slower.",
		fmt.Sprintf("Expected is where %s of newest points lie if nothing has changed, from the points since the last change without those of bad entries; "+
			"%d are needed. Worse and better are those outside that are also more than %s from the mean: with many series some will be, by chance.",
			level(history.Confidence), history.ExpectationNeeds, toleranceText(opts.Tolerance)),
		fmt.Sprintf("Changes are looked for from %d points on (E-divisive, then Student's t at p <= 0.001 and a change of at least %s). Slow drift shows as steps.",
			stat.ChangesNeed, toleranceText(opts.Tolerance)),
		"Course: the last points, the middle of the height being their mean; the height is at least 5 % to either side, so that small noise looks small.",
	})
	for _, r := range rows {
		d.Blocks = append(d.Blocks, pointsOf(r))
	}
	return d
}

// trendRows name series; those that are called alike get what tells them apart.
func trendRows(series []history.Series) []trendRow {
	rows := make([]trendRow, len(series))
	for i, s := range series {
		rows[i] = trendRow{s, s.Name}
		var apart []string
		for _, f := range s.Identity {
			differs := slices.ContainsFunc(series, func(o history.Series) bool {
				return o.Name == s.Name && o.Metric.Name == s.Metric.Name && valueOf(o.Identity, f.Name) != f.Value
			})
			if differs {
				apart = append(apart, f.Name+" "+orNA(f.Value))
			}
		}
		if len(apart) > 0 {
			rows[i].name += " (" + strings.Join(apart, ", ") + ")"
		}
	}
	return rows
}

func valueOf(fields []compare.Field, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func trendHeadline(rows []trendRow, opts TrendOptions) string {
	if len(rows) == 0 {
		return fmt.Sprintf("There is nothing to show: %s, none with figures of what was asked for.", english.Count(opts.Entries, "entry"))
	}
	standings, changes, worse := map[history.Standing]int{}, 0, 0
	for _, r := range rows {
		standings[r.Newest]++
		changes += len(r.Changes)
		for _, c := range r.Changes {
			if c.Verdict == compare.Regressed {
				worse++
			}
		}
	}
	var words []string
	for _, s := range []history.Standing{history.Worse, history.Better, history.AsExpected, history.Undecided} {
		if n := standings[s]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, standingWords(s)))
		}
	}
	return fmt.Sprintf("Newest points of %s over %s: %s. %s.", english.Count(len(rows), "series"), english.Count(opts.Entries, "entry"),
		strings.Join(words, ", "), foundChanges(changes, worse))
}

// foundChanges counts them, and those for the worse: after one the newest point is as expected of the new level, which alone would sound well.
func foundChanges(n, worse int) string {
	text := fmt.Sprintf("%d changes of level were found", n)
	switch n {
	case 0:
		return "No change of level was found"
	case 1:
		text = "1 change of level was found"
	}
	if worse == 0 {
		return text
	}
	return fmt.Sprintf("%s, %d for the worse", text, worse)
}

func standingWords(s history.Standing) string {
	if s == history.Worse || s == history.Better {
		return string(s) + " than expected"
	}
	return string(s)
}

func standing(r trendRow) string { return english.Joined(": ", standingWords(r.Newest), r.Reason) }

func changeCount(r trendRow) string {
	if !r.Searched {
		return fmt.Sprintf("needs %d points", stat.ChangesNeed)
	}
	return strconv.Itoa(len(r.Changes))
}

// outOfPlace are the newest points that are not as expected.
func outOfPlace(rows []trendRow) []Block {
	var list List
	for _, r := range rows {
		if r.Newest != history.Worse && r.Newest != history.Better {
			continue
		}
		p := r.newest()
		list = append(list, fmt.Sprintf("%s: %s in entry %s is %s: %s from %s, whose mean is %s. %s", r.title(), figure(p.Value, r.Metric.Unit), p.Entry.ID,
			standingWords(r.Newest), figureRange(r.Expected.Low, r.Expected.High, r.Metric.Unit), english.Count(r.Expected.Points, "point"),
			figure(r.Expected.Value, r.Metric.Unit), causesText(r.Causes)))
	}
	if len(list) == 0 {
		return nil
	}
	return []Block{Heading("Newest points out of place"), list}
}

func changeBlocks(rows []trendRow) []Block {
	var list List
	for _, r := range rows {
		for _, c := range r.Changes {
			before, after := r.Points[c.Point-1].Entry, r.Points[c.Point].Entry
			list = append(list, fmt.Sprintf("%s: %s, %s to %s (%+.1f %%), since entry %s of %s%s. %s", r.title(), c.Verdict, figure(c.Before, r.Metric.Unit),
				figure(c.After, r.Metric.Unit), 100*(c.Ratio-1), after.ID, after.Measured.UTC().Format(time.DateOnly), commits(before, after), causesText(c.Causes)))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []Block{Heading("Changes"), list}
}

// commits is where to look for a change.
func commits(before, after history.Entry) string {
	if before.Commit == "" || after.Commit == "" || before.Commit == after.Commit {
		return ""
	}
	return ", between commits " + bench.ShortCommit(before.Commit) + " and " + bench.ShortCommit(after.Commit)
}

func causesText(causes []compare.Difference) string {
	if len(causes) == 0 {
		return "Nothing that was recorded differs from the entry before."
	}
	words := make([]string, len(causes))
	for i, c := range causes {
		words[i] = fmt.Sprintf("%s %s → %s", c.Field, orNA(c.Base), orNA(c.Head))
	}
	return "What differs from the entry before: " + strings.Join(words, "; ") + "."
}

func gapBlocks(gaps []history.Gap) []Block {
	var list List
	for _, g := range gaps {
		list = append(list, fmt.Sprintf("%s: %d of %s: %s", g.Name, g.Bad, english.Count(g.Runs, "run"), strings.Join(g.Reasons, "; ")))
	}
	if len(list) == 0 {
		return nil
	}
	return []Block{Heading("Runs of the newest entry without figures"), list}
}

// mostPoints are shown of a series; the CSV and JSON forms have all.
const mostPoints = 30

// pointsOf is the table of the points of a series, the newest first.
func pointsOf(r trendRow) Details {
	at := map[int]history.Change{}
	for _, c := range r.Changes {
		at[c.Point] = c
	}
	var points []int
	for i := len(r.Points) - 1; i >= 0 && len(points) < mostPoints; i-- {
		points = append(points, i)
	}
	summary := r.title() + ", " + english.Count(len(r.Points), "point")
	if len(points) < len(r.Points) {
		summary += fmt.Sprintf(", the newest %d", len(points))
	}
	return Details{Summary: summary, Blocks: []Block{tableOf(points, []field[int]{
		{"Entry", Left, func(i int) string { return r.Points[i].Entry.ID }},
		{"Commit", Left, func(i int) string { return orNA(bench.ShortCommit(r.Points[i].Entry.Commit)) }},
		{"Branch", Left, func(i int) string { return orNA(r.Points[i].Entry.Branch) }},
		{"Verdict", Left, func(i int) string { return string(r.Points[i].Entry.Verdict) }},
		{"Runs", Right, func(i int) string { return strconv.Itoa(r.Points[i].Runs) }},
		{r.Metric.Name, Right, func(i int) string { return figure(r.Points[i].Value, r.Metric.Unit) }},
		{"Change", Left, func(i int) string {
			if c, ok := at[i]; ok {
				return fmt.Sprintf("%s %+.1f %%", c.Verdict, 100*(c.Ratio-1))
			}
			return none
		}},
	})}}
}

// trendPoint is a point with its series.
type trendPoint struct {
	trendRow
	history.Point
	change *history.Change
}

func trendSheet(rows []trendRow) Sheet {
	var points []trendPoint
	for _, r := range rows {
		for i, p := range r.Points {
			point := trendPoint{r, p, nil}
			if at := slices.IndexFunc(r.Changes, func(c history.Change) bool { return c.Point == i }); at >= 0 {
				point.change = &r.Changes[at]
			}
			points = append(points, point)
		}
	}
	return sheetOf(points, []key[trendPoint]{
		{"series", func(p trendPoint) any { return p.name }},
		{"metric", func(p trendPoint) any { return p.Metric.Name }},
		{"unit", func(p trendPoint) any { return p.Metric.Unit }},
		{"better", func(p trendPoint) any { return string(p.Metric.Better) }},
		{"entry", func(p trendPoint) any { return p.Entry.ID }},
		{"measured", func(p trendPoint) any { return p.Entry.Measured }},
		{"commit", func(p trendPoint) any { return p.Entry.Commit }},
		{"branch", func(p trendPoint) any { return p.Entry.Branch }},
		{"tag", func(p trendPoint) any { return p.Entry.Tag }},
		{"verdict", func(p trendPoint) any { return string(p.Entry.Verdict) }},
		{"runs", func(p trendPoint) any { return p.Runs }},
		{"value", func(p trendPoint) any { return p.Value }},
		{"change_ratio", func(p trendPoint) any {
			if p.change == nil {
				return nil
			}
			return p.change.Ratio
		}},
	})
}

// figureRange writes two figures, with the unit once where it is the same.
func figureRange(low, high float64, unit string) string {
	from, to := figure(low, unit), figure(high, unit)
	number, its, _ := strings.Cut(from, " ")
	if _, other, _ := strings.Cut(to, " "); its == other {
		from = number
	}
	return from + " to " + to
}

// The most points of a sparkline, and the least share of the mean that its height stands for on either side.
const (
	sparkPoints = 40
	sparkShare  = 0.05
)

// sparkline draws the last points with characters, the middle of the height being their geometric mean.
func sparkline(points []history.Point) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	points = points[max(0, len(points)-sparkPoints):]
	mean := 0.0
	for _, p := range points {
		mean += math.Log(p.Value) / float64(len(points))
	}
	reach := math.Log1p(sparkShare)
	for _, p := range points {
		reach = max(reach, math.Abs(math.Log(p.Value)-mean))
	}
	var b strings.Builder
	for _, p := range points {
		height := (math.Log(p.Value) - mean + reach) / (2 * reach) // 0 to 1
		b.WriteRune(bars[min(int(height*float64(len(bars))), len(bars)-1)])
	}
	return b.String()
}
