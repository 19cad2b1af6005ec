package nvml

import "slices"

// The numbers of fields in nvml.h, with the units of their values.
const (
	fieldPerfPower         = 74  // ns
	fieldPerfThermal       = 75  // ns
	fieldPerfSyncBoost     = 76  // ns
	fieldPerfBoardLimit    = 77  // ns
	fieldPerfLowUse        = 78  // ns
	fieldPerfReliability   = 79  // ns
	fieldMemoryTemperature = 82  // degrees Celsius
	fieldEnergy            = 83  // mJ since the driver was loaded
	fieldNVLinkSent        = 138 // KiB
	fieldNVLinkReceived    = 139 // KiB
	fieldRemapPending      = 144 // 0 or 1
	fieldNVLinkSpeed       = 164 // MB/s, of the link in the scope
	fieldPowerAverage      = 185 // mW, over a second
	fieldPowerInstant      = 186 // mW
	fieldPowerMin          = 187 // mW
	fieldPowerMax          = 188 // mW
	fieldPowerDefault      = 189 // mW
	fieldPowerEnforced     = 190 // mW
	fieldPowerRequested    = 192 // mW
	fieldPCIeSent          = 197 // bytes, may start again
	fieldPCIeReceived      = 198 // bytes, may start again
	fieldSoftwareThermal   = 269 // ns
	fieldHardwareThermal   = 270 // ns
	fieldPowerBrake        = 271 // ns
)

// allLinks is the scope that adds up the links. Unverified: no machine with NVLink was at hand.
const allLinks = 0xffffffff

// throttledFields are the counters of the time for which clocks were held down, in the words of throttleBits. Where two tell
// of one reason the later one counts, which says more precisely what it is.
var throttledFields = []struct {
	id   uint32
	word string
}{
	{fieldPerfPower, "power-cap"},
	{fieldPerfThermal, "thermal"},
	{fieldPerfSyncBoost, "sync-boost"},
	{fieldPerfBoardLimit, "board-limit"},
	{fieldPerfLowUse, "low-utilization"},
	{fieldPerfReliability, "reliability"},
	{fieldSoftwareThermal, "thermal"},
	{fieldHardwareThermal, "hardware-thermal"},
	{fieldPowerBrake, "hardware-power-brake"},
}

// powerFields are read alone to find the tick of the counter.
var powerFields = []field{{id: fieldEnergy}, {id: fieldPowerInstant}}

// sampledFields are those of a reading besides.
func sampledFields() []field {
	fields := []field{
		{id: fieldPowerAverage}, {id: fieldPowerEnforced}, {id: fieldMemoryTemperature}, {id: fieldRemapPending},
		{id: fieldPCIeSent}, {id: fieldPCIeReceived}, {fieldNVLinkSent, allLinks}, {fieldNVLinkReceived, allLinks},
	}
	for _, t := range throttledFields {
		fields = append(fields, field{id: t.id})
	}
	return fields
}

// fieldReader asks one GPU for fields. A field, or the function, that GPU, driver or user lacks is asked for once.
type fieldReader struct {
	sensors sensors
	lacking map[field]bool
	none    bool
}

func newFieldReader(g gpu) *fieldReader {
	return &fieldReader{sensors: g.Sensors(), lacking: map[field]bool{}}
}

// read gives the values of the fields that there are, and the worst code of those that should have been.
func (r *fieldReader) read(wanted []field) (map[field]uint64, code) {
	asked := slices.DeleteFunc(slices.Clone(wanted), func(f field) bool { return r.lacking[f] })
	if r.none || len(asked) == 0 {
		return nil, codeOK
	}
	replies, c := r.sensors.Fields(asked)
	if c != codeOK {
		r.none = c.isLasting()
		if c.isMissing() {
			c = codeOK
		}
		return nil, c
	}
	values, worst := map[field]uint64{}, codeOK
	for i, f := range asked {
		switch c := replies[i].code; {
		case c == codeOK:
			values[f] = replies[i].value
		case c.isLasting():
			r.lacking[f] = true
		case !c.isMissing() && !worst.isFatal():
			worst = c
		}
	}
	return values, worst
}
