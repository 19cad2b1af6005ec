package neuron

import (
	"maps"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

const (
	gib        = 1 << 30
	peakSource = "AWS Neuron SDK documentation, neuron-hardware pages"
)

// chip is one kind of chip. The numbers are of the whole chip and dense.
type chip struct {
	name string
	// deviceName is what the driver writes into info/architecture/device_name.
	deviceName    string
	physicalCores int
	// defaultLNC is how many physical cores make a logical one unless configured otherwise: 1 where that cannot be
	// configured, 0 where the default is not published.
	defaultLNC  int
	memoryBytes uint64
	// flops is in operations per second. f8 is the 8-bit float format that the chip has: cFP8, or MXFP8 on Trainium3.
	flops          map[string]float64
	bytesPerSecond float64
}

var (
	chipInferentia1 = chip{name: "Inferentia1", deviceName: "Inferentia", physicalCores: 4, defaultLNC: 1, memoryBytes: 8 * gib,
		flops: map[string]float64{"bf16": 64e12, "f16": 64e12, "int8": 128e12}, bytesPerSecond: 50 * gib}
	chipInferentia2 = chip{name: "Inferentia2", deviceName: "Inferentia2", physicalCores: 2, defaultLNC: 1, memoryBytes: 32 * gib,
		flops:          map[string]float64{"f32": 47.5e12, "bf16": 190e12, "f16": 190e12, "f8": 190e12, "int8": 380e12},
		bytesPerSecond: 820 * gib}
	// Another page of the same documentation gives 191 for bf16.
	chipTrainium1 = chip{name: "Trainium1", deviceName: "Trainium1", physicalCores: 2, defaultLNC: 1, memoryBytes: 32 * gib,
		flops:          map[string]float64{"f32": 47.5e12, "bf16": 190e12, "f16": 190e12, "f8": 190e12, "int8": 380e12},
		bytesPerSecond: 820 * gib}
	chipTrainium2 = chip{name: "Trainium2", deviceName: "Trainium2", physicalCores: 8, defaultLNC: 2, memoryBytes: 96 * gib,
		flops: map[string]float64{"f32": 181e12, "bf16": 667e12, "f16": 667e12, "f8": 1299e12}, bytesPerSecond: 2.9e12}
	chipTrainium3 = chip{name: "Trainium3", deviceName: "Trainium3", physicalCores: 8, defaultLNC: 0, memoryBytes: 144 * gib,
		flops: map[string]float64{"f32": 183e12, "bf16": 671e12, "f16": 671e12, "f8": 2517e12}, bytesPerSecond: 4.9e12}
)

// chipsByPCI is keyed by the PCI device id under Amazon's vendor id.
var chipsByPCI = map[string]*chip{
	"0x7064": &chipInferentia1, "0x7065": &chipInferentia1, "0x7066": &chipInferentia1, "0x7067": &chipInferentia1,
	"0x7164": &chipTrainium1,
	"0x7264": &chipInferentia2,
	"0x7364": &chipTrainium2,
	"0x7564": &chipTrainium3, "0x7565": &chipTrainium3,
}

// chipNamed finds a chip by the driver's name for it; nil if there is none.
func chipNamed(deviceName string) *chip {
	for _, c := range []*chip{&chipInferentia1, &chipInferentia2, &chipTrainium1, &chipTrainium2, &chipTrainium3} {
		if strings.EqualFold(c.deviceName, deviceName) {
			return c
		}
	}
	return nil
}

func (c *chip) peak() *devices.SpecPeak {
	bytes := c.bytesPerSecond
	return &devices.SpecPeak{Flops: maps.Clone(c.flops), BytesPerSecond: &bytes, Source: peakSource}
}

// Instance is what a type of cloud instance has.
type Instance struct {
	Type  string
	Chips int
	// LogicalCores is at the default size of a logical core.
	LogicalCores int
	VCPUs        int
	MemoryGiB    int
	// Unverified marks that VCPUs and MemoryGiB have no source.
	Unverified bool
}

// InstanceOf gives the facts of an instance type such as "trn1.32xlarge"; false if it is not known here. The types with
// Trainium3 are not: their sizes are not published.
func InstanceOf(name string) (Instance, bool) {
	for _, i := range instances {
		if i.Type == name {
			return i, true
		}
	}
	return Instance{}, false
}

var instances = []Instance{
	{Type: "inf1.xlarge", Chips: 1, LogicalCores: 4, VCPUs: 4, MemoryGiB: 8},
	{Type: "inf1.2xlarge", Chips: 1, LogicalCores: 4, VCPUs: 8, MemoryGiB: 16},
	{Type: "inf1.6xlarge", Chips: 4, LogicalCores: 16, VCPUs: 24, MemoryGiB: 48},
	{Type: "inf1.24xlarge", Chips: 16, LogicalCores: 64, VCPUs: 96, MemoryGiB: 192},
	{Type: "inf2.xlarge", Chips: 1, LogicalCores: 2, VCPUs: 4, MemoryGiB: 16},
	{Type: "inf2.8xlarge", Chips: 1, LogicalCores: 2, VCPUs: 32, MemoryGiB: 128},
	{Type: "inf2.24xlarge", Chips: 6, LogicalCores: 12, VCPUs: 96, MemoryGiB: 384},
	{Type: "inf2.48xlarge", Chips: 12, LogicalCores: 24, VCPUs: 192, MemoryGiB: 768},
	{Type: "trn1.2xlarge", Chips: 1, LogicalCores: 2, VCPUs: 8, MemoryGiB: 32},
	{Type: "trn1.32xlarge", Chips: 16, LogicalCores: 32, VCPUs: 128, MemoryGiB: 512},
	{Type: "trn1n.32xlarge", Chips: 16, LogicalCores: 32, VCPUs: 128, MemoryGiB: 512},
	{Type: "trn2.3xlarge", Chips: 1, LogicalCores: 4, VCPUs: 12, MemoryGiB: 128, Unverified: true},
	{Type: "trn2.48xlarge", Chips: 16, LogicalCores: 64, VCPUs: 192, MemoryGiB: 2048},
	{Type: "trn2u.48xlarge", Chips: 16, LogicalCores: 64, VCPUs: 192, MemoryGiB: 2048},
}
