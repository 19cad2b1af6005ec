package load_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/load/arrival"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

const unitsPerSample = 3

// chaos answers every sample after a time of its own, in no order, alone or with others of its query, with or without tokens, well
// or not. Some look at the context meanwhile, some do not.
type chaos struct {
	random   *rand.Rand
	most     time.Duration // of a sample
	failures float64       // share of samples
	tokens   int           // at most
	inline   bool          // Issue waits for the end

	mu         sync.Mutex
	units      int64 // tokens, and samples without
	ttft, tpot int64 // samples that have one
	whole      int64 // queries all of whose samples ended well
	last       time.Time
}

// group is samples of a query that end together.
type group struct {
	samples  []devices.Sample
	took     time.Duration
	tokens   int
	err      error
	obedient bool
}

func (c *chaos) Issue(ctx context.Context, samples []devices.Sample, rec devices.Recorder) error {
	var groups []group
	samples = append([]devices.Sample{}, samples...)
	c.random.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
	for rest := samples; len(rest) > 0; {
		n := 1 + c.random.IntN(len(rest))
		g := group{samples: rest[:n], took: time.Duration(c.random.Int64N(int64(c.most) + 1)), obedient: c.random.IntN(2) == 0}
		if c.tokens > 0 {
			g.tokens = c.random.IntN(c.tokens + 1)
		}
		if c.random.Float64() < c.failures {
			g.err = errBroken
		}
		groups, rest = append(groups, g), rest[n:]
	}
	var ends sync.WaitGroup
	well := true
	for _, g := range groups {
		ends.Go(func() {
			if !c.serve(ctx, g, rec) {
				c.mu.Lock()
				defer c.mu.Unlock()
				well = false
			}
		})
	}
	finish := func() {
		ends.Wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		if well {
			c.whole++
		}
	}
	if c.inline {
		finish()
	} else {
		go finish()
	}
	return nil
}

// serve ends a group and tells whether it did so well.
func (c *chaos) serve(ctx context.Context, g group, rec devices.Recorder) bool {
	for k := range g.tokens {
		time.Sleep(g.took / time.Duration(g.tokens))
		for _, s := range g.samples {
			if k == 0 {
				rec.First(s.ID)
			} else {
				rec.Tokens(s.ID, 1)
			}
		}
	}
	if g.tokens == 0 && g.obedient {
		select {
		case <-ctx.Done():
			g.err = ctx.Err()
		case <-time.After(g.took):
		}
	} else if g.tokens == 0 {
		time.Sleep(g.took)
	}
	n := int64(len(g.samples))
	c.mu.Lock()
	c.units += n * int64(g.tokens)
	if g.err == nil {
		if g.tokens == 0 {
			c.units += n * unitsPerSample
		} else {
			c.ttft += n
		}
		if g.tokens > 1 {
			c.tpot += n
		}
	}
	if !errors.Is(g.err, context.Canceled) {
		c.last = time.Now()
	}
	c.mu.Unlock()
	if len(g.samples) == 1 {
		rec.Done(g.samples[0].ID, g.err)
	} else {
		rec.DoneAll(g.samples, g.err)
	}
	return g.err == nil
}

func (c *chaos) Close() error { return nil }

