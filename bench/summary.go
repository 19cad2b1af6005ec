package bench

import "github.com/accelbench/accelbench/bench/price"

// Interval is a confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Estimate is a figure over the valid runs of a row. Interval is the 95 % t-interval of the mean over runs, nil with fewer
// than two runs. Spread is (max-min)/mean, nil with fewer than two runs.
type Estimate struct {
	Value    float64   `json:"value"`
	Interval *Interval `json:"interval"`
	Spread   *float64  `json:"spread"`
	Runs     int       `json:"runs"`
	// Within is the interval of the one run of a row that has no other, by batch means: a lower bound of the uncertainty.
	Within *Interval `json:"within_run"`
}

// Quantile is a percentile of the merged latencies of a row's valid runs in nanoseconds: MLPerf's sorted[floor(n*p)].
// With too few samples Value is nil. Needs is the least number of samples that a value and its two-sided 95 % interval
// are shown for.
// Interval is the order-statistic interval of the merged sample: a lower bound of the uncertainty.
type Quantile struct {
	P        float64   `json:"p"`
	Value    *float64  `json:"value_ns"`
	Interval *Interval `json:"interval_ns"`
	Count    int64     `json:"count"`
	Needs    int64     `json:"needs"`
	// Bound is MLPerf's early-stopping estimate: with 99 % confidence, if the samples are independent, the percentile is not
	// above it. Nil with too few samples; BoundNeeds is how many it takes.
	Bound      *float64 `json:"early_stopping_ns"`
	BoundNeeds int64    `json:"early_stopping_needs"`
	// Runs is the median of the percentiles of the runs with its order-statistic interval: the one that counts. Nil with fewer
	// than six runs that have the percentile.
	Runs *RunsQuantile `json:"runs"`
}

// RunsQuantile is the median over runs of a percentile in nanoseconds.
type RunsQuantile struct {
	Median   float64  `json:"median_ns"`
	Interval Interval `json:"interval_ns"`
	Runs     int      `json:"runs"`
}

// Delivery is how the load was delivered in the valid runs of a row; nil without a schedule. Lateness is over the queries of all
// runs, the rates are means over runs in queries per second: offered is that of the schedule, issued that of the generator, answered
// that of the system. Awake is the share of the time in which the generator did not sleep: what it took of one CPU, at most.
type Delivery struct {
	Lateness Distribution `json:"lateness"`
	Offered  float64      `json:"offered_per_s"`
	Issued   float64      `json:"issued_per_s"`
	Answered float64      `json:"answered_per_s"`
	Awake    float64      `json:"awake"`
	Hashes   []string     `json:"schedule_hashes"`
}

// Occupancy is how full the batches were and how busy the sessions, over the valid runs of a row; nil where no session was behind
// a queue.
type Occupancy struct {
	SamplesPerBatch float64 `json:"samples_per_batch"`
	Busy            float64 `json:"busy"` // share of the time, mean over sessions
}

// LimitSummary is a limit over the runs of a row: the samples, those that missed it, and MLPerf's verdict on them all together. A row
// in which a run was ended because it missed a limit for certain has missed that limit.
type LimitSummary struct {
	Limit
	Samples int64 `json:"samples"`
	Over    int64 `json:"over"`
	Met     bool  `json:"met"`
}

// Energy is that of the device over the timed parts of the valid runs of a row. Source is "counter", the device's own, or
// "integrated" from its power readings; Method names the sensor: "nvml_energy_counter", "nvml_power_integral", "rapl_counter".
// Phases has the energy of each phase of a decoder, from the mean of the power readings in it and the time that it took; empty
// where a phase has too few readings.
type Energy struct {
	Joules        float64 `json:"joules"`
	Watts         float64 `json:"watts"` // mean
	JoulesPerUnit float64 `json:"joules_per_unit"`
	UnitsPerJoule float64 `json:"units_per_joule"`
	// UnitsPerSecondPerMW are units per second for each megawatt that the device takes, within the scope of its sensors.
	UnitsPerSecondPerMW float64 `json:"units_per_s_per_mw"`
	Source              string  `json:"source"`
	Method              string  `json:"method,omitempty"`
	// Ticked says that the counter was read when it changed, at both ends of every run.
	Ticked bool `json:"ticked,omitempty"`
	// CrossCheck is how much more the integral of the power is than the counter, over the counter; nil if only one was read.
	CrossCheck *float64 `json:"cross_check"`
	// IdleWatts is the power with nothing loaded. It is not subtracted from anything.
	IdleWatts *float64      `json:"idle_watts"`
	Phases    []PhaseEnergy `json:"phases,omitempty"`
}

