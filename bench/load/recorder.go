package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

// slot is what is known of a sample in flight.
type slot struct {
	id     uint64
	issued int64 // nanoseconds since the start
	first  int64
	tokens int32
	live   bool
}

// slotBits is how many bits of a sample's id name its slot; the bits above count the uses of the slot.
const slotBits = 24

// recorder takes the completions of the samples in flight. A sample's id names its slot, so that samples may end in any
// order however long one of them takes.
type recorder struct {
	mu        sync.Mutex
	start     time.Time
	slots     []slot
	free      []uint32 // slots without a sample, last used on top
	most      int      // samples in flight at once
	units     int64    // per sample that reports no tokens
	threshold int      // of samples in flight below which a waiter is woken; 0 without one
	woken     chan struct{}
	samples   int64
	total     int64 // units
	errors    int64
	firstErr  error
	stop      context.CancelFunc // called after MaxErrors; nil if there is nothing to stop
	ended     func() error       // why the run's context is done; nil while it is not
	end       int64              // last completion or token
	slices    slices
	latency   *stat.Histogram // nil if not wanted
	perQuery  bool            // latency is recorded by the arrival
	ttft      *stat.Histogram // nil if not wanted
	tpot      *stat.Histogram
	limits    []Limit
	over      []int64
	missed    bool
}

// errStray marks a completion of a sample that was not in flight.
var errStray = errors.New("not in flight")

func newRecorder(ctx context.Context, s Settings) *recorder {
	return &recorder{
		ended:  ctx.Err,
		units:  int64(s.UnitsPerSample),
		woken:  make(chan struct{}, 1),
		slices: newSlices(),
		tpot:   stat.NewHistogram(),
		limits: s.Limits,
		over:   make([]int64, len(s.Limits)),
	}
}

// reserve makes room for n samples in flight.
func (r *recorder) reserve(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grow(n - len(r.slots))
}

func (r *recorder) grow(n int) {
	if n <= 0 {
		return
	}
	old := len(r.slots)
	r.slots = append(r.slots, make([]slot, n)...)
	for i := len(r.slots) - 1; i >= old; i-- {
		r.slots[i].id = uint64(i)
		r.free = append(r.free, uint32(i))
	}
}

// now is the time since the start in nanoseconds.
func (r *recorder) now() int64 { return int64(time.Since(r.start)) }

// admit gives samples their ids, notes that they are issued, or were to be issued, at the given time, and tells how many are
// then in flight.
func (r *recorder) admit(samples []devices.Sample, at int64) (flight int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if lack := len(samples) - len(r.free); lack > 0 {
		r.grow(max(lack, len(r.slots)))
	}
	for i := range samples {
		top := len(r.free) - 1
		s := &r.slots[r.free[top]]
		r.free = r.free[:top]
		samples[i].ID = s.id
		s.issued, s.first, s.tokens, s.live = at, 0, 0, true
	}
	flight = r.flight()
	r.most = max(r.most, flight)
	return flight
}

// find is the slot of a sample in flight, or nil after counting the error.
func (r *recorder) find(id uint64) *slot {
	if i := id & (1<<slotBits - 1); i < uint64(len(r.slots)) {
		if s := &r.slots[i]; s.live && s.id == id {
			return s
		}
	}
	r.fail(fmt.Errorf("completion of sample %d: %w", id, errStray))
	return nil
}

func (r *recorder) fail(err error) {
	r.errors++
	if r.firstErr == nil {
		r.firstErr = err
	}
	if r.errors == MaxErrors && r.stop != nil {
		r.stop()
	}
}

// First notes the first token of a sample.
func (r *recorder) First(id uint64) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.find(id); s != nil {
		r.count(s, now, 1)
	}
}

// Tokens notes n further tokens of a sample.
func (r *recorder) Tokens(id uint64, n int) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.find(id); s != nil {
		r.count(s, now, n)
	}
}

func (r *recorder) count(s *slot, now int64, tokens int) {
	if s.tokens == 0 {
		s.first = now // whichever way it is reported
	}
	s.tokens += int32(tokens)
	r.add(now, int64(tokens))
}

func (r *recorder) add(now, units int64) {
	r.total += units
	r.end = max(r.end, now)
	r.slices.add(now, units)
}

// Done notes the end of a sample. A sample that reported tokens counts those, another one its units. A sample that
// failed has no latency and, unless it had reported tokens, no units.
func (r *recorder) Done(id uint64, err error) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done(id, now, err)
	r.wake()
}

// DoneAll notes the end of samples at one time.
func (r *recorder) DoneAll(samples []devices.Sample, err error) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range samples {
		r.done(samples[i].ID, now, err)
	}
	r.wake()
}

func (r *recorder) done(id uint64, now int64, err error) {
	s := r.find(id)
	if s == nil {
		return
	}
	switch {
	case err == nil:
		r.finish(s, now)
	case errors.Is(err, r.ended()): // an error of another context, or before this one ended, is a failure
	default:
		r.fail(err)
		r.end = max(r.end, now)
	}
	s.live = false
	s.id += 1 << slotBits
	r.free = append(r.free, uint32(id&(1<<slotBits-1)))
}

func (r *recorder) finish(s *slot, now int64) {
	r.samples++
	latency := now - s.issued
	if r.latency != nil && !r.perQuery {
		r.latency.Record(latency)
	}
	if s.tokens == 0 {
		r.add(now, r.units)
		if len(r.limits) > 0 {
			r.judge(latency, -1, -1)
		}
		return
	}
	r.end = max(r.end, now)
	ttft, tpot := s.first-s.issued, int64(-1)
	if r.ttft != nil {
		r.ttft.Record(ttft)
	}
	if s.tokens > 1 {
		tpot = (latency - ttft) / int64(s.tokens-1)
		r.tpot.Record(tpot)
	}
	if len(r.limits) > 0 {
		r.judge(latency, ttft, tpot)
	}
}

// judge counts missed limits; what a sample does not have misses none.
func (r *recorder) judge(latency, ttft, tpot int64) {
	for i, l := range r.limits {
		value := latency
		switch l.Metric {
		case TTFT:
			value = ttft
		case TPOT:
			value = tpot
		}
		if value <= l.Bound {
			continue
		}
		r.over[i]++
		if l.Most >= 0 && r.over[i] > l.Most && !r.missed {
			r.missed = true
			if r.stop != nil {
				r.stop()
			}
		}
	}
}

func (r *recorder) flight() int { return len(r.slots) - len(r.free) }

func (r *recorder) wake() {
	if r.flight() < r.threshold {
		r.threshold = 0
		r.woken <- struct{}{}
	}
}

// state is what the generator decides by.
type state struct{ end, samples int64 }

// wait returns when fewer than so many samples are in flight.
func (r *recorder) wait(below int) state {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.flight() >= below {
		r.threshold = below
		r.mu.Unlock()
		<-r.woken
		r.mu.Lock()
	}
	return state{r.end, r.samples}
}

// hopeless tells whether what is in flight would take longer than the patience, at the rate of what was done until now, or at that of
// the warm-up, in samples per second, if that is higher or nothing was done.
func (r *recorder) hopeless(patience time.Duration, warm float64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	rate := max(warm, float64(r.samples)/time.Duration(max(r.now(), 1)).Seconds())
	return rate > 0 && float64(r.flight())/rate > patience.Seconds()
}

// progress is a copy of the slices so far.
func (r *recorder) progress() (width time.Duration, units []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.slices.width(), r.slices.counts()
}

var _ devices.Recorder = (*recorder)(nil)
