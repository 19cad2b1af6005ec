package price

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// Why Find finds nothing. Its errors wrap one of these and name the flag that helps.
var (
	// ErrUnknownInstance is wrapped when the catalogue does not know the instance type.
	ErrUnknownInstance = errors.New("unknown instance type")
	// ErrNoPrice is wrapped when the type is known but has no price in that market or region.
	ErrNoPrice = errors.New("no price")
	// ErrAmbiguous is wrapped when several regions have a price and none was chosen.
	ErrAmbiguous = errors.New("ambiguous price")
)

const nearestShown = 5

// Query says which price is wanted. Texts match in upper and lower case alike.
type Query struct {
	// Provider may be empty: instance types name their provider well enough.
	Provider     string
	InstanceType string
	// Region may be empty when the type is priced in one region only.
	Region string
	// Market is MarketOnDemand when empty.
	Market Market
}

// Find returns the price that q asks for, or an error that wraps ErrUnknownInstance, ErrNoPrice or ErrAmbiguous.
// It never chooses a region by itself.
func (c *Catalogue) Find(q Query) (Price, error) {
	market := cmp.Or(q.Market, MarketOnDemand)
	known := c.Instance(q.InstanceType)
	if q.Provider != "" {
		known = keep(known, func(e Entry) bool { return strings.EqualFold(e.Provider, q.Provider) })
	}
	if len(known) == 0 {
		return Price{}, c.unknown(q)
	}
	inMarket := keep(known, func(e Entry) bool { return e.Market == market })
	found := inMarket
	if q.Region != "" {
		found = keep(found, func(e Entry) bool { return strings.EqualFold(e.Region, q.Region) })
		if len(found) == 0 {
			found = keep(inMarket, func(e Entry) bool { return e.Region == RegionAll })
		}
	}
	if !slices.ContainsFunc(found, priced) {
		return Price{}, noPrice(q, market, found, known)
	}
	if len(found) > 1 {
		return Price{}, fmt.Errorf("%w: the %s price of %s depends on the region (%s): choose with --region, or pass --price",
			ErrAmbiguous, market, q.InstanceType, places(found))
	}
	p, _ := found[0].Price()
	return p, nil
}

// noPrice tells a row without a price, where the provider publishes none, from no row, where none was found.
func noPrice(q Query, market Market, found, known []Entry) error {
	kind, where, hint := "known", "", ""
	if len(found) > 0 {
		kind = "public"
	}
	if q.Region != "" {
		where = " in " + q.Region
	}
	known = keep(known, priced)
	if here := keep(known, func(e Entry) bool { return e.Market == market }); len(here) > 0 {
		hint = ", or choose one that has a price with --region: " + places(here)
	} else if len(known) > 0 {
		var markets []string
		for _, e := range known {
			markets = append(markets, string(e.Market))
		}
		slices.Sort(markets)
		hint = ", or choose one that has a price with --market: " + strings.Join(slices.Compact(markets), ", ")
	}
	return fmt.Errorf("%w: no %s %s price of %s%s; pass --price%s", ErrNoPrice, kind, market, q.InstanceType, where, hint)
}

func (c *Catalogue) unknown(q Query) error {
	rows, of := c.rows, ""
	if q.Provider != "" {
		of = " of " + q.Provider
		rows = keep(rows, func(e Entry) bool { return strings.EqualFold(e.Provider, q.Provider) })
	}
	if len(rows) == 0 {
		return fmt.Errorf("%w: no prices%s are known; pass --price", ErrUnknownInstance, of)
	}
	return fmt.Errorf("%w: %q%s; nearest known: %s; choose with --instance-type, or pass --price",
		ErrUnknownInstance, q.InstanceType, of, strings.Join(nearest(rows, q.InstanceType), ", "))
}

// nearest are the names in rows with the least edit distance to the wanted one, nearest first; among equals those
// that share the longer beginning, since the family of an instance stands in front.
func nearest(rows []Entry, wanted string) []string {
	wanted = strings.ToLower(wanted)
	type candidate struct {
		name             string
		distance, prefix int
	}
	var all []candidate
	seen := map[string]bool{}
	for _, e := range rows {
		if seen[e.InstanceType] {
			continue
		}
		seen[e.InstanceType] = true
		name := strings.ToLower(e.InstanceType)
		all = append(all, candidate{e.InstanceType, smetrics.WagnerFischer(name, wanted, 1, 1, 1), common(name, wanted)})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(b.prefix, a.prefix), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, a := range all[:min(nearestShown, len(all))] {
		names = append(names, a.name)
	}
	return names
}

func priced(e Entry) bool { return e.USDPerHour != nil }

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// places names the regions of the entries, with the provider in front when there are several.
func places(entries []Entry) string {
	several := slices.ContainsFunc(entries, func(e Entry) bool { return e.Provider != entries[0].Provider })
	var out []string
	for _, e := range entries {
		place := e.Region
		if several {
			place = e.Provider + " " + place
		}
		out = append(out, place)
	}
	return strings.Join(out, ", ")
}

func keep(entries []Entry, wanted func(Entry) bool) []Entry {
	var out []Entry
	for _, e := range entries {
		if wanted(e) {
			out = append(out, e)
		}
	}
	return out
}
