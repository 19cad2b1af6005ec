package devices

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// JoinSeparator stands between the ids of devices that compute together: "nvml:0+nvml:1".
const JoinSeparator = "+"

// How the names and UUIDs of such devices are written as one.
const (
	nameSeparator = " + "
	uuidSeparator = ","
	manyOf        = "%d x "
)

// JoinedInfo describes devices of one kind that compute one thing together, as tensor parallelism has it: memory, cores and
// peaks are sums, nil where one is unknown, a detail is what all agree on, and one that is hidden hides them.
func JoinedInfo(members []Info) Info {
	info := members[0]
	if len(members) == 1 {
		return info
	}
	var ids, uuids, names, drivers []string
	for _, m := range members {
		ids, uuids, names, drivers = append(ids, m.ID), append(uuids, m.UUID), append(names, m.Name), append(drivers, m.Driver)
	}
	info.ID, info.Members, info.UUID = strings.Join(ids, JoinSeparator), ids, strings.Join(uuids, uuidSeparator)
	if slices.Contains(uuids, "") {
		info.UUID = ""
	}
	info.Name, info.Driver = strings.Join(names, nameSeparator), strings.Join(slices.Compact(drivers), ", ")
	if len(slices.Compact(names)) == 1 {
		info.Name = fmt.Sprintf(manyOf, len(members)) + members[0].Name
	}
	info.MemoryBytes = total(members, func(m Info) *uint64 { return m.MemoryBytes })
	info.Cores = total(members, func(m Info) *int { return m.Cores })
	info.Peak = joinedPeak(members)
	info.Hidden = ""
	for _, m := range members {
		if m.Hidden != "" && info.Hidden == "" {
			info.Hidden = m.ID + " is " + m.Hidden
		}
	}
	info.Details = slices.DeleteFunc(slices.Clone(info.Details), func(d Detail) bool {
		return slices.ContainsFunc(members, func(m Info) bool { return !slices.Contains(m.Details, d) })
	})
	return info
}

// MemberInfos describes the devices that info joins, by what is left of them in it: ids, UUIDs, names and what all agree on. Of a
// single device it is info itself.
func MemberInfos(info Info) []Info {
	n := len(info.Members)
	if n < 2 {
		return []Info{info}
	}
	uuids, names := strings.Split(info.UUID, uuidSeparator), strings.Split(info.Name, nameSeparator)
	if same, ok := strings.CutPrefix(info.Name, fmt.Sprintf(manyOf, n)); ok {
		names = slices.Repeat([]string{same}, n)
	}
	out := make([]Info, n)
	for i, id := range info.Members {
		out[i] = Info{Backend: info.Backend, ID: id, Details: info.Details}
		if len(names) == n {
			out[i].Name = names[i]
		}
		if len(uuids) == n {
			out[i].UUID = uuids[i]
		}
	}
	return out
}

// joinedPeak adds the peaks up, precision by precision; nil unless all are known.
func joinedPeak(members []Info) *SpecPeak {
	if slices.ContainsFunc(members, func(m Info) bool { return m.Peak == nil }) {
		return nil
	}
	sum := *members[0].Peak
	sum.Flops = maps.Clone(sum.Flops)
	sum.BytesPerSecond = total(members, func(m Info) *float64 { return m.Peak.BytesPerSecond })
	sum.TDPWatts = total(members, func(m Info) *float64 { return m.Peak.TDPWatts })
	for _, m := range members[1:] {
		sum.Unverified = sum.Unverified || m.Peak.Unverified
		for precision := range sum.Flops {
			if flops, ok := m.Peak.Flops[precision]; ok {
				sum.Flops[precision] += flops
			} else {
				delete(sum.Flops, precision)
			}
		}
	}
	return &sum
}

// total is the sum of what all have; nil if one has nothing.
func total[M any, N uint64 | int | float64](members []M, of func(M) *N) *N {
	var sum N
	for _, m := range members {
		x := of(m)
		if x == nil {
			return nil
		}
		sum += *x
	}
	return &sum
}

// extreme is the value of all that wins by better; nil if one has nothing.
func extreme[N uint64 | int | float64](members []Reading, of func(Reading) *N, better func(a, b N) bool) *N {
	var best *N
	for _, m := range members {
		x := of(m)
		if x == nil {
			return nil
		}
		if best == nil || better(*x, *best) {
			best = x
		}
	}
	return best
}

func less[N uint64 | int | float64](a, b N) bool    { return a < b }
func greater[N uint64 | int | float64](a, b N) bool { return a > b }

// Join makes one device of devices of one kind. It closes them. Its sensors are those of all: powers, energies and bytes are
// sums, a temperature is the highest, a clock, a utilisation or a link the lowest, a time of throttling that of the device that was
// throttled longest, and faults and throttling are anybody's.
func Join(members []Device) Device {
	if len(members) == 1 {
		return members[0]
	}
	var infos []Info
	for _, m := range members {
		infos = append(infos, m.Info())
	}
	return &joined{members: members, info: JoinedInfo(infos)}
}

type joined struct {
	members []Device
	info    Info
	// began are the counters of throttled time of the first reading that has any; nil before.
	began []map[string]float64
}

func (j *joined) Info() Info {
	info := j.info
	var unwatched []string
	for _, m := range j.members {
		if text := m.Info().Unwatched; text != "" && !slices.Contains(unwatched, text) {
			unwatched = append(unwatched, text)
		}
	}
	info.Unwatched = strings.Join(unwatched, "; ")
	return info
}

// Watch starts the sensors beside the work of the members that have such.
func (j *joined) Watch() {
	for _, m := range j.members {
		if w, ok := m.(Watcher); ok {
			w.Watch()
		}
	}
}

