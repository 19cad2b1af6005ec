package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/claim"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/internal/english"
)

// ClaimsSchema names the form of judged claims in JSON.
const ClaimsSchema = "accelbench.claims/v1"

// ClaimsData are judged claims in JSON.
type ClaimsData struct {
	Schema   string        `json:"schema"`
	Files    []string      `json:"files,omitempty"`
	Claims   []JudgedClaim `json:"claims"`
	Warnings []string      `json:"warnings"`
}

// JudgedClaim is a claim with who made it, where that is known, and what became of it.
type JudgedClaim struct {
	claim.Statement
	claim.Judgement
}

// Claim draws what became of one claim. Of the options of a report, the files and the warnings are shown.
func Claim(j claim.Judgement, opts Options) Document {
	d := claims([]JudgedClaim{{Judgement: j}}, opts)
	d.Title = sentence(string(j.Verdict)) + ": " + j.Text
	d.Blocks = append([]Block{Paragraph{Text: verdictWords(j), Strong: true}}, d.Blocks...)
	return d
}

// Claims draws what became of several, as a table.
func Claims(judged []JudgedClaim, opts Options) Document {
	d := claims(judged, opts)
	d.Title = "accelbench claims"
	d.Blocks = append([]Block{Paragraph{Text: tally(judged), Strong: true}, tableOf(judged, []field[JudgedClaim]{
		{"Claim", Left, func(j JudgedClaim) string { return j.ID }},
		{"Verdict", Left, func(j JudgedClaim) string { return string(j.Verdict) }},
		{"Ratio", Right, func(j JudgedClaim) string { return ratioWords(j.Judgement) }},
		{"In words", Left, func(j JudgedClaim) string { return j.Text }},
		{"Who, when", Left, func(j JudgedClaim) string { return orNA(english.Joined(", ", j.Who, j.When)) }},
		{"Why undecided", Left, func(j JudgedClaim) string {
			if j.Reason == "" {
				return none
			}
			return shorten(j.Reason)
		}},
	})}, d.Blocks...)
	return d
}

func claims(judged []JudgedClaim, opts Options) Document {
	d := Document{
		Sheet: claimSheet(judged), Checks: claimChecks(judged),
		Data: ClaimsData{Schema: ClaimsSchema, Files: opts.Files, Claims: append([]JudgedClaim{}, judged...), Warnings: append([]string{}, opts.Warnings...)},
	}
	for _, j := range judged {
		if blocks := sidesOf(j.Judgement); len(blocks) > 0 {
			d.Blocks = append(d.Blocks, Heading(english.Joined(": ", j.ID, j.Contest.String())))
			d.Blocks = append(d.Blocks, blocks...)
		}
	}
	if notes := append(claimDoubts(judged), opts.Warnings...); len(notes) > 0 {
		d.Blocks = append(d.Blocks, Heading("Warnings"), List(notes))
	}
	d.Blocks = append(d.Blocks, Heading("How a claim is judged"), claimRules())
	return d
}

func tally(judged []JudgedClaim) string {
	n := map[claim.Verdict]int{}
	for _, j := range judged {
		n[j.Verdict]++
	}
	return fmt.Sprintf("%s: %d supported, %d refuted, %d undecided.", english.Count(len(judged), "claim"), n[claim.Supported], n[claim.Refuted], n[claim.Undecided])
}

// ratioWords are the ratio with its interval.
func ratioWords(j claim.Judgement) string {
	if j.Ratio == nil {
		return NA
	}
	text := digits(*j.Ratio, 3)
	if j.Interval != nil {
		text += " (" + english.Joined("; ", digits(j.Interval.Low, 3)+" to "+digits(j.Interval.High, 3), choiceWords(j.Confidence, j.Left.Of, j.Right.Of)) + ")"
	}
	return text
}

// verdictWords are the verdict with what it rests on.
func verdictWords(j claim.Judgement) string {
	if j.Ratio == nil {
		return "Undecided: " + shorten(j.Reason) + "."
	}
	text := fmt.Sprintf("%s: the ratio is %s, and the claim is that it is %s %s", sentence(string(j.Verdict)), ratioWords(j), j.Claim.Relation, amount(j.Claim.Factor))
	if j.Reason != "" {
		text += "; " + j.Reason
	}
	return shorten(text) + "."
}

