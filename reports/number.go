package reports

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// digits writes a number with n significant digits and without an exponent; what is not finite is unknown, 0 is 0.
func digits(x float64, n int) string {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return NA
	case x == 0:
		return "0"
	}
	// Rounding first tells how many digits stand before the point: 999.6 has four.
	scientific := strconv.FormatFloat(x, 'e', n-1, 64)
	_, power, _ := strings.Cut(scientific, "e")
	exponent, _ := strconv.Atoi(power) // strconv wrote it
	if exponent < -12 || exponent > 15 {
		return scientific
	}
	rounded, _ := strconv.ParseFloat(scientific, 64) // likewise
	return strconv.FormatFloat(rounded, 'f', max(0, n-1-exponent), 64)
}

// number writes three significant digits below 1000 and four above.
func number(x float64) string {
	if math.Abs(x) >= 1000 {
		return digits(x, 4)
	}
	return digits(x, 3)
}

// amount writes a sum of money as it was given, to six significant digits.
func amount(x float64) string {
	text := digits(x, 6)
	if strings.Contains(text, ".") && !strings.Contains(text, "e") {
		return strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// plusMinus writes a value with a half-width to the same decimals; a half-width too small for them gets one digit of its own.
func plusMinus(value, half float64) string {
	text := number(value)
	if text == NA || math.IsNaN(half) || math.IsInf(half, 0) {
		return text
	}
	_, fraction, _ := strings.Cut(text, ".")
	width := strconv.FormatFloat(half, 'f', len(fraction), 64)
	if rounded, _ := strconv.ParseFloat(width, 64); rounded == 0 {
		width = digits(half, 1)
	}
	return text + " ± " + width
}

// sci writes an error or a tolerance with two digits: 3.1e-6, 0.31.
func sci(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return NA
	}
	if x == 0 {
		return "0"
	}
	if math.Abs(x) >= 0.01 && math.Abs(x) < 1000 {
		return strings.TrimSuffix(digits(x, 2), ".0")
	}
	mantissa, power, _ := strings.Cut(strconv.FormatFloat(x, 'e', 1, 64), "e")
	exponent, _ := strconv.Atoi(power) // strconv wrote it
	return strings.TrimSuffix(mantissa, ".0") + "e" + strconv.Itoa(exponent)
}

// scaled writes a number with the largest of the units that leaves at least 1 before the point; step is between them.
func scaled(x, step float64, units []string) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return NA
	}
	i := 0
	for i < len(units)-1 && math.Abs(round3(x)) >= step {
		x /= step
		i++
	}
	return number(x) + " " + units[i]
}

// round3 is x as it prints, so that 999.6 is seen to become 1000.
func round3(x float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 2, 64), 64) // strconv wrote it
	return r
}

// nanoseconds writes a duration given in nanoseconds: 456 µs, 12.3 ms.
func nanoseconds(ns float64) string {
	if ns == 0 {
		return "0 s"
	}
	return scaled(ns, 1000, []string{"ns", "µs", "ms", "s"})
}

// nanosecondRange writes a duration with a range in the same unit: 12.3 (12.1 to 12.6) ms.
func nanosecondRange(middle, low, high float64) string {
	text := nanoseconds(middle)
	value, unit, ok := strings.Cut(text, " ")
	by := map[string]float64{"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}[unit]
	if !ok || by == 0 {
		return text
	}
	return value + " (" + number(low/by) + " to " + number(high/by) + ") " + unit
}

// span writes a duration for people who wait: 45 s, 3 min 5 s.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d >= time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h " + strconv.Itoa(int(d.Minutes())%60) + " min"
	case d >= time.Minute:
		return strconv.Itoa(int(d.Minutes())) + " min " + strconv.Itoa(int(d.Seconds())%60) + " s"
	}
	return strconv.Itoa(int(d.Seconds())) + " s"
}

// binary writes an amount of memory: 3.82 GiB.
func binary(bytes float64) string {
	return scaled(bytes, 1024, []string{"B", "KiB", "MiB", "GiB", "TiB"})
}

// decimal writes a quantity with SI prefixes: 8.18 GFLOP, 25.6 M.
func decimal(x float64, unit string) string {
	return strings.TrimSpace(scaled(x, 1000, []string{unit, "k" + unit, "M" + unit, "G" + unit, "T" + unit, "P" + unit}))
}

// percent writes a share of 1.
func percent(share float64) string {
	if text := digits(100*share, 2); text != NA && math.Abs(share) < 1 {
		return text + " %"
	}
	if text := digits(100*share, 3); text != NA {
		return text + " %"
	}
	return NA
}

// maybe applies a way of writing to a value that may be unknown.
func maybe[T any](p *T, write func(T) string) string {
	if p == nil {
		return NA
	}
	return write(*p)
}

// anyNumber is any count or measure.
type anyNumber interface {
	~int | ~int64 | ~uint64 | ~float64
}

// asFloat makes a way of writing floats one of writing other numbers.
func asFloat[T anyNumber](write func(float64) string) func(T) string {
	return func(x T) string { return write(float64(x)) }
}

func orNA(s string) string {
	if s == "" {
		return NA
	}
	return s
}
