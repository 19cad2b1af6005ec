package load

import "time"

const (
	maxSlices       = 256
	firstWidthShift = 10 // 1024 ns
)

// slices counts units over time in slices of one width, a power of two of nanoseconds. When the run outgrows the table,
// neighbours merge and the width doubles; a run longer than 131 us therefore always has between 129 and 256 slices.
type slices struct {
	shift uint
	last  int // highest slice in use
	units [maxSlices]int64
}

func newSlices() slices { return slices{shift: firstWidthShift, last: -1} }

// add counts n units at t nanoseconds after the start. A completion in the clock's past counts in the first slice.
func (s *slices) add(t, n int64) {
	i := max(t, 0) >> s.shift
	for i >= maxSlices {
		s.merge()
		i >>= 1
	}
	s.units[i] += n
	s.last = max(s.last, int(i))
}

func (s *slices) merge() {
	for i := range maxSlices / 2 {
		s.units[i] = s.units[2*i] + s.units[2*i+1]
	}
	clear(s.units[maxSlices/2:])
	s.shift++
	s.last /= 2
}

// width is the width of a slice.
func (s *slices) width() time.Duration { return 1 << s.shift }

// counts are the units per slice, up to the last slice in which something was completed.
func (s *slices) counts() []int64 { return append([]int64{}, s.units[:s.last+1]...) }
