package stat

import (
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// The geometry of every histogram: 1 ns to 1 h at three significant digits, 270 KB in memory.
const (
	lowest  = 1
	highest = int64(time.Hour)
	digits  = 3
)

// maxEncoded bounds the text of a histogram. The 33 000 buckets take at most 9 bytes each, and a third more in base64.
const maxEncoded = 1 << 20

// ErrHistogram is wrapped by the errors about a text that is no histogram of this package.
var ErrHistogram = errors.New("no histogram")

// Histogram counts durations in nanoseconds, each within 0.1 % of its true value, and keeps the exact extremes. It is used
// from one goroutine at a time. Make one with [NewHistogram] or [DecodeHistogram].
type Histogram struct {
	counts   *hdr.Histogram
	min, max int64
}

// NewHistogram is an empty histogram.
func NewHistogram() *Histogram {
	return &Histogram{counts: hdr.New(lowest, highest, digits), min: math.MaxInt64, max: math.MinInt64}
}

// Record counts one duration. It does not allocate. A duration outside of 0 to 1 h counts as the nearer end, while Min and
// Max keep what was given.
func (h *Histogram) Record(ns int64) {
	h.min, h.max = min(h.min, ns), max(h.max, ns)
	// After the clamp the value is in range, and a total of 2^63 is out of reach: the error cannot occur.
	_ = h.counts.RecordValue(clamp(ns))
}

func clamp(ns int64) int64 { return min(max(ns, 0), highest) }

// Merge adds all that other counts.
func (h *Histogram) Merge(other *Histogram) {
	h.counts.Merge(other.counts)
	h.min, h.max = min(h.min, other.min), max(h.max, other.max)
}

// Count is the number of durations recorded.
func (h *Histogram) Count() int64 { return h.counts.TotalCount() }

// Min is the exact least duration in nanoseconds; 0 when nothing was recorded.
func (h *Histogram) Min() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.min
}

// Max is the exact greatest duration in nanoseconds; 0 when nothing was recorded.
func (h *Histogram) Max() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.max
}

// ValueAtRank is the rank-th least duration in nanoseconds, rank from 1 to Count: never below the true one and less than
// 0.1 % above it, exact for the first and the last rank. ok is false for a rank outside.
func (h *Histogram) ValueAtRank(rank int64) (ns int64, ok bool) {
	n := h.Count()
	switch {
	case rank < 1 || rank > n:
		return 0, false
	case rank == 1:
		return h.min, true
	case rank == n:
		return h.max, true
	}
	// The library rounds percent*n/100 to the nearest rank, so that the double's last bits do not matter.
	v := h.counts.ValueAtPercentile(100 * float64(rank) / float64(n))
	return min(max(v, h.min), h.max), true
}

// Quantile is the element floor(n*p), counted from 0, of the sorted durations, as MLPerf's LoadGen defines a percentile
// (results.cc): no interpolation. p is 0 to 1, where 1 is the maximum. ok is false when nothing was recorded or p is
// outside.
func (h *Histogram) Quantile(p float64) (ns int64, ok bool) {
	n := h.Count()
	if !(p >= 0 && p <= 1) || n == 0 {
		return 0, false
	}
	return h.ValueAtRank(min(int64(float64(n)*p)+1, n))
}

// Encode is the histogram as the compressed base64 text of HdrHistogram V2, without the exact extremes.
func (h *Histogram) Encode() (string, error) {
	text, err := h.counts.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		return "", fmt.Errorf("encoding a histogram: %w", err)
	}
	return string(text), nil
}

// DecodeHistogram reads what Encode wrote; minNS and maxNS are the exact extremes, which the text does not hold and which
// are not looked at when it counts nothing. Texts of other geometries, damaged ones and extremes that do not fit give an
// error that wraps ErrHistogram. Memory is bounded by the size of a histogram, whatever the text.
func DecodeHistogram(text string, minNS, maxNS int64) (*Histogram, error) {
	if err := checkGeometry(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHistogram, err)
	}
	counts, err := hdr.Decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHistogram, err)
	}
	h := NewHistogram()
	h.counts = counts
	if h.Count() == 0 {
		return h, nil
	}
	for _, end := range []struct {
		name  string
		ns    int64
		found int64
	}{{"least", minNS, counts.Min()}, {"greatest", maxNS, counts.Max()}} {
		if !counts.ValuesAreEquivalent(clamp(end.ns), end.found) {
			return nil, fmt.Errorf("%w: its %s duration is about %d ns, not %d", ErrHistogram, end.name, end.found, end.ns)
		}
	}
	if minNS > maxNS {
		return nil, fmt.Errorf("%w: least duration %d ns above the greatest, %d ns", ErrHistogram, minNS, maxNS)
	}
	h.min, h.max = minNS, maxNS
	return h, nil
}

// checkGeometry reads the head of a text, since the library allocates whatever geometry the head declares: up to 55 MB.
func checkGeometry(text string) error {
	const head, compressed = 40, 8 // bytes: cookie, length, offset, digits, lowest, highest, ratio; cookie, length
	if len(text) > maxEncoded {
		return fmt.Errorf("%d bytes long", len(text))
	}
	in := base64.NewDecoder(base64.StdEncoding, strings.NewReader(text))
	if _, err := io.CopyN(io.Discard, in, compressed); err != nil {
		return fmt.Errorf("reading its head: %w", err)
	}
	inflated, err := zlib.NewReader(in)
	if err != nil {
		return fmt.Errorf("reading its head: %w", err)
	}
	var b [head]byte
	if _, err := io.ReadFull(inflated, b[:]); err != nil {
		return fmt.Errorf("reading its head: %w", err)
	}
	sig := binary.BigEndian.Uint32(b[12:])
	low, high := binary.BigEndian.Uint64(b[16:]), binary.BigEndian.Uint64(b[24:])
	if sig != digits || low != lowest || high != uint64(highest) {
		return fmt.Errorf("%d digits from %d to %d, expected %d digits from %d to %d", sig, low, high, digits, lowest, highest)
	}
	return nil
}
