package stat_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/stat"
)

const hour = int64(time.Hour)

func fill(values []int64) *stat.Histogram {
	h := stat.NewHistogram()
	for _, v := range values {
		h.Record(v)
	}
	return h
}

// near holds for a histogram's value of a true one: not below, less than 0.1 % above.
func near(t require.TestingT, want, got int64) {
	want = min(max(want, 0), hour)
	require.GreaterOrEqual(t, got, want)
	require.LessOrEqual(t, float64(got-want), float64(want)*1e-3)
}

func TestHistogramAgainstSortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.SampledFrom([]int64{10, 1e4, 1e8, hour}).Draw(t, "scale")
		values := rapid.SliceOfN(rapid.Int64Range(0, scale), 1, 300).Draw(t, "values")
		h := fill(values)
		slices.Sort(values)
		n := len(values)
		require.EqualValues(t, n, h.Count())
		require.Equal(t, values[0], h.Min())
		require.Equal(t, values[n-1], h.Max())
		rank := rapid.IntRange(1, n).Draw(t, "rank")
		got, ok := h.ValueAtRank(int64(rank))
		require.True(t, ok)
		near(t, values[rank-1], got)
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		got, ok = h.Quantile(p)
		require.True(t, ok)
		near(t, values[min(int(float64(n)*p), n-1)], got)
	})
}

// The index is floor(n*p) counted from 0: with 1 to 100, p99 is the last and p50 is 51.
func TestQuantileIsThatOfMLPerf(t *testing.T) {
	h := stat.NewHistogram()
	for v := range int64(100) {
		h.Record(v + 1)
	}
	for p, want := range map[float64]int64{0: 1, 0.005: 1, 0.5: 51, 0.9: 91, 0.99: 100, 0.999: 100, 1: 100} {
		got, ok := h.Quantile(p)
		require.True(t, ok)
		require.Equal(t, want, got, "p %v", p)
	}
	for _, p := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		_, ok := h.Quantile(p)
		require.False(t, ok, "p %v", p)
	}
}

func TestEmptyHistogram(t *testing.T) {
	h := stat.NewHistogram()
	require.Zero(t, h.Count())
	require.Zero(t, h.Min())
	require.Zero(t, h.Max())
	_, ok := h.Quantile(0.5)
	require.False(t, ok)
	text, err := h.Encode()
	require.NoError(t, err)
	back, err := stat.DecodeHistogram(text, 0, 0)
	require.NoError(t, err)
	require.Zero(t, back.Count())
	back.Record(7)
	require.EqualValues(t, 7, back.Min())
}

func TestValuesOutOfRangeCountAsTheEnds(t *testing.T) {
	h := fill([]int64{-5, 100, 3 * hour, math.MaxInt64})
	require.EqualValues(t, 4, h.Count())
	require.EqualValues(t, -5, h.Min())
	require.EqualValues(t, math.MaxInt64, h.Max())
	v, _ := h.ValueAtRank(2)
	near(t, 100, v)
	v, _ = h.ValueAtRank(3)
	near(t, hour, v)
	for _, rank := range []int64{0, -1, 5} {
		_, ok := h.ValueAtRank(rank)
		require.False(t, ok)
	}
}

func TestMergeEqualsRecordingAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.Int64Range(-1, 2*hour), 0, 10)
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		merged, all := fill(a), fill(append(slices.Clone(a), b...))
		merged.Merge(fill(b))
		require.Equal(t, [3]int64{all.Count(), all.Min(), all.Max()}, [3]int64{merged.Count(), merged.Min(), merged.Max()})
		for rank := range all.Count() {
			want, _ := all.ValueAtRank(rank + 1)
			got, _ := merged.ValueAtRank(rank + 1)
			require.Equal(t, want, got)
		}
	})
}

func TestHistogramRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := fill(rapid.SliceOfN(rapid.Int64Range(0, 2*hour), 0, 10).Draw(t, "values"))
		text, err := h.Encode()
		require.NoError(t, err)
		back, err := stat.DecodeHistogram(text, h.Min(), h.Max())
		require.NoError(t, err)
		require.Equal(t, h.Count(), back.Count())
		require.Equal(t, h.Min(), back.Min())
		require.Equal(t, h.Max(), back.Max())
		for rank := range h.Count() {
			want, _ := h.ValueAtRank(rank + 1)
			got, _ := back.ValueAtRank(rank + 1)
			require.Equal(t, want, got)
		}
	})
}

