// Package spec holds what makers specify of accelerators: dense peaks by precision, memory, its bandwidth and power.
//
// The flow: a backend has the name that the vendor's software gives a device -> [Find] looks for the row of exactly that
// variant -> [Chip] goes into the device's description.
//
// The room's one rule: a name that is not in the table has no figures. Patterns match whole names, so that no vGPU
// profile, MIG slice, partition or neighbour passes for a chip, and what no source confirms says so.
package spec

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// Vendor is whose software gives the name: backends ask for their own.
type Vendor string

// The vendors of the table.
const (
	NVIDIA Vendor = "nvidia"
	AMD    Vendor = "amd"
	Neuron Vendor = "aws-neuron"
	TPU    Vendor = "google-tpu"
	Gaudi  Vendor = "intel-gaudi"
)

// The precisions of the table. FP8 is the 8-bit float format that the chip has.
const (
	f32  = "f32"
	tf32 = "tf32"
	bf16 = "bf16"
	f16  = "f16"
	fp8  = "fp8"
	int8 = "int8"
)

// The words for what is no precision, in lists of unverified values.
const (
	memory    = "memory"
	bandwidth = "bandwidth"
	power     = "power"
)

// row is one variant of a chip. Peaks are dense, without sparsity, in units of 1e12 operations per second.
type row struct {
	vendor Vendor
	// chip is the variant's common name.
	chip string
	// name matches the whole name as the vendor's software gives it, without a leading maker's or brand's word.
	name string
	tera map[string]float64
	// bytes is the nominal memory as the maker counts it, 0 if several variants share the name; below, gb and gib.
	bytes float64
	// perSecond is the bandwidth in bytes per second; 0 is unknown.
	perSecond float64
	// upTo, if not 0, is the memory in bytes up to which perSecond holds: one name, several memories.
	upTo uint64
	// watts is the design power; 0 is unknown.
	watts float64
	// unverified names the values that no source here confirms.
	unverified []string
	source     string
}

// Chip is what is specified of one variant; what is unknown is nil.
type Chip struct {
	// Name is the variant's common name: "H100 SXM", "TPU v5e".
	Name string
	// MemoryBytes is the nominal memory; makers' gigabytes are counted as 1e9 bytes.
	MemoryBytes *uint64
	// Flops are dense operations per second by precision: f32, tf32, bf16, f16, fp8, int8.
	Flops map[string]float64
	// BytesPerSecond is the bandwidth of the memory, TDPWatts the design power.
	BytesPerSecond, TDPWatts *float64
	Source                   string
	// Unverified names the values that no primary source confirms: precisions, memory, bandwidth, power.
	Unverified []string
}

// Find gives what is specified of the device of that name in the vendor's own spelling; false for a variant that is not in
// the table. size, if known, is the memory in bytes and tells apart variants that share a name.
func Find(vendor Vendor, name string, size *uint64) (Chip, bool) {
	short := name
	for _, brand := range brands[vendor] {
		if cut, ok := cutFold(short, brand); ok {
			short = cut
		}
	}
	for _, r := range table {
		if r.vendor == vendor && r.matches(short) {
			return r.chipOf(size), true
		}
	}
	return Chip{}, false
}

// brands are the words that may lead a name, in their order.
var brands = map[Vendor][]string{
	NVIDIA: {"NVIDIA ", "Tesla "},
	AMD:    {"AMD ", "Instinct "},
}

// cutFold cuts a prefix off, whatever its case: AMD writes INSTINCT and Instinct.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func (r row) matches(short string) bool {
	return regexp.MustCompile("^(?:" + r.name + ")$").MatchString(short)
}

func (r row) chipOf(size *uint64) Chip {
	c := Chip{Name: r.chip, Flops: map[string]float64{}, Source: r.source, Unverified: append([]string(nil), r.unverified...)}
	for precision, t := range r.tera {
		c.Flops[precision] = math.Round(t * 1e12)
	}
	if r.bytes > 0 {
		n := uint64(r.bytes)
		c.MemoryBytes = &n
	}
	if r.perSecond > 0 && (r.upTo == 0 || size != nil && *size <= r.upTo) {
		rate := math.Round(r.perSecond)
		c.BytesPerSecond = &rate
	}
	if r.watts > 0 {
		watts := r.watts
		c.TDPWatts = &watts
	}
	return c
}

// Peak is the chip's part of a device's description. It shares nothing with the Chip. It counts as unverified when a peak
// is; a design power that no source confirms does not make the peaks doubtful.
func (c Chip) Peak() *devices.SpecPeak {
	p := &devices.SpecPeak{Flops: maps.Clone(c.Flops), BytesPerSecond: copied(c.BytesPerSecond), TDPWatts: copied(c.TDPWatts), Source: c.Source}
	if len(c.Unverified) > 0 {
		p.Source += "; unverified: " + strings.Join(c.Unverified, ", ")
	}
	p.Unverified = slices.ContainsFunc(c.Unverified, func(what string) bool { return what != power && what != memory })
	return p
}

func copied(x *float64) *float64 {
	if x == nil {
		return nil
	}
	y := *x
	return &y
}
