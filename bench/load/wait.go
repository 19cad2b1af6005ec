package load

import (
	"context"
	"time"
)

// Wait waits until at nanoseconds after the start and returns the time then, or at once when that is past, and for how much of
// it it slept; ok is false when the context ended first. It is a function value so that tests can put virtual time in its place: in
// virtual time a wait that spins never ends.
type Wait func(ctx context.Context, start time.Time, at int64) (now, slept int64, ok bool)

// TimerWait waits with a timer of the Go runtime.
func TimerWait(ctx context.Context, start time.Time, at int64) (now, slept int64, ok bool) {
	began := int64(time.Since(start))
	if began >= at {
		return began, 0, true
	}
	timer := time.NewTimer(time.Duration(at - began))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		ok = true
	}
	now = int64(time.Since(start))
	return now, now - began, ok
}

const (
	// coarse is the wait from which on a timer, which the context can end, does the first part of it.
	coarse = 20 * time.Millisecond
	// The spinning wait wakes up a margin before its time: the kernel's wake-ups come late by some microseconds on a quiet
	// machine and by more on a busy one. The margin follows the 99th percentile of how late they come: one that was later makes
	// it larger by 99 steps, another one smaller by one.
	leastMargin, mostMargin = 20 * time.Microsecond, 2 * time.Millisecond
	marginStep              = time.Microsecond / 4
)

// SleepWait sleeps until the time has come, by the most exact sleep that the system has, and is late by what a wake-up takes.
// It does not yield before: an idle lane of a queue would begin 20 to 40 us earlier, but often in the place of this goroutine, which
// then came late by a whole execution (with executions of 3 ms, by as much at the 90th percentile).
func SleepWait(ctx context.Context, start time.Time, at int64) (now, slept int64, ok bool) {
	began := int64(time.Since(start))
	now = began
	if time.Duration(at-now) > coarse {
		if now, slept, ok = TimerWait(ctx, start, at-int64(coarse)/2); !ok {
			return now, slept, false
		}
	}
	for now < at {
		nap(time.Duration(at - now))
		now = int64(time.Since(start))
	}
	return now, now - began, true
}

// SpinWait is a wait that sleeps until shortly before the time and spins from there on, for which it takes a CPU that nobody
// else should need. It is for one goroutine. yield is called where it does not sleep: what the last query woke sits in the
// goroutine's queue, from where others take it after a while only, unless runtime.Gosched puts it ahead. On a thread of its own a
// goroutine does better with nothing: there yielding takes two wake-ups.
func SpinWait(yield func()) Wait {
	margin := 4 * leastMargin
	return func(ctx context.Context, start time.Time, at int64) (now, slept int64, ok bool) {
		now = int64(time.Since(start))
		switch left := at - now; {
		case left <= 0:
			return now, 0, true
		case left > int64(margin):
			if now, slept, ok = SleepWait(ctx, start, at-int64(margin)); !ok {
				return now, slept, false
			}
			if now > at-int64(leastMargin)/2 {
				margin = min(margin+99*marginStep, mostMargin)
			} else {
				margin = max(margin-marginStep, leastMargin)
			}
		default:
			yield()
		}
		for now < at {
			now = int64(time.Since(start))
		}
		return now, slept, true
	}
}
