package main

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/devices/host"
)

// priceFlags say what the machine costs.
func priceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Float64Flag{Name: "price", Usage: "USD per hour of the whole instance; wins over the catalogue", DefaultText: "as in the catalogue"},
		&cli.StringFlag{Name: "instance-type", Usage: "instance type to look up in the catalogue (default: as detected)"},
		&cli.StringFlag{Name: "provider", Usage: "provider of the instance (default: as detected)"},
		&cli.StringFlag{Name: "region", Usage: "region of the price (default: as detected)"},
		&cli.StringFlag{Name: "market", Usage: "market of the price: on-demand, spot, reserved, custom, owned (default: on-demand)"},
		&cli.StringFlag{Name: "charge", Usage: "when fewer devices ran than the instance has: charge the whole instance, or the share used: instance, used"},
	}
}

// pricing is what the user says about the price.
type pricing struct {
	amount *float64
	byType map[string]float64 // in place of amount, for instance types in lower case
	query  price.Query
	charge price.Charge
	// storedIn is the market in which a stored price is as good as that of the catalogue; empty for none.
	storedIn price.Market
}

// chooses tells whether anything was said that chooses a price.
func (p pricing) chooses() bool {
	return p.amount != nil || len(p.byType) > 0 || p.query != price.Query{}
}

// orFile adds what a plan file says and the flags do not.
func (p pricing) orFile(f bench.Pricing) pricing {
	if p.amount == nil && p.query.InstanceType == "" {
		p.amount = f.USDPerHour
	}
	p.query.Provider = cmp.Or(p.query.Provider, f.Provider)
	p.query.InstanceType = cmp.Or(p.query.InstanceType, f.InstanceType)
	p.query.Region = cmp.Or(p.query.Region, f.Region)
	p.query.Market = cmp.Or(p.query.Market, f.Market)
	p.charge = cmp.Or(p.charge, f.Charge)
	return p
}

func readPricing(c *cli.Context) (pricing, error) {
	p, err := readContract(c)
	if c.IsSet("price") {
		amount := c.Float64("price")
		p.amount = &amount
	}
	return p, err
}

// readContract is what the flags say but for the amount.
func readContract(c *cli.Context) (pricing, error) {
	p := pricing{query: price.Query{Provider: c.String("provider"), InstanceType: c.String("instance-type"), Region: c.String("region")}}
	var err error
	if name := c.String("market"); name != "" {
		if p.query.Market, err = price.ParseMarket(name); err != nil {
			return p, usageError{err}
		}
	}
	if name := c.String("charge"); name != "" {
		if p.charge, err = price.ParseCharge(name); err != nil {
			return p, usageError{err}
		}
	}
	return p, nil
}

// flags are the words about the instance that win over detection.
func (p pricing) flags() host.Flags {
	return host.Flags{Provider: p.query.Provider, InstanceType: p.query.InstanceType, Region: p.query.Region, Market: string(p.query.Market)}
}

// find is the price of the machine, or the reason why there is none. A mistake in what the user gave is an error.
func (p pricing) find(cloud host.Cloud, now time.Time) (*price.Price, string, error) {
	if amount := p.given(cloud); amount != nil {
		return p.custom(*amount, cloud, now)
	}
	q := p.query
	if q.InstanceType == "" && cloud.InstanceType != nil {
		q.InstanceType = *cloud.InstanceType
		fill(&q.Provider, cloud.Provider)
		fill(&q.Region, cloud.Region)
	}
	if q.InstanceType == "" {
		return nil, "this machine is no known cloud instance", nil
	}
	prices, err := price.Embedded()
	if err != nil {
		return nil, "", err
	}
	found, err := prices.Find(q)
	switch {
	case err == nil:
		return &found, "", nil
	case p.query.InstanceType != "" && !errors.Is(err, price.ErrNoPrice):
		return nil, "", usageError{err}
	}
	return nil, strings.TrimPrefix(err.Error(), price.ErrNoPrice.Error()+": "), nil
}

// given is the amount that the user gave for the machine; nil if there is none.
func (p pricing) given(cloud host.Cloud) *float64 {
	if cloud.InstanceType != nil {
		if amount, ok := p.byType[strings.ToLower(*cloud.InstanceType)]; ok {
			return &amount
		}
	}
	return p.amount
}

func (p pricing) custom(amount float64, cloud host.Cloud, now time.Time) (*price.Price, string, error) {
	own, err := price.Custom(amount)
	if err != nil {
		return nil, "", usageError{err}
	}
	if p.query.Market != "" {
		own.Market = p.query.Market
	}
	own.Provider, own.InstanceType, own.Region = p.query.Provider, p.query.InstanceType, p.query.Region
	fill(&own.InstanceType, cloud.InstanceType)
	own.Date = now.UTC().Format(time.DateOnly)
	// What the catalogue knows of the type holds for another price as well: a part of the accelerators bears a part of it.
	prices, err := price.Embedded()
	if err != nil {
		return nil, "", err
	}
	for _, e := range prices.Instance(own.InstanceType) {
		if e.AcceleratorCount != nil {
			own.AcceleratorCount = e.AcceleratorCount
		}
	}
	return &own, "", nil
}

func fill(dst *string, from *string) {
	if *dst == "" && from != nil {
		*dst = *from
	}
}
