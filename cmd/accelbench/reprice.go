package main

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/internal/names"
)

// repriceFlags are the price flags of commands that price saved results, which may be of several machines: those of a machine, and
// amounts by instance type.
func repriceFlags() []cli.Flag {
	flags := priceFlags()
	flags[0] = &cli.StringSliceFlag{Name: "price", Usage: "USD per hour of the whole instance, or TYPE=USD for the machines of that instance type, repeatable; " +
		"wins over the catalogue", DefaultText: "as in the results"}
	return flags
}

// readRepricing reads them.
func readRepricing(c *cli.Context) (pricing, error) {
	p, err := readContract(c)
	if err != nil {
		return p, err
	}
	p.byType = map[string]float64{}
	for _, text := range c.StringSlice("price") {
		name, number, typed := strings.Cut(text, "=")
		if !typed {
			name, number = "", text
		}
		amount, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(amount > 0) || math.IsInf(amount, 0) {
			return p, usagef("--price %s: expected USD per hour above 0, such as 4.5 or p5.48xlarge=55.04", text)
		}
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice := p.byType[name]
		switch {
		case typed && name == "":
			return p, usagef("--price %s: expected an instance type in front of =, such as p5.48xlarge=55.04", text)
		case typed && twice, !typed && p.amount != nil:
			return p, usagef("--price %s: that price was given already; for several machines write TYPE=USD", text)
		case typed:
			p.byType[name] = amount
		default:
			p.amount = &amount
		}
	}
	return p, nil
}

// summarize are the options that put the user's price, if there is one, in place of the stored ones.
func (p pricing) summarize(results []bench.Result, now time.Time) (bench.SummarizeOptions, error) {
	options := bench.SummarizeOptions{Charge: p.charge, Now: now}
	if !p.chooses() {
		return options, nil
	}
	if err := p.known(results); err != nil {
		return options, err
	}
	for _, r := range results {
		if _, _, err := p.find(r.Cloud, now); err != nil {
			return options, err
		}
	}
	options.Price = func(r bench.Result) (price.Price, error) {
		if p.given(r.Cloud) == nil && (p.query == price.Query{} || p.storedIn != "" && r.Price != nil && r.Price.Market == p.storedIn) {
			return stored(r) // the amounts given are of other types
		}
		return p.of(r, now)
	}
	return options, nil
}

// of is the price that the user's words give a result; the error says why there is none.
func (p pricing) of(r bench.Result, now time.Time) (price.Price, error) {
	found, none, err := p.find(r.Cloud, now)
	if err == nil && found == nil {
		err = errors.New(none)
	}
	if err != nil {
		return price.Price{}, err
	}
	return *found, nil
}

// stored is the price that a result came with.
func stored(r bench.Result) (price.Price, error) {
	if r.Price != nil {
		return *r.Price, nil
	}
	if r.Unpriced != "" {
		return price.Price{}, errors.New(r.Unpriced)
	}
	return price.Price{}, errors.New("pass its --price TYPE=USD, or --market for that of the catalogue")
}

// known holds the types that were given a price to those of the results: a mistyped one would change nothing and be missed.
func (p pricing) known(results []bench.Result) error {
	var types []string
	for _, r := range results {
		if t := r.Cloud.InstanceType; t != nil && !slices.Contains(types, *t) {
			types = append(types, *t)
		}
	}
	for name := range p.byType {
		if slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, name) }) {
			continue
		}
		if len(types) == 0 {
			return usagef("--price %s=...: the results name no instance type", name)
		}
		return usagef("--price %s=...: no result is of that instance type; there are, nearest first, %s", name, strings.Join(names.Nearest(name, types), ", "))
	}
	return nil
}
