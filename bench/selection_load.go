package bench

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench/load"
	"github.com/accelbench/accelbench/bench/stat"
	"github.com/accelbench/accelbench/devices"
)

// Sweep is a list of loads: rates of the server scenario, or concurrencies.
type Sweep struct {
	Scenario ScenarioName
	Values   []float64
}

// ParseSweep reads a sweep as flags and plans have it: rate=10,20,40 or concurrency=1,2,4. The error wraps ErrBadPlan.
func ParseSweep(text string) (*Sweep, error) {
	name, list, _ := strings.Cut(strings.TrimSpace(text), "=")
	s := &Sweep{Scenario: Server}
	switch name {
	case "rate":
	case "concurrency":
		s.Scenario = Concurrency
	default:
		return nil, fmt.Errorf("%w: sweep %q: write rate=10,20,40 or concurrency=1,2,4", ErrBadPlan, text)
	}
	for word := range strings.SplitSeq(list, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || !(x > 0) || math.IsInf(x, 1) || s.Scenario == Concurrency && x != float64(int(x)) {
			return nil, fmt.Errorf("%w: sweep %q: %q is no %s above 0", ErrBadPlan, text, word, name)
		}
		if !slices.Contains(s.Values, x) {
			s.Values = append(s.Values, x)
		}
	}
	return s, nil
}

// scenarios are those of the selection: named ones, those that the load given is for, or the everyday ones, which are then not
// named.
func (s Selection) scenarios() (list []ScenarioName, named bool, err error) {
	list, named = slices.Clone(s.Scenarios), true
	for _, name := range list {
		if !slices.Contains(Scenarios(), name) {
			return nil, false, unknownScenario(name)
		}
	}
	if len(list) == 0 {
		list = s.implied()
	}
	if len(list) == 0 {
		list, named = []ScenarioName{SingleStream, Offline}, false
	}
	if s.Sweep != nil && (s.Sweep.Scenario == Server && s.Rate != 0 || s.Sweep.Scenario == Concurrency && s.Concurrency != 0) {
		return nil, false, fmt.Errorf("%w: the sweep says the loads: leave out the rate, or the concurrency, or the sweep", ErrBadPlan)
	}
	if s.FindPeak && s.Sweep != nil {
		return nil, false, fmt.Errorf("%w: find-peak chooses the loads itself: leave out the sweep", ErrBadPlan)
	}
	for _, need := range []struct {
		given bool
		what  string
		of    []ScenarioName
	}{
		{s.Rate != 0 || s.RateEnd != 0 || s.Arrival != "" || s.Shape != 0, "a rate or an arrival process", []ScenarioName{Server}},
		{s.Concurrency != 0, "a concurrency", []ScenarioName{Concurrency}},
		{s.FindPeak, "find-peak", []ScenarioName{Server, Concurrency}},
		{s.Batching == devices.DynamicBatching || s.MaxWait != 0, "dynamic batching, with or without a max-wait,", []ScenarioName{Server, Concurrency}},
		{len(s.Limits) > 0, "a limit", []ScenarioName{SingleStream, Server, Concurrency}},
		{s.Sweep != nil, "the sweep", s.Sweep.of()},
	} {
		if need.given && !slices.ContainsFunc(list, func(n ScenarioName) bool { return slices.Contains(need.of, n) }) {
			return nil, false, fmt.Errorf("%w: %s needs --scenario %s", ErrBadPlan, need.what, either(need.of))
		}
	}
	return list, named, nil
}

func (s *Sweep) of() []ScenarioName {
	if s == nil {
		return nil
	}
	return []ScenarioName{s.Scenario}
}

func either(list []ScenarioName) string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return strings.Join(out, " or ")
}

// implied are the scenarios that a load speaks of.
func (s Selection) implied() []ScenarioName {
	var out []ScenarioName
	if s.Rate != 0 || s.RateEnd != 0 || s.Shape != 0 || s.Arrival != "" || s.Sweep != nil && s.Sweep.Scenario == Server {
		out = append(out, Server)
	}
	if s.Concurrency != 0 || s.Sweep != nil && s.Sweep.Scenario == Concurrency {
		out = append(out, Concurrency)
	}
	if s.FindPeak && len(out) == 0 {
		out = append(out, Server)
	}
	return out
}

// loads are the plan with what its scenario has, once for each load.
func (s Selection) loads(p Plan) []Plan {
	if p.Scenario != Server {
		p.Rate, p.RateEnd, p.Arrival, p.Shape = 0, 0, "", 0
	}
	if p.Scenario != Concurrency {
		p.Concurrency = 0
	}
	if p.Scenario != Server && p.Scenario != Concurrency {
		p.FindPeak, p.MaxWait = false, 0
		if p.Batching == devices.DynamicBatching {
			p.Batching = ""
		}
	}
	if p.Scenario == Offline || p.Scenario == MultiStream {
		p.Limits = nil
	}
	if p.Scenario == SingleStream {
		p.Replicas = 0
	}
	if s.Sweep == nil || s.Sweep.Scenario != p.Scenario {
		return []Plan{p}
	}
	var out []Plan
	for _, x := range s.Sweep.Values {
		if p.Scenario == Server {
			p.Rate = x
		} else {
			p.Concurrency = int(x)
		}
		out = append(out, p)
	}
	return out
}

const (
	maxConcurrency = 1 << 16
	maxReplicas    = 64
	maxMaxWait     = time.Minute
	leastRate      = 1.2e-5
	// mostNeeded is the number of queries that a limit may need in each run; p99.99 needs 66 361.
	mostNeeded = 100_000
)

