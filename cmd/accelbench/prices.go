package main

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/internal/names"
	"github.com/accelbench/accelbench/reports"
)

func pricesCommand(s streams) *cli.Command {
	where := []cli.Flag{
		formatFlag("text"),
		&cli.StringFlag{Name: "provider", Usage: "only this provider"},
		&cli.StringFlag{Name: "region", Usage: "only this region"},
		&cli.StringFlag{Name: "market", Usage: "only this market: on-demand, spot, reserved"},
	}
	return &cli.Command{
		Name:  "prices",
		Usage: "show the embedded catalogue of instance prices, each with market, date and source",
		Subcommands: []*cli.Command{{
			Name:  "list",
			Usage: "list instance types and their prices",
			Flags: where,
			Action: func(c *cli.Context) error {
				if err := noArguments(c); err != nil {
					return err
				}
				return showPrices(c, s, "")
			},
		}, {
			Name:      "show",
			Usage:     "show all prices of one instance type",
			ArgsUsage: "TYPE",
			Flags:     where,
			Action: func(c *cli.Context) error {
				switch c.NArg() {
				case 0:
					return usagef("which instance type? accelbench prices show TYPE, for example p5.48xlarge")
				case 1:
					return showPrices(c, s, c.Args().First())
				}
				return usagef("unexpected argument %q: prices show takes one instance type, and flags before it", c.Args().Get(1))
			},
		}},
	}
}

func showPrices(c *cli.Context, s streams, instance string) error {
	draws, err := format(c)
	if err != nil {
		return err
	}
	if market := c.String("market"); market != "" {
		if _, err := price.ParseMarket(market); err != nil {
			return usageError{err}
		}
	}
	prices, err := price.Embedded()
	if err != nil {
		return err
	}
	rows := prices.Rows()
	if err := knownWords(c, rows); err != nil {
		return err
	}
	if instance != "" {
		rows = prices.Instance(instance)
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(e price.Entry) bool {
		return !matches(c, "provider", e.Provider) || !matches(c, "region", e.Region) && e.Region != price.RegionAll ||
			!matches(c, "market", string(e.Market))
	})
	switch {
	case len(rows) > 0 && instance != "":
		return draw(s, draws, reports.Price(instance, rows, time.Now()))
	case len(rows) > 0:
		return draw(s, draws, reports.Prices(rows, time.Now()))
	}
	if instance == "" {
		return usagef("no price matches all of --provider, --region and --market: leave one out to see what there is")
	}
	if known := prices.Instance(instance); len(known) > 0 {
		return usagef("no price of %s matches: leave out --provider, --region or --market to see what there is", instance)
	}
	_, err = prices.Find(price.Query{Provider: c.String("provider"), InstanceType: instance})
	return usageError{err}
}

// knownWords refuses a provider or a region that no price has.
func knownWords(c *cli.Context, rows []price.Entry) error {
	for flag, word := range map[string]func(price.Entry) string{
		"provider": func(e price.Entry) string { return e.Provider },
		"region":   func(e price.Entry) string { return e.Region },
	} {
		var known []string
		for _, e := range rows {
			if w := word(e); w != price.RegionAll && !slices.Contains(known, w) {
				known = append(known, w)
			}
		}
		if wish := c.String(flag); wish != "" && !slices.Contains(known, strings.ToLower(wish)) {
			return usagef("unknown --%s %q: known are, nearest first, %s", flag, wish, strings.Join(names.Nearest(wish, known), ", "))
		}
	}
	return nil
}

// matches tells whether a value is the wanted one; no wish matches everything.
func matches(c *cli.Context, flag, value string) bool {
	wish := c.String(flag)
	return wish == "" || strings.EqualFold(wish, value)
}