// SystemEnergy is what the whole machine takes at the throughput of a row, by the power that the user gave.
type SystemEnergy struct {
	Watts               float64 `json:"watts"`
	JoulesPerUnit       float64 `json:"joules_per_unit"`
	UnitsPerSecondPerMW float64 `json:"units_per_s_per_mw"`
}

// PhaseEnergy is the part of a phase.
type PhaseEnergy struct {
	Name     string  `json:"name"`
	Joules   float64 `json:"joules"`
	Watts    float64 `json:"watts"`
	Readings int     `json:"readings"`
}

// Distribution is what a row shows of a latency.
type Distribution struct {
	P50 Quantile `json:"p50"`
	P90 Quantile `json:"p90"`
	P99 Quantile `json:"p99"`
	Max float64  `json:"max_ns"`
}

// Share is a share of a peak: 0.5 is half, the mean over the valid runs, each against the peak in its own result. Nil where
// the peak or the workload's cost is unknown, and for a measured peak that does not stand for what the engine had: one in
// f32 for a workload of another precision, or one reached with another number of threads.
type Share struct {
	MeasuredFLOPs *float64 `json:"measured_flops"`
	MeasuredBytes *float64 `json:"measured_bytes"`
	// MFU and MBU are against the specified dense peak and bandwidth.
	MFU *float64 `json:"mfu"`
	MBU *float64 `json:"mbu"`
}

// Summary is one row of a report: the runs of one identity (device, engine, workload, precision, batch and lengths,
// scenario) of one host, and what follows from them. Figures come from runs that are ok and valid; Invalid, Failed and
// so on count the others.
type Summary struct {
	Results []Result `json:"-"`
	// First is the first valid run, or the first of all when none is valid.
	First Result `json:"first"`
	// Status is ok if any run is valid and ok, else the worst of the runs: failed before interrupted, unsupported and ok.
	// A row of nothing but invalid runs is therefore ok with Valid 0.
	Status      Status   `json:"status"`
	Reasons     []string `json:"reasons,omitempty"` // of runs that are not ok or not valid, each once
	Valid       int      `json:"valid"`
	Invalid     int      `json:"invalid"`
	Failed      int      `json:"failed"`
	Unsupported int      `json:"unsupported"`
	Interrupted int      `json:"interrupted"`
	// Ended counts runs of a search that were ended when a limit was missed for certain: they tell that, and give no figures.
	Ended      int       `json:"ended"`
	Throughput *Estimate `json:"throughput"` // units per second
	// Invalidated is the throughput of the invalid and ended runs of a row that has no valid one: a hint at the size of the figure,
	// which enters no headline, no price and no comparison.
	Invalidated *Estimate     `json:"invalidated,omitempty"`
	Latency     *Distribution `json:"latency"`
	TTFT        *Distribution `json:"ttft"`
	TPOT        *Distribution `json:"tpot"`
	Share       Share         `json:"share"`
	Delivery    *Delivery     `json:"delivery"`
	Occupancy   *Occupancy    `json:"occupancy"`
	// Limits are judged over all runs that measured, valid or not.
	Limits []LimitSummary `json:"limits,omitempty"`
	Energy *Energy        `json:"energy"`
	// Unmetered says why Energy is nil, if something can be said.
	Unmetered string        `json:"unmetered,omitempty"`
	System    *SystemEnergy `json:"system_energy"`
	// UnderLoad is the state of the device while it worked; nil if it told nothing.
	UnderLoad *UnderLoad `json:"under_load"`
	// Price is that of the whole instance; Performance.Price is the part of it that the row bears.
	Price *price.Price `json:"price"`
	// Performance is nil without a price or without a valid run; Unpriced then says why.
	Performance *price.Performance `json:"performance"`
	Unpriced    string             `json:"unpriced,omitempty"`
	// Warnings are about the figures and do not invalidate them.
	Warnings []string `json:"warnings,omitempty"`
}