// Read reads the members one after another.
func (j *joined) Read(ctx context.Context) (Reading, error) {
	return j.each(func(d Device) (Reading, error) { return d.Read(ctx) })
}

// ReadPower reads the power of the members, whole readings of those that have no such thing.
func (j *joined) ReadPower(ctx context.Context) (Reading, error) {
	return j.each(func(d Device) (Reading, error) {
		if m, ok := d.(Meter); ok {
			return m.ReadPower(ctx)
		}
		return d.Read(ctx)
	})
}

func (j *joined) each(read func(Device) (Reading, error)) (Reading, error) {
	var all []Reading
	for _, m := range j.members {
		r, err := read(m)
		if err != nil {
			return Reading{Time: time.Now()}, err
		}
		all = append(all, r)
	}
	r := joinedReading(all)
	r.ThrottledSeconds = j.longest(all)
	return r, nil
}

func (j *joined) Close() error {
	var errs []error
	for _, m := range j.members {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}

func joinedReading(all []Reading) Reading {
	last := all[len(all)-1]
	r := Reading{Time: last.Time, Phase: last.Phase, PowerSource: last.PowerSource, EnergySource: last.EnergySource,
		PowerWatts:        total(all, func(r Reading) *float64 { return r.PowerWatts }),
		EnergyJoules:      total(all, func(r Reading) *float64 { return r.EnergyJoules }),
		PowerAverageWatts: total(all, func(r Reading) *float64 { return r.PowerAverageWatts }),
		PowerLimitWatts:   total(all, func(r Reading) *float64 { return r.PowerLimitWatts }),
		MemoryUsedBytes:   total(all, func(r Reading) *uint64 { return r.MemoryUsedBytes }),
		PCIeSentBytes:     total(all, func(r Reading) *uint64 { return r.PCIeSentBytes }), PCIeReceivedBytes: total(all, func(r Reading) *uint64 { return r.PCIeReceivedBytes }),
		NVLinkSentBytes: total(all, func(r Reading) *uint64 { return r.NVLinkSentBytes }), NVLinkReceivedBytes: total(all, func(r Reading) *uint64 { return r.NVLinkReceivedBytes }),
		ECCUncorrected: total(all, func(r Reading) *uint64 { return r.ECCUncorrected }),

		// Each member counts the failures of this process, wherever it computed.
		ExecutionErrors:    extreme(all, func(r Reading) *uint64 { return r.ExecutionErrors }, greater),
		PowerPercent:       extreme(all, func(r Reading) *float64 { return r.PowerPercent }, greater),
		TemperatureC:       extreme(all, func(r Reading) *float64 { return r.TemperatureC }, greater),
		MemoryTemperatureC: extreme(all, func(r Reading) *float64 { return r.MemoryTemperatureC }, greater),
		Processes:          extreme(all, func(r Reading) *int { return r.Processes }, greater),

		UtilizationPercent:       extreme(all, func(r Reading) *float64 { return r.UtilizationPercent }, less),
		MemoryUtilizationPercent: extreme(all, func(r Reading) *float64 { return r.MemoryUtilizationPercent }, less),
		CoresActivePercent:       extreme(all, func(r Reading) *float64 { return r.CoresActivePercent }, less),
		TensorActivePercent:      extreme(all, func(r Reading) *float64 { return r.TensorActivePercent }, less),
		MemoryBandwidthPercent:   extreme(all, func(r Reading) *float64 { return r.MemoryBandwidthPercent }, less),
		ClockMHz:                 extreme(all, func(r Reading) *float64 { return r.ClockMHz }, less),
		MemoryClockMHz:           extreme(all, func(r Reading) *float64 { return r.MemoryClockMHz }, less),
		PCIeGeneration:           extreme(all, func(r Reading) *int { return r.PCIeGeneration }, less),
		PCIeWidth:                extreme(all, func(r Reading) *int { return r.PCIeWidth }, less),
	}
	for _, m := range all {
		// The same sensor everywhere, or a sum of unlike things.
		if m.PowerSource != r.PowerSource {
			r.PowerWatts, r.PowerSource = nil, ""
		}
		if m.EnergySource != r.EnergySource {
			r.EnergyJoules, r.EnergySource = nil, ""
		}
		r.join(m)
	}
	return r
}

// longest gives for each reason that all members count the time of the one that was held down longest since the first reading: all
// wait for the slowest.
func (j *joined) longest(all []Reading) map[string]float64 {
	if j.began == nil && all[0].ThrottledSeconds != nil { // readings of the power have none
		for _, r := range all {
			j.began = append(j.began, r.ThrottledSeconds)
		}
	}
	var times map[string]float64
	for reason := range all[0].ThrottledSeconds {
		longest, counted := 0.0, true
		for i, r := range all {
			now, told := r.ThrottledSeconds[reason]
			then, before := j.began[i][reason]
			counted = counted && told && before
			longest = max(longest, now-then)
		}
		if counted {
			if times == nil {
				times = map[string]float64{}
			}
			times[reason] = longest
		}
	}
	return times
}

// join takes what is anybody's: faults and throttling.
func (r *Reading) join(m Reading) {
	if m.Throttle != nil {
		r.Throttle = union(r.Throttle, m.Throttle)
	}
	if m.Faults != nil {
		r.Faults = union(r.Faults, m.Faults)
	}
	if m.RemapPending != nil {
		pending := *m.RemapPending || r.RemapPending != nil && *r.RemapPending
		r.RemapPending = &pending
	}
}

// union adds what is new; never nil.
func union(have, more []string) []string {
	if have == nil {
		have = []string{}
	}
	for _, s := range more {
		if !slices.Contains(have, s) {
			have = append(have, s)
		}
	}
	return have
}
