package claim

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
	"github.com/accelbench/accelbench/internal/names"
	"github.com/accelbench/accelbench/workloads"
)

// ErrSyntax is wrapped by every error about a sentence that is no claim.
var ErrSyntax = errors.New("no claim")

// Form is what a claim looks like.
const Form = "LEFT >= 1.30 x RIGHT on METRIC for WORKLOAD [PRECISION][, scenario NAME][, rate N][, concurrency N] [in MARKET]"

// MaxLength is the length of the longest claim in bytes.
const MaxLength = 1000

// ParseError is a fault in a claim. Column counts bytes from 1.
type ParseError struct {
	Column int
	Text   string // what was expected and what was found
}

func (e *ParseError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Text) }

// Unwrap is [ErrSyntax].
func (e *ParseError) Unwrap() error { return ErrSyntax }

// Parse reads a claim: two sides, the relation of their figures, and what the figures are of.
//
//	trn2.48xlarge >= 1.30 x p5en.48xlarge on perf_per_dollar_hour for llama3.1-8b
//	device='NVIDIA B200',precision=fp8 > 2 x device='NVIDIA H100*',precision=fp8 on throughput for llama3.1-8b, isl 1024, osl 128
//	c8g.4xlarge <= 0.5 x c8i.4xlarge on latency.p99 for resnet50, scenario server, rate 32.5
//	c8g.4xlarge <= 0.75 x c8i.4xlarge on usd_per_million_units for resnet50 f32, scenario offline in on-demand
//
// A side is an instance type, or conditions joined by commas; * stands for any text, and apostrophes hold spaces. Without a factor it
// is 1. Errors are a [*ParseError].
func Parse(text string) (Claim, error) {
	if len(text) > MaxLength {
		return Claim{}, &ParseError{MaxLength, fmt.Sprintf("expected a claim of at most %d bytes", MaxLength)}
	}
	p := &parser{text: text}
	var c Claim
	for _, step := range []func(*Claim) error{p.left, p.relation, p.right, p.metric, p.workload, p.market} {
		if err := step(&c); err != nil {
			return Claim{}, err
		}
	}
	if w := p.next(isSpace); w.text != "" {
		return Claim{}, expected(w, "the end of the claim")
	}
	return c, nil
}

// parser walks over a text.
type parser struct {
	text string
	at   int
}

// word is a part of the text, with the column at which it begins.
type word struct {
	text   string
	column int
}

func expected(w word, what string) error {
	found := fmt.Sprintf("found %q", w.text)
	if w.text == "" {
		found = "found the end"
	}
	return &ParseError{w.column, "expected " + what + "; " + found}
}

func isSpace(c byte) bool        { return c == ' ' || c == '\t' || c == '\n' }
func isSpaceOrComma(c byte) bool { return isSpace(c) || c == ',' }

// next is the next word, which ends before what ends says, but not within apostrophes; a comma alone is a word where it ends others.
func (p *parser) next(ends func(byte) bool) word {
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
	start := p.at
	if p.at < len(p.text) && p.text[p.at] == ',' && ends(',') {
		p.at++
		return word{",", start + 1}
	}
	quoted := false
	for ; p.at < len(p.text) && (quoted || !ends(p.text[p.at])); p.at++ {
		if p.text[p.at] == '\'' {
			quoted = !quoted
		}
	}
	return word{p.text[start:p.at], start + 1}
}

// peek is the next word, which stays.
func (p *parser) peek(ends func(byte) bool) word {
	at := p.at
	defer func() { p.at = at }()
	return p.next(ends)
}

func (p *parser) left(c *Claim) (err error) {
	c.Left, err = p.side("an instance type, or conditions such as device='NVIDIA L4',precision=f16, on the left side")
	return err
}

// side reads conditions; after a comma there may be space.
func (p *parser) side(what string) (Selector, error) {
	var out Selector
	for {
		w := p.next(isSpaceOrComma)
		if w.text == "" || w.text == "," || slices.Contains(relations(), Relation(w.text)) {
			return nil, expected(w, what)
		}
		want, err := condition(w)
		if err != nil {
			return nil, err
		}
		if out.names(want.Dimension) {
			return nil, &ParseError{w.column, fmt.Sprintf("%s was given twice", want.Dimension)}
		}
		out = append(out, want)
		if p.peek(isSpaceOrComma).text != "," {
			return out, nil
		}
		p.next(isSpaceOrComma)
		what = "a condition after the comma"
	}
}

func condition(w word) (Want, error) {
	key, value, ok := strings.Cut(w.text, "=")
	column := w.column + len(key) + 1
	if !ok || strings.HasPrefix(w.text, "'") {
		key, value, column = string(rank.InstanceType), w.text, w.column
	}
	dimension := rank.Dimension(key)
	if known := dimensions(); !slices.Contains(known, dimension) {
		return Want{}, &ParseError{w.column, fmt.Sprintf("unknown condition %q: known are, nearest first, %s", key, strings.Join(names.Nearest(key, known), ", "))}
	}
	if inner, ok := strings.CutPrefix(value, "'"); ok {
		end, closed := strings.CutSuffix(inner, "'")
		if !closed || strings.Contains(end, "'") {
			return Want{}, &ParseError{column, "expected one text between apostrophes, found " + value}
		}
		value = end
	} else if strings.ContainsAny(value, `'"=<>`) {
		return Want{}, &ParseError{column, fmt.Sprintf("expected a value, in apostrophes if it has special characters, found %q", value)}
	}
	if strings.TrimSpace(value) != value || value == "" || strings.ContainsFunc(value, isControl) {
		return Want{}, &ParseError{column, fmt.Sprintf("expected a value of %s, found %q", key, value)}
	}
	return Want{dimension, value}, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f || r == '�' }

