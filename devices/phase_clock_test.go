package devices_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// timed is a session whose phases take the given times. It fails at call failAt, counted from 1; 0 never.
type timed struct {
	phases        []time.Duration
	failAt, calls int
	during        func(phase int)
}

func (s *timed) Run(_ context.Context, phase int, _, _ []workloads.Tensor) error {
	s.calls++
	if s.during != nil {
		s.during(phase)
	}
	time.Sleep(s.phases[phase])
	if s.calls == s.failAt {
		return errBroken
	}
	return nil
}

func (s *timed) Close() error { return nil }

const ms = time.Millisecond

func TestPhaseTimes(t *testing.T) {
	for _, c := range []struct {
		name   string
		osl    int // 0: one phase
		failAt int
		issues int
		want   []time.Duration
	}{
		{"one phase has no times", 0, 0, 1, nil},
		{"prefill once, decode per further token", 4, 0, 1, []time.Duration{7 * ms, 3 * 2 * ms}},
		{"a decoder of one token never decodes", 1, 0, 1, []time.Duration{7 * ms, 0}},
		{"executions add up", 4, 0, 3, []time.Duration{21 * ms, 18 * ms}},
		{"a failing call is charged", 4, 3, 1, []time.Duration{7 * ms, 2 * 2 * ms}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session := &timed{phases: []time.Duration{7 * ms, 2 * ms}, failAt: c.failAt}
				sys := devices.NewSystem(session, copying(2, 4, c.osl))
				for range c.issues {
					_ = sys.Issue(t.Context(), samples(0, 1), silent{})
					time.Sleep(time.Second) // idle time is charged to no phase
				}
				require.Equal(t, c.want, sys.PhaseTimes())
				sys.ResetPhaseTimes()
				for _, took := range sys.PhaseTimes() {
					require.Zero(t, took)
				}
			})
		})
	}
}

// reader looks at the phase times at the end of each batch, as one who waits for it may.
type reader struct {
	silent
	sys   *devices.Batched
	times []time.Duration
	phase int
}

func (r *reader) DoneAll([]devices.Sample, error) {
	r.times, r.phase = r.sys.PhaseTimes(), r.sys.Phase()
}

func TestPhaseTimesAreCompleteWhenSamplesAreDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sys := devices.NewSystem(&timed{phases: []time.Duration{7 * ms, 2 * ms}}, copying(1, 4, 3))
		r := &reader{sys: sys, phase: 99}
		require.NoError(t, sys.Issue(t.Context(), samples(0), r))
		require.Equal(t, []time.Duration{7 * ms, 4 * ms}, r.times)
		require.Equal(t, -1, r.phase)
	})
}

func TestPhaseTellsWhatRuns(t *testing.T) {
	for _, c := range []struct {
		osl  int
		want []int // seen by the session's calls
	}{
		{0, []int{-1, -1}},
		{3, []int{0, 1, 1, 0, 1, 1}},
	} {
		session := &timed{phases: make([]time.Duration, 2)}
		sys := devices.NewSystem(session, copying(1, 4, c.osl))
		var seen []int
		session.during = func(int) { seen = append(seen, sys.Phase()) }
		require.Equal(t, -1, sys.Phase())
		require.NoError(t, sys.Issue(t.Context(), samples(0, 1), silent{}))
		require.Equal(t, c.want, seen)
		require.Equal(t, -1, sys.Phase())
	}
}