// sidesOf shows what a claim was judged by: the best of both sides, their prices, and the price at which it turns.
func sidesOf(j claim.Judgement) []Block {
	if j.Left == nil || j.Right == nil {
		return nil
	}
	unit := j.Contest.Unit
	fields := []field[claim.Side]{
		{"Side", Left, func(s claim.Side) string { return s.Selector }},
		{"Machine", Left, func(s claim.Side) string { return shortName(s.Name) }},
	}
	if j.Claim.Metric != rank.Throughput {
		fields = append(fields, field[claim.Side]{sentence(metricName(j.Claim.Metric, unit)), Right, func(s claim.Side) string {
			return maybe(s.Value, func(x float64) string { return metricValue(j.Claim.Metric, x) })
		}})
	}
	blocks := []Block{tableOf([]claim.Side{*j.Left, *j.Right}, append(fields, []field[claim.Side]{
		{"Throughput", Right, func(s claim.Side) string { return row{Summary: s.Summary}.throughput() }},
		{"USD/h", Right, func(s claim.Side) string {
			if s.Summary.Performance == nil {
				return "no price"
			}
			return amount(s.Summary.Performance.Price.AmountUSDPerHour)
		}},
		{"With", Left, func(s claim.Side) string { return s.Configuration }},
		{"Precision", Left, func(s claim.Side) string { return s.Summary.First.Workload.Precision }},
		{"Runs", Right, func(s claim.Side) string { return sampleWords(s.Sample) }},
		{"Best of", Right, func(s claim.Side) string { return english.Count(s.Of, "configuration") }},
		{"Check", Left, func(s claim.Side) string { return s.Summary.First.Checks.Kind }},
	}...))}
	if text := turnWords(j); text != "" {
		blocks = append(blocks, Paragraph{Text: text})
	}
	var prices List
	for _, s := range []*claim.Side{j.Left, j.Right} {
		if p := s.Summary.Performance; p != nil {
			prices = append(prices, priceText(p.Price))
		}
	}
	if len(prices) > 0 {
		blocks = append(blocks, prices)
	}
	return blocks
}

// turnWords say at which price the claim turns.
func turnWords(j claim.Judgement) string {
	t := j.Turn
	if t == nil {
		return ""
	}
	holds, supported, refuted := "up to", "below", "above"
	if !t.Below {
		holds, supported, refuted = "from", "above", "below"
	}
	what := t.Of
	if t.Part {
		what = "what ran of " + t.Of
	}
	text := fmt.Sprintf("As a matter of price, the claim holds %s %s USD/h for %s, with everything else as it is", holds, number(t.USDPerHour), what)
	if in := t.Interval; in != nil {
		first, last := number(in.Low), number(in.High)
		if !t.Below {
			first, last = last, first
		}
		text += fmt.Sprintf(": it would be supported %s %s, and refuted %s %s", supported, first, refuted, last)
	}
	if p := j.Left.Summary.Price; p != nil && !t.Part {
		text += "; the price is " + amount(p.AmountUSDPerHour) + " now"
	}
	return text + "."
}

// oneSession is what has to be said of runs that were made in one go.
const oneSession = "all runs are of one session, so that the interval knows nothing of other days and of other machines of the type"