// dimensions are what a side may be chosen by: the workload is that of the claim.
func dimensions() []rank.Dimension {
	return slices.DeleteFunc(rank.Dimensions(), func(d rank.Dimension) bool { return d == rank.Workload })
}

func (p *parser) relation(c *Claim) error {
	w := p.next(isSpace)
	c.Relation = Relation(w.text)
	if !slices.Contains(relations(), c.Relation) {
		return expected(w, "a relation, >=, <=, > or <")
	}
	return nil
}

// right reads the factor, if there is one, and the other side. Only what a number and x stand before is a factor.
func (p *parser) right(c *Claim) (err error) {
	c.Factor = 1
	w := p.peek(isSpace)
	number, joined := strings.CutSuffix(w.text, "x")
	if x, err := strconv.ParseFloat(number, 64); err == nil {
		if !(x > 0) || math.IsInf(x, 0) {
			return expected(w, "a factor above 0")
		}
		c.Factor = x
		p.next(isSpace)
		if times := p.peek(isSpace).text; !joined && (times == "x" || times == "times") {
			p.next(isSpace)
		}
	}
	c.Right, err = p.side("a factor, such as 1.30 x, or the right side")
	return err
}

func (p *parser) metric(c *Claim) error {
	if w := p.next(isSpace); w.text != "on" {
		return expected(w, "on and a metric")
	}
	w := p.next(isSpace)
	c.Metric = rank.Metric(w.text)
	if known := rank.Metrics(); !slices.Contains(known, c.Metric) {
		return expected(w, "a metric, nearest first one of "+strings.Join(names.Nearest(w.text, known), ", "))
	}
	return nil
}

func (p *parser) workload(c *Claim) error {
	if p.peek(isSpace).text != "for" {
		return nil
	}
	p.next(isSpace)
	w := p.next(isSpaceOrComma)
	name, err := unquoted(w)
	if err != nil {
		return err
	}
	c.Workload = name
	if w := p.peek(isSpaceOrComma); w.text != "" && w.text != "," && w.text != "in" {
		p.next(isSpaceOrComma)
		if !slices.Contains(workloads.Precisions(), w.text) {
			return expected(w, "a precision, nearest first one of "+strings.Join(names.Nearest(w.text, workloads.Precisions()), ", "))
		}
		c.Precision = w.text
	}
	for p.peek(isSpaceOrComma).text == "," {
		p.next(isSpaceOrComma)
		if err := p.option(c); err != nil {
			return err
		}
	}
	return nil
}

func unquoted(w word) (string, error) {
	name := w.text
	if inner, ok := strings.CutPrefix(name, "'"); ok {
		name, ok = strings.CutSuffix(inner, "'")
		if !ok {
			return "", expected(w, "a workload between apostrophes")
		}
	}
	if name == "" || name == "," || strings.ContainsAny(name, `'"=`) || strings.ContainsFunc(name, isControl) {
		return "", expected(w, "a workload, such as resnet50")
	}
	return name, nil
}

// option reads what follows a comma: a scenario, or a number of the workload or of the load.
func (p *parser) option(c *Claim) error {
	key, value := p.next(isSpaceOrComma), p.next(isSpaceOrComma)
	if key.text == "scenario" {
		c.Scenario = bench.ScenarioName(value.text)
		if known := bench.Scenarios(); !slices.Contains(known, c.Scenario) {
			return expected(value, "a scenario, nearest first one of "+strings.Join(names.Nearest(value.text, known), ", "))
		}
		return nil
	}
	if key.text == "rate" {
		x, err := strconv.ParseFloat(value.text, 64)
		if err != nil || !(x > 0) || math.IsInf(x, 0) {
			return expected(value, "a number per second above 0 after rate")
		}
		c.Rate = x
		return nil
	}
	for _, o := range c.numbers() {
		if o.name == key.text {
			n, err := strconv.Atoi(value.text)
			if err != nil || n < 1 {
				return expected(value, "a whole number of 1 or more after "+key.text)
			}
			*o.n = n
			return nil
		}
	}
	return expected(key, "scenario, rate, concurrency, seq-len, isl, osl or batch")
}

func (p *parser) market(c *Claim) error {
	if p.peek(isSpace).text != "in" {
		return nil
	}
	p.next(isSpace)
	w := p.next(isSpace)
	market, err := price.ParseMarket(w.text)
	if err != nil {
		return expected(w, "a market, on-demand, spot, reserved, custom or owned")
	}
	c.Market = market
	return nil
}
