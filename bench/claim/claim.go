package claim

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
)

// Relation is what a claim says of the ratio of its sides and its factor.
type Relation string

// The relations.
const (
	AtLeast  Relation = ">="
	AtMost   Relation = "<="
	MoreThan Relation = ">"
	LessThan Relation = "<"
)

func relations() []Relation { return []Relation{AtLeast, AtMost, MoreThan, LessThan} }

// holds tells whether x stands in the relation to y.
func (r Relation) holds(x, y float64) bool {
	switch r {
	case AtLeast:
		return x >= y
	case AtMost:
		return x <= y
	case MoreThan:
		return x > y
	}
	return x < y
}

// upwards tells whether large ratios fulfil the relation.
func (r Relation) upwards() bool { return r == AtLeast || r == MoreThan }

// Claim is a sentence: Left stands in Relation to Factor times Right, on Metric. What a claim leaves open is empty or 0.
type Claim struct {
	Left      Selector
	Relation  Relation
	Factor    float64 // above 0
	Right     Selector
	Metric    rank.Metric
	Workload  string
	Precision string
	Scenario  bench.ScenarioName
	SeqLen    int
	ISL       int
	OSL       int
	Batch     int
	// Rate is that of arrivals per second, Concurrency the number in flight: of a sweep one load.
	Rate        float64
	Concurrency int
	// Market is the kind of contract that both sides are priced under.
	Market price.Market
}

// Selector says which results are a side: those in which all its dimensions have the values, of which * stands for any text.
type Selector []Want

// Want is one condition of a selector.
type Want struct {
	Dimension rank.Dimension
	Value     string
}

// matches compares without regard to case.
func (w Want) matches(s bench.Summary) bool {
	ok, err := path.Match(escapeGlob(strings.ToLower(w.Value)), strings.ReplaceAll(strings.ToLower(w.Dimension.Of(s)), "/", "|"))
	return err == nil && ok
}

// escapeGlob leaves * as the only special character, and lets it match the slash as well.
func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "?", `\?`, "/", "|").Replace(s)
}

func (s Selector) matches(row bench.Summary) bool {
	return !slices.ContainsFunc(s, func(w Want) bool { return !w.matches(row) })
}

// names tells whether the selector says something of the dimension.
func (s Selector) names(d rank.Dimension) bool {
	return slices.ContainsFunc(s, func(w Want) bool { return w.Dimension == d })
}

// String is the selector as claims have it.
func (s Selector) String() string {
	if len(s) == 1 && s[0].Dimension == rank.InstanceType {
		return quote(s[0].Value)
	}
	var out []string
	for _, w := range s {
		out = append(out, string(w.Dimension)+"="+quote(w.Value))
	}
	return strings.Join(out, ",")
}

// quote puts a value between apostrophes where it has characters with a meaning, or would be taken for a factor.
func quote(s string) string {
	_, err := strconv.ParseFloat(strings.TrimSuffix(s, "x"), 64)
	if err == nil || strings.ContainsAny(s, " \t\n,='\"<>") {
		return "'" + s + "'"
	}
	return s
}

// String is the claim as [Parse] reads it.
func (c Claim) String() string {
	words := []string{c.Left.String(), string(c.Relation)}
	if c.Factor != 1 {
		words = append(words, strconv.FormatFloat(c.Factor, 'f', -1, 64), "x")
	}
	words = append(words, c.Right.String(), "on", string(c.Metric))
	if c.Workload != "" {
		words = append(words, "for", quote(c.Workload))
		if c.Precision != "" {
			words = append(words, c.Precision)
		}
	}
	text := strings.Join(words, " ")
	if c.Scenario != "" {
		text += ", scenario " + string(c.Scenario)
	}
	for _, o := range c.numbers() {
		if *o.n != 0 {
			text += ", " + o.name + " " + strconv.Itoa(*o.n)
		}
	}
	if c.Rate != 0 {
		text += ", rate " + strconv.FormatFloat(c.Rate, 'f', -1, 64)
	}
	if c.Market != "" {
		text += " in " + string(c.Market)
	}
	return text
}

type numberOption struct {
	name string
	n    *int
}

// numbers are the options of the workload that are numbers, in the order in which they are written.
func (c *Claim) numbers() []numberOption {
	return []numberOption{{"seq-len", &c.SeqLen}, {"isl", &c.ISL}, {"osl", &c.OSL}, {"batch", &c.Batch}, {"concurrency", &c.Concurrency}}
}

// allows tells whether a row is of what the claim speaks of, whichever the side.
func (c Claim) allows(s bench.Summary) bool {
	r := s.First
	w := r.Workload
	for _, o := range []struct{ asked, is int }{{c.SeqLen, number(w.SeqLen)}, {c.ISL, number(w.ISL)}, {c.OSL, number(w.OSL)}, {c.Batch, w.Batch},
		{c.Concurrency, number(r.Scenario.Concurrency)}} {
		if o.asked != 0 && o.asked != o.is {
			return false
		}
	}
	if a := r.Scenario.Arrival; c.Rate != 0 && (a == nil || a.RatePerSecond != c.Rate) {
		return false
	}
	return (c.Workload == "" || w.Name == c.Workload) && (c.Precision == "" || w.Precision == c.Precision) && (c.Scenario == "" || r.Scenario.Name == c.Scenario)
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
