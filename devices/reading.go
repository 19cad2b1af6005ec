package devices

import (
	"context"
	"time"
)

// Reading is one sample of the sensors; nil means not measured. Counters have an arbitrary start, so that only differences
// between the readings of one opened device mean something.
type Reading struct {
	Time time.Time `json:"time"`
	// Phase is what the device computed at that time, for workloads of several phases; empty if unknown. Whoever samples the
	// sensors sets it.
	Phase string `json:"phase,omitempty"`
	// PowerWatts is the power now, or the shortest mean that the device gives; PowerSource names the sensor.
	PowerWatts  *float64 `json:"power_watts"`
	PowerSource string   `json:"power_source,omitempty"`
	// EnergyJoules is a counter; EnergySource names it. Energy within the scope of the device only: memory of a host is apart.
	EnergyJoules *float64 `json:"energy_joules"`
	EnergySource string   `json:"energy_source,omitempty"`
	// Ticked says that the energy counter was seen to change at Time, so that the energy is exact at that moment. Without it the
	// counter may be as old as its refresh takes. Whoever samples the sensors sets it.
	Ticked bool `json:"ticked,omitempty"`
	// PowerIntegralJoules is a counter: the trapezoids under PowerWatts, read more often than readings are kept. Whoever samples
	// the sensors sets it.
	PowerIntegralJoules *float64 `json:"power_integral_joules,omitempty"`
	// DRAMEnergyJoules is the counter of the host's memory beside a CPU; not part of EnergyJoules.
	DRAMEnergyJoules *float64 `json:"dram_energy_joules,omitempty"`
	// PowerAverageWatts is the device's own mean over its averaging time, a second on NVIDIA GPUs.
	PowerAverageWatts *float64 `json:"power_average_watts,omitempty"`
	// PowerLimitWatts is the limit enforced now.
	PowerLimitWatts *float64 `json:"power_limit_watts,omitempty"`
	// PowerPercent is the power as a share of the vendor's maximum, of vendors that publish no watts.
	PowerPercent *float64 `json:"power_percent,omitempty"`

	TemperatureC       *float64 `json:"temperature_c"`
	MemoryTemperatureC *float64 `json:"memory_temperature_c,omitempty"`
	// UtilizationPercent is the share of the time in which the device computed anything; 100 does not mean that all of it did.
	UtilizationPercent *float64 `json:"utilization_percent"`
	// MemoryUtilizationPercent is the share of the time in which the device's memory was read or written.
	MemoryUtilizationPercent *float64 `json:"memory_utilization_percent,omitempty"`
	// CoresActivePercent, TensorActivePercent and MemoryBandwidthPercent are how much of the device was at work since the last
	// reading: its processors, its matrix units, its memory's bandwidth.
	CoresActivePercent     *float64 `json:"cores_active_percent,omitempty"`
	TensorActivePercent    *float64 `json:"tensor_active_percent,omitempty"`
	MemoryBandwidthPercent *float64 `json:"memory_bandwidth_percent,omitempty"`
	ClockMHz               *float64 `json:"clock_mhz"`
	MemoryClockMHz         *float64 `json:"memory_clock_mhz"`
	MemoryUsedBytes        *uint64  `json:"memory_used_bytes"`
	// Processes counts the processes that use the device now, this one among them once it has loaded something there.
	Processes *int `json:"processes"`

	// Throttle lists the reasons for which clocks are held down now; nil means not known, empty means none.
	Throttle []string `json:"throttle"`
	// ThrottledSeconds are counters of the time for which clocks were held down, by reason, in the words of Throttle. Reasons
	// overlap, so that they do not add up.
	ThrottledSeconds map[string]float64 `json:"throttled_seconds,omitempty"`

	// PCIeGeneration and PCIeWidth are the link now; devices slow it down when they are idle.
	PCIeGeneration *int `json:"pcie_generation,omitempty"`
	PCIeWidth      *int `json:"pcie_width,omitempty"`
	// Counters of what the device sent and received.
	PCIeSentBytes       *uint64 `json:"pcie_sent_bytes,omitempty"`
	PCIeReceivedBytes   *uint64 `json:"pcie_received_bytes,omitempty"`
	NVLinkSentBytes     *uint64 `json:"nvlink_sent_bytes,omitempty"`
	NVLinkReceivedBytes *uint64 `json:"nvlink_received_bytes,omitempty"`

	// ECCUncorrected is a counter of memory errors that could not be corrected.
	ECCUncorrected *uint64 `json:"ecc_uncorrected,omitempty"`
	// RemapPending says that rows of the memory are to be replaced at the next reset.
	RemapPending *bool `json:"remap_pending,omitempty"`
	// Faults are the errors of the device that its driver reported since it was opened, as "Xid 79"; nil means not watched.
	Faults []string `json:"faults"`
	// ExecutionErrors is a counter of executions that the device's runtime calls failed.
	ExecutionErrors *uint64 `json:"execution_errors,omitempty"`
	// DeviceLatency is how long executions took by the runtime's own clock, of vendors that tell.
	DeviceLatency *DeviceLatency `json:"device_latency,omitempty"`

	// CPUSteal and CPUThrottled are counters in seconds: time taken by the hypervisor, time stopped by a cgroup quota.
	CPUStealSeconds     *float64 `json:"cpu_steal_seconds"`
	CPUThrottledSeconds *float64 `json:"cpu_throttled_seconds"`
}

// UntoldReason stands in Throttle for a reason that the device keeps to itself.
const UntoldReason = "untold-reason"

// DeviceLatency is the distribution of the times of single executions within the vendor's last period, in seconds.
type DeviceLatency struct {
	P50Seconds float64 `json:"p50_seconds"`
	P99Seconds float64 `json:"p99_seconds"`
}

// Meter is a Device whose power and energy can be read alone, cheaply enough to do so every millisecond. A Device that is no
// Meter is read as a whole.
type Meter interface {
	// ReadPower reads what there is of PowerWatts and EnergyJoules with their sources, and Time; all else is nil.
	ReadPower(ctx context.Context) (Reading, error)
}
