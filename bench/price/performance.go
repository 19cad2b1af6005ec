package price

import "math"

// Interval is a range of plausible values, Low <= High.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Quantity is a value with its interval; nil when that is unknown.
type Quantity struct {
	Value    float64   `json:"value"`
	Interval *Interval `json:"interval"`
}

// Performance is what the money buys at utilisation 1, every paid hour doing this work, with the unit and the price that
// it holds for. The intervals carry the uncertainty of the throughput alone: the price counts as exact.
type Performance struct {
	// Unit is what is counted: an image, a query, an output, input or total token.
	Unit  string `json:"unit"`
	Price Price  `json:"price"`
	// PerDollarHour is units/s per USD/h.
	PerDollarHour Quantity `json:"perf_per_dollar_hour"`
	// UnitsPerDollar is units/s * 3600 / (USD/h).
	UnitsPerDollar Quantity `json:"units_per_dollar"`
	// USDPerMillionUnits is USD/h * 1e6 / (units/s * 3600). Its interval is nil when that of the throughput
	// reaches 0, since the cost then has no upper bound.
	USDPerMillionUnits Quantity `json:"usd_per_million_units"`
}

// Of is the price-performance of a throughput in units/s. It is nil when the throughput or the price is unknown, 0,
// negative or so extreme that a figure would not be finite and above 0. An interval that is not finite or is upside
// down counts as unknown.
func Of(throughput *Quantity, unit string, p Price) *Performance {
	if throughput == nil || !positive(throughput.Value) || !positive(p.AmountUSDPerHour) {
		return nil
	}
	perHour := func(x float64) float64 { return x / p.AmountUSDPerHour }
	perDollar := func(x float64) float64 { return x * 3600 / p.AmountUSDPerHour }
	perMillion := func(x float64) float64 { return p.AmountUSDPerHour / (x * 3600) * 1e6 }
	v, in := throughput.Value, sound(throughput.Interval)
	out := &Performance{
		Unit: unit, Price: p,
		PerDollarHour:      Quantity{perHour(v), rising(in, perHour)},
		UnitsPerDollar:     Quantity{perDollar(v), rising(in, perDollar)},
		USDPerMillionUnits: Quantity{perMillion(v), falling(in, perMillion)},
	}
	for _, q := range []Quantity{out.PerDollarHour, out.UnitsPerDollar, out.USDPerMillionUnits} {
		if !positive(q.Value) {
			return nil
		}
	}
	return out
}

func rising(in *Interval, f func(float64) float64) *Interval {
	if in == nil {
		return nil
	}
	return sound(&Interval{f(in.Low), f(in.High)})
}

func falling(in *Interval, f func(float64) float64) *Interval {
	if in == nil || in.Low <= 0 {
		return nil
	}
	return sound(&Interval{f(in.High), f(in.Low)})
}

// sound is the interval itself, or nil unless both its ends are finite and in order.
func sound(in *Interval) *Interval {
	if in == nil {
		return nil
	}
	if width := in.High - in.Low; math.IsNaN(width) || math.IsInf(width, 0) || width < 0 {
		return nil
	}
	return in
}