// Whatever arrives and however it ends: every sample ends once, in one of the counts, and the counts agree with each other.
func TestEverySampleIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shape := rapid.SampledFrom([]string{"stream", "concurrency", "offline", "server"}).Draw(rt, "arrival")
		var a load.Arrival
		perQuery := false
		switch shape {
		case "stream":
			n := rapid.IntRange(1, 9).Draw(rt, "samples")
			a, perQuery = load.Stream{Samples: n}, n > 1
		case "concurrency":
			a = load.Concurrency{N: rapid.IntRange(1, 9).Draw(rt, "n")}
		case "offline":
			a = load.Offline{}
		case "server":
			process := rapid.SampledFrom([]arrival.Process{arrival.Poisson, arrival.Constant}).Draw(rt, "process")
			a = serving(arrival.Spec{Process: process, Rate: rapid.Float64Range(10, 2000).Draw(rt, "rate"), Seed: rapid.Uint64().Draw(rt, "arrivals")})
		}
		seed := rapid.Uint64().Draw(rt, "seed")
		milliseconds := func(low, high int, name string) time.Duration {
			return time.Duration(rapid.IntRange(low, high).Draw(rt, name)) * ms
		}
		settings := load.Settings{Duration: milliseconds(0, 200, "duration"), MinQueries: rapid.IntRange(0, 60).Draw(rt, "queries"),
			Batch: rapid.IntRange(1, 5).Draw(rt, "batch"), Pool: rapid.IntRange(1, 9).Draw(rt, "pool"),
			UnitsPerSample: unitsPerSample, Seed: seed}
		for range rapid.IntRange(0, 3).Draw(rt, "limits") {
			settings.Limits = append(settings.Limits, load.Limit{
				Metric: rapid.SampledFrom([]load.Metric{load.Latency, load.TTFT, load.TPOT}).Draw(rt, "metric"),
				Bound:  int64(milliseconds(0, 30, "bound")), Most: int64(rapid.IntRange(-1, 20).Draw(rt, "most"))})
		}
		c := &chaos{random: rand.New(rand.NewPCG(seed, 0)), most: milliseconds(1, 30, "slowest"),
			failures: rapid.SampledFrom([]float64{0, 0, 0.02, 0.5}).Draw(rt, "failures"), tokens: rapid.IntRange(0, 4).Draw(rt, "tokens"),
			inline: rapid.Bool().Draw(rt, "inline")}
		if shape == "offline" {
			// What answers everything at the same time is asked for ever more as long as the run lasts.
			settings.Duration = min(settings.Duration, c.most)
		}
		var cancelAfter time.Duration
		if rapid.Bool().Draw(rt, "cancelled") {
			cancelAfter = milliseconds(1, 300, "cancelled after")
		}

		var out load.Outcome
		var s *spy
		synctest.Test(t, func(t *testing.T) {
			s = newSpy(c)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if cancelAfter > 0 {
				time.AfterFunc(cancelAfter, cancel)
			}
			c.last = s.start
			out = load.New(s, a, settings).Run(ctx)
			synctest.Wait()
		})

		equal := func(what string, want, got int64) {
			if want != got {
				rt.Fatalf("%s: expected %d, got %d in %+v", what, want, got, out)
			}
		}
		equal("in flight at the end", 0, int64(s.flight))
		equal("ended of those issued", int64(s.issued), int64(s.clean+s.failed+s.interrupted))
		equal("samples", int64(s.clean), out.Samples)
		equal("errors", int64(s.failed), out.Errors)
		equal("queries", int64(len(s.times)), out.Queries)
		equal("units", c.units, out.Units)
		equal("units in slices", c.units, sum(out.Slices))
		equal("elapsed", int64(c.last.Sub(s.start)), int64(out.Elapsed))
		equal("TTFT", c.ttft*flag(shape != "offline"), count(out.TTFT))
		equal("TPOT", c.tpot, count(out.TPOT))
		switch {
		case shape == "offline":
			equal("latency", 0, count(out.Latency))
		case perQuery:
			equal("latency", c.whole, count(out.Latency))
		default:
			equal("latency", out.Samples, count(out.Latency))
		}
		missed := false
		for i, l := range settings.Limits {
			missed = missed || l.Most >= 0 && out.Over[i] > l.Most
		}
		equal("missed", flag(missed), flag(out.Missed))
		equal("broken", flag(s.failed >= load.MaxErrors), flag(out.Broken))
		if full := out.Queries >= int64(settings.MinQueries); !out.Interrupted && !out.Missed && !out.Broken {
			equal("cancelled", 0, int64(s.interrupted))
			equal("enough", 1, flag(full || shape == "offline" && s.issued >= settings.MinQueries))
			equal("long enough", 1, flag(out.Elapsed >= settings.Duration || shape == "server" || shape == "concurrency"))
		}
	})
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func count(h *stat.Histogram) int64 {
	if h == nil {
		return 0
	}
	return h.Count()
}