func (p Plan) validArrivals() error {
	devs := 1 + len(p.Peers)
	switch {
	case p.Scenario == Server && p.Rate == 0 && !p.FindPeak:
		return fmt.Errorf("scenario %s needs the queries per second: give --rate, --sweep rate=... or --find-peak", Server)
	case p.Scenario == Server && (p.Rate > 0 && p.Rate < leastRate || p.RateEnd > 0 && p.RateEnd < leastRate):
		return fmt.Errorf("a rate below %v per second gives less than a query in a day", leastRate)
	case p.Scenario == Server:
		spec := p.schedule()
		if p.FindPeak && spec.Rate == 0 {
			spec.Rate = 1 // the search has its own
		}
		return spec.Validate()
	case p.Scenario == Concurrency && p.Concurrency == 0 && !p.FindPeak:
		return fmt.Errorf("scenario %s needs the samples in flight: give --concurrency, --sweep concurrency=... or --find-peak", Concurrency)
	case p.Concurrency < 0 || p.Concurrency > maxConcurrency:
		return fmt.Errorf("concurrency %d: from 1 to %d", p.Concurrency, maxConcurrency)
	case p.Scenario == Concurrency && p.Concurrency > 0 && p.Device != "" && p.Concurrency < devs: // in a wish devices are words
		return fmt.Errorf("concurrency %d for %d devices: at least one each", p.Concurrency, devs)
	}
	return nil
}

func (p Plan) validService() error {
	open := p.Scenario == Server || p.Scenario == Concurrency
	switch {
	case p.Batching != "" && p.Batching != devices.StaticBatching && p.Batching != devices.DynamicBatching:
		return fmt.Errorf("unknown batching %q: it is %s or %s", p.Batching, devices.StaticBatching, devices.DynamicBatching)
	case p.Batching == devices.StaticBatching && open && p.Options.Batch > 1:
		return fmt.Errorf("batch %d with %s batching in %s, which has one sample per query: use --batching %s", p.Options.Batch,
			devices.StaticBatching, p.Scenario, devices.DynamicBatching)
	case p.Scenario == MultiStream && p.Options.Batch > MultiStreamSamples:
		return fmt.Errorf("batch %d with %s, whose queries have %d samples", p.Options.Batch, MultiStream, MultiStreamSamples)
	case p.MaxWait < 0 || p.MaxWait > maxMaxWait:
		return fmt.Errorf("max-wait %s: from 0 to %s", p.MaxWait, maxMaxWait)
	case p.MaxWait > 0 && p.Options.Batch <= 1:
		return fmt.Errorf("max-wait %s with a batch of one sample, which waits for no other: give --batch", p.MaxWait)
	case p.Replicas < 0 || p.Replicas > maxReplicas:
		return fmt.Errorf("replicas %d: from 1 to %d", p.Replicas, maxReplicas)
	case p.Threads > runtime.NumCPU():
		return fmt.Errorf("threads %d: this program may use %d CPUs here", p.Threads, runtime.NumCPU())
	case p.Threads < 0 || p.Threads > 0 && p.Threads < p.Replicas:
		return fmt.Errorf("threads %d for %d replicas: at least one each", p.Threads, max(p.Replicas, 1))
	}
	return nil
}

func (p Plan) validLength() error {
	switch {
	case p.QueryDeadline < 0 || p.QueryDeadline > maxDuration:
		return fmt.Errorf("query-deadline %s: from 0 to %s", p.QueryDeadline, maxDuration)
	case p.TargetInterval == 0 && (p.MaxDuration > 0 || p.MaxRepeats > 0):
		return errors.New("max-duration and max-repeats are the caps of target-interval: give that, too")
	case p.TargetInterval == 0:
		return nil
	case !(p.TargetInterval > 0 && p.TargetInterval < 1):
		return errors.New("target-interval: give a share of the throughput between 0 and 100 %, such as 1%")
	case p.MaxDuration < p.Duration || p.MaxDuration > maxDuration:
		return fmt.Errorf("max-duration %s: from the duration, %s, to %s", p.MaxDuration, p.Duration, maxDuration)
	case p.MaxRepeats < p.Repeats || p.MaxRepeats > maxRepeats:
		return fmt.Errorf("max-repeats %d: from the repeats, %d, to %d", p.MaxRepeats, p.Repeats, maxRepeats)
	case p.Scenario == Server:
		return fmt.Errorf("target-interval with scenario %s, whose throughput the schedule dictates: leave one out", Server)
	case p.FindPeak:
		return errors.New("target-interval with find-peak, whose runs have a length of their own: leave one out")
	}
	return nil
}

func (p Plan) validLimits() error {
	for _, l := range p.Limits {
		if n, ok := stat.EarlyStoppingNeeds(l.Percentile, 1); p.FindPeak && (!ok || n > mostNeeded) {
			return fmt.Errorf("limit %s needs %d queries in each run of a search (at most %d): bound a lower percentile", l, n, mostNeeded)
		}
	}
	switch {
	case p.FindPeak && len(p.Limits) == 0:
		return errors.New("find-peak needs what latencies must keep to: give --limit, such as --limit p99=15ms")
	case p.FindPeak && p.RateEnd > 0:
		return errors.New("find-peak with a ramp, which has no one rate: leave one out")
	}
	return nil
}

// hasTokens refuses limits on tokens for a workload that gives none.
func (p Plan) hasTokens() error {
	for _, l := range p.Limits {
		if l.Metric == load.Latency {
			continue
		}
		// What is wrong with the workload itself is told elsewhere.
		if w, err := FindWorkload(p); err == nil && len(w.Phases) < 2 {
			return fmt.Errorf("%w: limit %s: %s gives no output tokens", ErrBadPlan, l, w.Name)
		}
	}
	return nil
}
