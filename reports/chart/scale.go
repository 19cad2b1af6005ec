package chart

import (
	"math"
	"strconv"
	"strings"
)

// Axis names a quantity with its unit. Values in [Nanoseconds] get ticks in the unit that suits them.
type Axis struct{ Name, Unit string }

// Nanoseconds is the unit of durations.
const Nanoseconds = "ns"

// The sizes of values that can be drawn; what is beyond counts as unknown.
const (
	greatest = 1e100
	least    = 1e-100
)

// drawable tells whether a value has a place on an axis.
func drawable(x float64) bool {
	size := math.Abs(x)
	return x == 0 || size >= least && size <= greatest
}

// scale maps values to places between from and to. Its ticks stand in order, the first not above the data and the last not below.
type scale struct {
	ticks    []float64
	from, to float64
	log      bool
}

// logFrom is the greatest over the least value from which an axis is logarithmic.
const logFrom = 20

// newScale has room for all values: logarithmic where they are far apart, else from 0.
func newScale(values []float64, from, to float64) scale {
	low, high := extremes(values)
	if low > 0 && high/low >= logFrom {
		return scale{logTicks(low, high), from, to, true}
	}
	return scale{linearTicks(min(low, 0), max(high, 0)), from, to, false}
}

// zeroScale starts at 0 however far apart the values are, as lengths of bars must.
func zeroScale(values []float64, from, to float64) scale {
	low, high := extremes(values)
	return scale{linearTicks(min(low, 0), max(high, 0)), from, to, false}
}

// nearScale has its values and no more, for differences that are small beside them.
func nearScale(values []float64, from, to float64) scale {
	low, high := extremes(values)
	return scale{linearTicks(low, high), from, to, false}
}

func extremes(values []float64) (low, high float64) {
	found := false
	for _, x := range values {
		if !drawable(x) {
			continue
		}
		if !found {
			low, high, found = x, x, true
		}
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

// at is the place of a value.
func (s scale) at(x float64) float64 {
	low, high := s.ticks[0], s.ticks[len(s.ticks)-1]
	if s.log {
		if !(x > 0) {
			return s.from
		}
		x, low, high = math.Log10(x), math.Log10(low), math.Log10(high)
	}
	share := min(max((x-low)/(high-low), 0), 1)
	return s.from + float64(share*(s.to-s.from)) // the conversion keeps machines from rounding once where others round twice
}

// linearTicks are multiples of 1, 2 or 5 times a power of ten around an interval, about six of them.
func linearTicks(low, high float64) []float64 {
	const about = 5
	if !(high-low > 1e-6*max(math.Abs(low), math.Abs(high))) { // one value, or what prints as one
		half := math.Abs(high) / 20
		low, high = low-half, high+half
		if half == 0 {
			high = 1
		}
	}
	raw := (high - low) / about
	power := int(math.Floor(math.Log10(raw)))
	factor := 10
	for _, f := range []int{1, 2, 5} {
		if float64(f)*math.Pow10(power) >= raw*0.999 {
			factor = f
			break
		}
	}
	step := func(k int) float64 { return exact(k*factor, power) }
	first := int(math.Floor(low / step(1)))
	for step(first) > low { // dividing rounds
		first--
	}
	for step(first+1) <= low {
		first++
	}
	ticks := []float64{step(first)}
	for k := first + 1; ticks[len(ticks)-1] < high; k++ {
		ticks = append(ticks, step(k))
	}
	return ticks
}

// exact is the number nearest to n times a power of ten, without what multiplying would add.
func exact(n, power int) float64 {
	x, _ := strconv.ParseFloat(strconv.Itoa(n)+"e"+strconv.Itoa(power), 64) // always a number within the range
	return x
}

// logTicks are powers of ten around an interval of numbers above 0, with 2 and 5 times these where there is room.
func logTicks(low, high float64) []float64 {
	const room = 9
	first, last := int(math.Floor(math.Log10(low)))-1, int(math.Ceil(math.Log10(high)))+1
	factors, stride := []int{1, 2, 5}, 1
	if high/low > 300 {
		factors, stride = []int{1}, max(1, (last-first-2+room-1)/room)
	}
	var all []float64
	for power := first; power <= last+stride; power += stride {
		for _, f := range factors {
			all = append(all, exact(f, power))
		}
	}
	from, to := 0, len(all)-1
	for from+1 < len(all) && all[from+1] <= low {
		from++
	}
	for to > 0 && all[to-1] >= high {
		to--
	}
	return all[from : to+1]
}

// tickTexts write the ticks of an axis: on a linear one all with the same prefix.
func (s scale) tickTexts(unit string) []string {
	out := make([]string, len(s.ticks))
	_, high := extremes([]float64{math.Abs(s.ticks[0]), math.Abs(s.ticks[len(s.ticks)-1])})
	for i, x := range s.ticks {
		size := high
		if s.log {
			size = math.Abs(x)
		}
		out[i] = tickText(x, size, unit)
	}
	return out
}

// prefix is a power of ten with its name.
type prefix struct {
	by   float64
	name string
}

// tickText writes a number in the prefix that suits a size.
func tickText(x, size float64, unit string) string {
	steps := []prefix{{1, ""}, {1e3, " k"}, {1e6, " M"}, {1e9, " G"}, {1e12, " T"}}
	if unit == Nanoseconds {
		steps = []prefix{{1, " ns"}, {1e3, " µs"}, {1e6, " ms"}, {1e9, " s"}}
	}
	if x == 0 {
		return "0"
	}
	p := steps[0]
	for _, s := range steps {
		// Four digits before the point read well where no unit changes.
		if size >= s.by && (unit == Nanoseconds || size >= 10*s.by) {
			p = s
		}
	}
	return short(x/p.by) + p.name
}

// short writes a number with as few characters as it takes to six digits.
func short(x float64) string {
	text := strconv.FormatFloat(x, 'g', 6, 64)
	if size := math.Abs(x); size >= 1e-4 && size < 1e6 {
		text = strconv.FormatFloat(x, 'f', 6, 64)
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// name is what stands beside an axis.
func (a Axis) name(s scale) string {
	out := a.Name
	if a.Unit != "" && a.Unit != Nanoseconds {
		out += ", " + a.Unit
	}
	if s.log {
		out += " (log)"
	}
	return out
}
