package compare

import "github.com/accelbench/accelbench/bench/stat"

// The defaults.
const (
	// Tolerance is the relative change that is too small to matter.
	Tolerance = 0.03
	// Confidence is that of the intervals before they are adjusted, and 1 minus the family-wise rate of false verdicts.
	Confidence = 0.95
)

// Direction tells which way a metric is better. It belongs to the metric.
type Direction string

// The directions.
const (
	Higher Direction = "higher"
	Lower  Direction = "lower"
)

// Method is how the ratio of two series is estimated.
type Method string

// Mean compares means by Student's t on logarithms, from two runs a side. Rank compares by order statistics of the ratios, from
// six runs a side: for percentiles, and for whatever has no normal distribution.
const (
	Mean Method = "mean"
	Rank Method = "rank"
)

// Least is the fewest runs of each side, or rounds of both, that an interval is given for.
func (m Method) Least() int {
	if m == Rank {
		return 6
	}
	return 2
}

// Centre is what stands for the figures of runs: their median by ranks, else their geometric mean. ok is false for none, and for those
// that have no logarithm.
func (m Method) Centre(xs []float64) (x float64, ok bool) {
	mean, ok := stat.GeometricMean(xs)
	if !ok || m != Rank {
		return mean, ok
	}
	return stat.Median(xs)
}

// Shift is an estimated difference of logarithms, of [stat.TShift] or [stat.RankShift].
type Shift interface {
	Estimate() float64
	Interval(confidence float64) (low, high float64, ok bool)
	Level(edge float64) float64
}

// Metric is what was measured: throughput, latency.p99, or a unit of Go's benchmark format.
type Metric struct {
	Name   string    `json:"name"`
	Unit   string    `json:"unit"`
	Better Direction `json:"better"` // empty where it is not known; such a one is shown and never gated
	Method Method    `json:"method"`
	// Follows names the metric from which this one is computed; such a one is shown and never gated. Empty for what was measured.
	Follows string `json:"follows,omitempty"`
}

// Value is the figure of one run, above 0. Round ties runs of both sides together that an interleaved comparison made next to
// each other; 0 for others.
type Value struct {
	X     float64 `json:"x"`
	Round int     `json:"round,omitempty"`
}

// Series are the figures of one metric in the runs of a subject. Missing says why there are none, or which runs lack it.
type Series struct {
	Metric  Metric  `json:"metric"`
	Values  []Value `json:"values"`
	Missing string  `json:"missing,omitempty"`
}

// Field is a word about the circumstances of runs.
type Field struct {
	Name string `json:"name"`
	// Value is empty where it is not known.
	Value string `json:"value"`
	// Identity says that runs which are known to differ in it are not comparable without being asked for (the device, its engine,
	// the machine); of the others (versions, drivers, kernel) it is shown that they differ.
	Identity bool `json:"identity,omitempty"`
}

// Subject is what one side measured of one thing: the runs that are repeats of each other. Subjects of both sides with the same
// key are compared: the key says what was computed and how that was asked for, the fields what computed it. Where a side has several of
// one key, those are compared whose fields of identity are equal.
type Subject struct {
	Key    string   `json:"key"`
	Name   string   `json:"name"` // for readers
	Fields []Field  `json:"fields"`
	Series []Series `json:"series"`
	// Runs are all runs, Bad those without figures: failed, invalid or interrupted. Reasons has why, each once.
	Runs    int      `json:"runs"`
	Bad     int      `json:"bad"`
	Reasons []string `json:"reasons,omitempty"`
	// IDs are those of the runs that are results; empty for what another program measured.
	IDs []string `json:"-"`
}

// Options say how to compare. The zero value has the defaults.
type Options struct {
	// Tolerance is the relative change that is too small to matter; 0 stands for [Tolerance].
	Tolerance float64
	// Confidence of the family of gated intervals; 0 stands for [Confidence].
	Confidence float64
	// Gate names the metrics that decide. Empty stands for throughput and latency.p99, or, where a subject has neither, all its
	// metrics that follow from no other.
	Gate []string
	// Mixed compares subjects that differ in a field of their identity.
	Mixed bool
	// Unpaired ignores rounds. Without it runs are compared within rounds where both sides have them.
	Unpaired bool
}

// Verdict of a metric, a case or a comparison.
type Verdict string

// A metric has regressed (improved) when its interval lies wholly beyond the tolerance on the worse (better) side, is unchanged
// when it lies wholly within, and is undecided otherwise.
const (
	Regressed Verdict = "regressed"
	Improved  Verdict = "improved"
	Unchanged Verdict = "unchanged"
	Undecided Verdict = "undecided"
)

// Verdicts are all of them, the worst first.
func Verdicts() []Verdict { return []Verdict{Regressed, Undecided, Improved, Unchanged} }

// Interval is that of a ratio, head over base.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Delta is what became of one metric of one case.
type Delta struct {
	Metric Metric `json:"metric"`
	Gated  bool   `json:"gated"`
	// Base and Head are the geometric means (of [Mean]) or medians (of [Rank]) over the runs.
	Base     float64 `json:"base"`
	Head     float64 `json:"head"`
	BaseRuns int     `json:"base_runs"`
	HeadRuns int     `json:"head_runs"`
	// Paired tells that the ratio is that within rounds. Runs and figures are then those of the rounds that both sides have.
	Paired bool `json:"paired"`
	// Ratio is head over base: within rounds if it is Paired, and by ranks in the case of [Rank], so that it need not be Head over
	// Base exactly. Nil if Base is 0 and Head is not; Reason then says from what to what.
	Ratio *float64 `json:"ratio"`
	// Interval is at Confidence: that which Holm's procedure gives a gated metric, else the unadjusted one. Nil with too few
	// runs; Reason then says how many are needed.
	Interval   *Interval `json:"interval"`
	Confidence float64   `json:"confidence"`
	Verdict    Verdict   `json:"verdict"`
	// Needs is how many further runs of each side would decide at the noise seen; nil if it is decided, or if no reasonable
	// number would, which Reason says.
	Needs  *int   `json:"needs_runs"`
	Reason string `json:"reason,omitempty"`
}

// Difference is a field in which the sides of a case differ.
type Difference struct {
	Field    string `json:"field"`
	Base     string `json:"base"`
	Head     string `json:"head"`
	Identity bool   `json:"identity"`
}

// Case is one subject on both sides.
type Case struct {
	Name        string       `json:"name"`
	Base        Subject      `json:"-"`
	Head        Subject      `json:"-"`
	Deltas      []Delta      `json:"deltas"`
	Differences []Difference `json:"differences,omitempty"`
	Verdict     Verdict      `json:"verdict"`
}

// Problem is something that could not be compared, and so is no pass. Refused ones could be with [Options.Mixed].
type Problem struct {
	Case    string `json:"case"`
	Metric  string `json:"metric,omitempty"`
	Text    string `json:"text"`
	Refused bool   `json:"refused,omitempty"`
}

// Comparison is that of two sides.
type Comparison struct {
	Tolerance  float64  `json:"tolerance"`
	Confidence float64  `json:"confidence"`
	Gate       []string `json:"gate"`
	Cases      []Case   `json:"cases"`
	// New are the subjects of head that base has not: nothing to compare with, and no problem.
	New      []string  `json:"new,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
	// Notes say what was left out and why that is no problem: a metric that neither side has.
	Notes []string `json:"notes,omitempty"`
	// Verdict is the worst of the gated metrics: regressed before undecided before improved before unchanged; undecided when
	// nothing was compared.
	Verdict Verdict `json:"verdict"`
}
