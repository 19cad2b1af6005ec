package bench

import (
	"math"
	"strconv"
)

// finder decides what a search tries next. It assumes that a system which meets its limits under some load meets them under
// less; where noise says otherwise, the confirming runs lower the result. It ends whatever it observes: it doubles or halves within
// its bounds, halves a gap, and then only goes down, by a share of the load at a time.
type finder struct {
	bottom, top float64
	whole       bool // x is a whole number
	repeats     int

	low, high float64 // the highest load that met the limits, the lowest that missed them; 0 and +Inf if none
	x         float64
	role      Role
	confirmed int     // runs at low
	step      float64 // ratio by which a failed confirmation lowers the load
}

func newFinder(start, bottom, top float64, repeats int) *finder {
	return &finder{bottom: bottom, top: top, repeats: repeats, high: math.Inf(1), x: start, role: RoleBracket, step: searchStep}
}

// next is the load to try; ok is false when the search is over.
func (f *finder) next() (x float64, role Role, ok bool) {
	switch {
	case f.x < f.bottom: // nothing meets the limits
		return 0, "", false
	case f.low > 0 && math.IsInf(f.high, 1) && f.x > f.top: // everything does
		return 0, "", false
	case f.role == RoleConfirm && f.confirmed >= f.repeats:
		return 0, "", false
	}
	return f.x, f.role, true
}

// observe takes the outcome of the load that next gave.
func (f *finder) observe(met bool) {
	if f.role == RoleConfirm {
		if met {
			f.confirmed++
			return
		}
		// What was found was luck: a step lower, which must be confirmed anew.
		f.high, f.confirmed = f.x, 0
		f.x = f.below(f.x)
		f.low, f.step = f.x, min(f.step*f.step, mostStep)
		return
	}
	if met {
		f.low = f.x
	} else {
		f.high = f.x
	}
	switch {
	case math.IsInf(f.high, 1):
		f.x = f.up()
	case f.low == 0:
		f.x = f.down()
	case f.near():
		f.x, f.role = f.low, RoleConfirm
	default:
		f.x, f.role = f.between(), RoleBisect
	}
}

// up is twice the load; the top itself is tried before the search gives up beyond it.
func (f *finder) up() float64 {
	if f.x < f.top {
		return min(f.round(2*f.x), f.top)
	}
	return f.round(2 * f.x)
}

// down is half the load, and likewise.
func (f *finder) down() float64 {
	if f.x > f.bottom {
		return max(f.round(f.x/2), f.bottom)
	}
	return f.x / 2
}

// near tells whether the gap is small enough.
func (f *finder) near() bool {
	if f.whole {
		return f.high-f.low <= 1
	}
	return f.high <= f.low*searchStep
}

func (f *finder) between() float64 {
	if f.whole {
		return math.Floor((f.low + f.high) / 2)
	}
	if x := f.round(math.Sqrt(f.low * f.high)); x > f.low && x < f.high {
		return x
	}
	return math.Sqrt(f.low * f.high)
}

// below is a step lower: a share of the load, so that no search goes through thousands of concurrencies one by one, and a larger one
// each time, since what fails again and again is far off.
func (f *finder) below(x float64) float64 {
	y := f.round(x / f.step)
	if f.whole {
		y = min(x-1, y)
	}
	if x > f.bottom {
		return max(y, f.bottom) // which is tried before the search gives up beyond it
	}
	return y
}

// round keeps three digits, so that reports and commands show the load that was tried; whole numbers stay whole, and 1/2 is
// below any.
func (f *finder) round(x float64) float64 {
	if f.whole {
		return math.Floor(x)
	}
	return threeDigits(x)
}

func threeDigits(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return y
}