func claimDoubts(judged []JudgedClaim) []string {
	var out []string
	for _, j := range judged {
		for _, s := range []*claim.Side{j.Left, j.Right} {
			if s == nil {
				continue
			}
			warnings := slices.Clone(s.Summary.Warnings)
			if s.Sample.Sessions == 1 {
				warnings = append(warnings, oneSession)
			}
			for _, w := range warnings {
				if text := shorten(s.Name + ": " + w); !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
		}
	}
	return out
}

func claimChecks(judged []JudgedClaim) []Check {
	outcomes := map[claim.Verdict]Outcome{claim.Supported: Passed, claim.Refuted: Failed, claim.Undecided: Open}
	var out []Check
	for _, j := range judged {
		out = append(out, Check{Suite: "claims", Name: english.Joined(": ", j.ID, j.Text), Outcome: outcomes[j.Verdict], Text: verdictWords(j.Judgement)})
	}
	return out
}

func claimRules() List {
	return List{
		"Supported: the interval of the ratio, left over right, lies wholly on the claim's side of its factor. Refuted: it lies wholly on the other. " +
			"Undecided: neither, or something is missing.",
		"The interval is that at 95 %, or at the level that stands with it, over runs (over sessions, where there are enough): Student's t on logarithms after Welch, by ranks for percentiles from six " +
			"runs a side, and from more where the level is high. Every claim is judged by itself: of many true ones, one in forty is refuted by chance at most.",
		"Only valid runs of deployed engines whose output was checked count. Both sides have the same workload, precision (unless a side names its own), " +
			"lengths and scenario, and prices of one market. Of several configurations of a side, the best on the metric stands for it. " + chosen,
		"Prices count as exact, at utilisation 1. What holds for one workload and size of machine need not hold for others.",
	}
}

func claimSheet(judged []JudgedClaim) Sheet {
	side := func(of func(JudgedClaim) *claim.Side, get func(claim.Side) any) func(JudgedClaim) any {
		return func(j JudgedClaim) any {
			if s := of(j); s != nil {
				return get(*s)
			}
			return nil
		}
	}
	keys := []key[JudgedClaim]{
		{"id", func(j JudgedClaim) any { return orNil(j.ID) }},
		{"claim", func(j JudgedClaim) any { return j.Text }},
		{"who", func(j JudgedClaim) any { return orNil(j.Who) }},
		{"when", func(j JudgedClaim) any { return orNil(j.When) }},
		{"verdict", func(j JudgedClaim) any { return string(j.Verdict) }},
		{"reason", func(j JudgedClaim) any { return orNil(j.Reason) }},
		{"ratio", func(j JudgedClaim) any { return value(j.Ratio) }},
		{"ratio_low", func(j JudgedClaim) any { return end(j.Interval, low) }},
		{"ratio_high", func(j JudgedClaim) any { return end(j.Interval, high) }},
		{"confidence", func(j JudgedClaim) any {
			if j.Interval == nil {
				return nil
			}
			return j.Confidence
		}},
		{"needs_runs", func(j JudgedClaim) any { return value(j.Further) }},
		{"turn_usd_per_hour", func(j JudgedClaim) any {
			if j.Turn == nil {
				return nil
			}
			return j.Turn.USDPerHour
		}},
	}
	for _, of := range []struct {
		name string
		side func(JudgedClaim) *claim.Side
	}{{"left", func(j JudgedClaim) *claim.Side { return j.Left }}, {"right", func(j JudgedClaim) *claim.Side { return j.Right }}} {
		paid := func(get func(price.Price) any) func(claim.Side) any {
			return func(s claim.Side) any {
				if s.Summary.Performance == nil {
					return nil
				}
				return get(s.Summary.Performance.Price)
			}
		}
		keys = append(keys,
			key[JudgedClaim]{of.name, side(of.side, func(s claim.Side) any { return s.Name })},
			key[JudgedClaim]{of.name + "_value", side(of.side, func(s claim.Side) any { return value(s.Value) })},
			key[JudgedClaim]{of.name + "_throughput_per_s", side(of.side, func(s claim.Side) any {
				return estimated(func(e bench.Estimate) any { return e.Value })(row{Summary: s.Summary})
			})},
			key[JudgedClaim]{of.name + "_configuration", side(of.side, func(s claim.Side) any { return s.Configuration })},
			key[JudgedClaim]{of.name + "_best_of", side(of.side, func(s claim.Side) any { return s.Of })},
			key[JudgedClaim]{of.name + "_runs", side(of.side, func(s claim.Side) any { return s.Sample.Runs })},
			key[JudgedClaim]{of.name + "_usd_per_hour", side(of.side, paid(func(p price.Price) any { return p.AmountUSDPerHour }))},
			key[JudgedClaim]{of.name + "_market", side(of.side, paid(func(p price.Price) any { return string(p.Market) }))},
			key[JudgedClaim]{of.name + "_price_date", side(of.side, paid(func(p price.Price) any { return orNil(p.Date) }))},
			key[JudgedClaim]{of.name + "_price_source", side(of.side, paid(func(p price.Price) any { return strings.TrimSpace(p.Source) }))})
	}
	return sheetOf(judged, keys)
}
