// Package price holds what renting an instance costs and what a measured throughput is worth for that money.
//
// The flow: Read checks a dated catalogue, Catalogue.Find takes one Price from it (or Custom makes one from a
// number that the user gives), Charged decides how much of that price the devices that ran must bear, and Of
// turns a throughput and the Price into a Performance.
//
// The rule of this room: no amount is ever made up. What is unknown stays nil or becomes an error that says
// which flag supplies it, and every amount travels with its market, region, date and source.
package price

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Currency is the only currency of this package.
const Currency = "USD"

// StaleAfter is the age beyond which a price is to be shown with a warning: list prices were seen to fall by
// a third and more within months.
const StaleAfter = 90 * 24 * time.Hour

// ErrBadValue is wrapped by every error about a value that the user gave.
var ErrBadValue = errors.New("bad value")

// Market is the kind of contract that a price belongs to.
type Market string

// The markets. MarketCustom is an amount given by hand; MarketOwned is the hourly cost of one's own hardware.
const (
	MarketOnDemand Market = "on-demand"
	MarketSpot     Market = "spot"
	MarketReserved Market = "reserved"
	MarketCustom   Market = "custom"
	MarketOwned    Market = "owned"
)

// ParseMarket reads the name of a market as the --market flag and the catalogue spell it.
func ParseMarket(s string) (Market, error) {
	switch m := Market(s); m {
	case MarketOnDemand, MarketSpot, MarketReserved, MarketCustom, MarketOwned:
		return m, nil
	}
	return "", fmt.Errorf("%w: unknown market %q: use on-demand, spot, reserved, custom or owned", ErrBadValue, s)
}

// Price is an hourly price with its provenance. It is stored in every priced result line, so that a reader needs
// no catalogue. An empty text is unknown.
type Price struct {
	// AmountUSDPerHour is what one hour of the whole instance costs, before tax and discounts: finite, above 0.
	AmountUSDPerHour float64 `json:"usd_per_hour"`
	Currency         string  `json:"currency"`
	Market           Market  `json:"market"`
	Provider         string  `json:"provider,omitempty"`
	InstanceType     string  `json:"instance_type,omitempty"`
	// Region is RegionAll where the provider has one price for all regions.
	Region string `json:"region,omitempty"`
	// Date is YYYY-MM-DD, or a text with the word "undated". Only a custom price may have none.
	Date   string `json:"date,omitempty"`
	Source string `json:"source"`
	Note   string `json:"note,omitempty"`
	// Doubtful says that the source or the way the figure came about is weak; Note begins with the reason.
	Doubtful bool `json:"doubtful"`
	// AcceleratorCount is how many accelerators the price covers; nil when not known as a whole number.
	AcceleratorCount *int `json:"accelerator_count"`
}

// Custom is the price given with --price: USD per hour of the whole instance, finite and above 0.
// It has no date; the caller may set that of the run.
func Custom(amount float64) (Price, error) {
	if !positive(amount) {
		return Price{}, fmt.Errorf("%w: price %v: --price takes USD per hour, finite and above 0", ErrBadValue, amount)
	}
	return Price{AmountUSDPerHour: amount, Currency: Currency, Market: MarketCustom, Source: "--price"}, nil
}

// Age is the number of whole days since the price was read from its source, in UTC; negative for a date ahead of
// now. It is unknown, and ok false, for an undated price.
func (p Price) Age(now time.Time) (days int, ok bool) {
	date, err := time.Parse(time.DateOnly, p.Date)
	if err != nil {
		return 0, false
	}
	return int(math.Floor(now.Sub(date).Hours() / 24)), true
}

// Caveats lists what has to be said wherever the price is shown: doubt, age beyond StaleAfter, a date ahead of
// now, or no date at all. It is empty for a sound price.
func (p Price) Caveats(now time.Time) []string {
	var out []string
	if p.Doubtful {
		out = append(out, "doubtful price: "+p.Note)
	}
	days, dated := p.Age(now)
	switch {
	case !dated && p.Market == MarketCustom:
	case !dated:
		out = append(out, "undated price: its age is unknown")
	case time.Duration(days)*24*time.Hour > StaleAfter:
		out = append(out, fmt.Sprintf("old price: of %s, %d days ago", p.Date, days))
	case days < 0:
		out = append(out, fmt.Sprintf("price dated %s, which is ahead of the clock", p.Date))
	}
	return out
}

// String names the amount with its market, instance, region, date and source, and says so when it is doubtful.
func (p Price) String() string {
	s := strconv.FormatFloat(p.AmountUSDPerHour, 'f', -1, 64) + " " + p.Currency + "/h " + string(p.Market)
	for _, part := range []string{p.Provider, p.InstanceType, p.Region} {
		if part != "" {
			s += " " + part
		}
	}
	s += " (" + p.Source
	if p.Date != "" {
		s += ", " + p.Date
	}
	if p.Doubtful {
		s += "; doubtful: " + p.Note
	}
	return s + ")"
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 0) }