func TestRecordDoesNotAllocate(t *testing.T) {
	h := stat.NewHistogram()
	require.Zero(t, testing.AllocsPerRun(1000, func() { h.Record(12345) }))
}

func TestDecodeHistogramRefuses(t *testing.T) {
	good, err := fill([]int64{1000, 2000}).Encode()
	require.NoError(t, err)
	wide, err := hdr.New(1, math.MaxInt64, 5).Encode(hdr.V2CompressedEncodingCookieBase)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		text     string
		min, max int64
		want     string
	}{
		"empty":              {"", 0, 0, "reading its head"},
		"no base64":          {"!!!!", 0, 0, "reading its head"},
		"cut":                {good[:len(good)/2], 1000, 2000, ""},
		"other geometry":     {string(wide), 0, 0, "5 digits"},
		"too long":           {string(bytes.Repeat([]byte("A"), 2<<20)), 0, 0, "bytes long"},
		"least does not fit": {good, 900, 2000, "least duration"},
		"greatest neither":   {good, 1000, 3000, "greatest duration"},
		"upside down":        {mustEncode(t, 5_000_000), 5_000_001, 5_000_000, "above the greatest"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := stat.DecodeHistogram(c.text, c.min, c.max)
			require.ErrorIs(t, err, stat.ErrHistogram)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func mustEncode(t testing.TB, values ...int64) string {
	text, err := fill(values).Encode()
	require.NoError(t, err)
	return text
}

// A text of some kilobytes that inflates to megabytes of nothing must not be inflated.
func TestDecodeHistogramBoundsInflation(t *testing.T) {
	var body bytes.Buffer
	z := zlib.NewWriter(&body)
	head := make([]byte, 40)
	binary.BigEndian.PutUint32(head, 0x1c849313)
	binary.BigEndian.PutUint32(head[4:], math.MaxInt32)
	binary.BigEndian.PutUint32(head[12:], 3)
	binary.BigEndian.PutUint64(head[16:], 1)
	binary.BigEndian.PutUint64(head[24:], uint64(hour))
	_, err := z.Write(head)
	require.NoError(t, err)
	zeros := make([]byte, 1<<20)
	for range 6 {
		_, err := z.Write(zeros)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	text := binary.BigEndian.AppendUint32(nil, 0x1c849314)
	text = binary.BigEndian.AppendUint32(text, uint32(body.Len()))
	encoded := base64.StdEncoding.EncodeToString(append(text, body.Bytes()...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = stat.DecodeHistogram(encoded, 0, 0)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, stat.ErrHistogram)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func FuzzDecodeHistogram(f *testing.F) {
	f.Add(mustEncode(f), int64(0), int64(0))
	f.Add(mustEncode(f, 1, 2, 3_000_000), int64(1), int64(3_000_000))
	f.Add("HISTFAAAAB4", int64(0), int64(0))
	f.Fuzz(func(t *testing.T, text string, low, high int64) {
		h, err := stat.DecodeHistogram(text, low, high)
		if err != nil {
			require.ErrorIs(t, err, stat.ErrHistogram)
			return
		}
		require.LessOrEqual(t, h.Min(), h.Max())
		for _, p := range []float64{0, 0.5, 1} {
			v, ok := h.Quantile(p)
			require.Equal(t, h.Count() > 0, ok)
			require.True(t, !ok || v >= h.Min() && v <= h.Max())
		}
		h.Merge(fill([]int64{1}))
	})
}

func BenchmarkRecord(b *testing.B) {
	h, r := stat.NewHistogram(), rand.New(rand.NewPCG(1, 2))
	values := make([]int64, 1024)
	for i := range values {
		values[i] = r.Int64N(1e9)
	}
	b.ReportAllocs()
	for i := range b.N {
		h.Record(values[i%len(values)])
	}
}
