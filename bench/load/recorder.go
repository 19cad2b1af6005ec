package load

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
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

// recorder takes the completions of the samples in flight. Sample id lives in slot id mod len(slots), a power of two that
// is at least the number of samples in flight: ids are handed out in sequence.
type recorder struct {
	mu       sync.Mutex
	start    time.Time
	slots    []slot
	units    int64 // per sample that reports no tokens
	flight   int
	waiting  bool
	drained  chan struct{}
	samples  int64
	total    int64 // units
	errors   int64
	aborted  int64
	firstErr error
	stop     context.CancelFunc // called after MaxErrors; nil if there is nothing to stop
	end      int64              // last completion or token
	slices   slices
	latency  *stat.Histogram // nil if not wanted
	ttft     *stat.Histogram // nil if not wanted
	tpot     *stat.Histogram
}

// errStray marks a completion of a sample that was not in flight.
var errStray = errors.New("not in flight")

func newRecorder(unitsPerSample int) *recorder {
	return &recorder{
		units:   int64(unitsPerSample),
		drained: make(chan struct{}, 1),
		slices:  newSlices(),
		tpot:    stat.NewHistogram(),
	}
}

// reserve makes room for n samples in flight; none may be in flight now.
func (r *recorder) reserve(n int) {
	if n > len(r.slots) {
		r.slots = make([]slot, 1<<bits.Len(uint(n-1)))
	}
}

// now is the time since the start in nanoseconds.
func (r *recorder) now() int64 { return int64(time.Since(r.start)) }

// expect notes that samples are issued at the given time.
func (r *recorder) expect(samples []devices.Sample, at int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range samples {
		*r.slot(s.ID) = slot{id: s.ID, issued: at, live: true}
	}
	r.flight += len(samples)
}

func (r *recorder) slot(id uint64) *slot { return &r.slots[id&uint64(len(r.slots)-1)] }

// find is the slot of a sample in flight, or nil after counting the error.
func (r *recorder) find(id uint64) *slot {
	if s := r.slot(id); s.live && s.id == id {
		return s
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
		s.first = now
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
}

// DoneAll notes the end of samples at one time.
func (r *recorder) DoneAll(samples []devices.Sample, err error) {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range samples {
		r.done(s.ID, now, err)
	}
}

func (r *recorder) done(id uint64, now int64, err error) {
	s := r.find(id)
	if s == nil {
		return
	}
	switch {
	case err == nil:
		r.finish(s, now)
	case errors.Is(err, context.Canceled):
		r.aborted++
	default:
		r.fail(err)
		r.end = max(r.end, now)
	}
	s.live = false
	r.flight--
	if r.flight == 0 && r.waiting {
		r.waiting = false
		r.drained <- struct{}{}
	}
}

func (r *recorder) finish(s *slot, now int64) {
	r.samples++
	latency := now - s.issued
	if r.latency != nil {
		r.latency.Record(latency)
	}
	if s.tokens == 0 {
		r.add(now, r.units)
		return
	}
	r.end = max(r.end, now)
	ttft := s.first - s.issued
	if r.ttft != nil {
		r.ttft.Record(ttft)
	}
	if s.tokens > 1 {
		r.tpot.Record((latency - ttft) / int64(s.tokens-1))
	}
}

// wait returns when nothing is in flight.
func (r *recorder) wait() {
	r.mu.Lock()
	if r.flight == 0 {
		r.mu.Unlock()
		return
	}
	r.waiting = true
	r.mu.Unlock()
	<-r.drained
}

// state is what the generator decides by.
func (r *recorder) state() (end, samples int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end, r.samples
}

var _ devices.Recorder = (*recorder)(nil)
