package neuron

import (
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/spec"
)

const gib = 1 << 30

// chip is one kind of chip. The numbers are of the whole chip; what its maker specifies of its speed is in devices/spec.
type chip struct {
	name string
	// deviceName is what the driver writes into info/architecture/device_name.
	deviceName    string
	physicalCores int
	// defaultLNC is how many physical cores make a logical one unless configured otherwise: 1 where that cannot be
	// configured, 0 where the default is not published.
	defaultLNC  int
	memoryBytes uint64
}

var (
	chipInferentia1 = chip{name: "Inferentia1", deviceName: "Inferentia", physicalCores: 4, defaultLNC: 1, memoryBytes: 8 * gib}
	chipInferentia2 = chip{name: "Inferentia2", deviceName: "Inferentia2", physicalCores: 2, defaultLNC: 1, memoryBytes: 32 * gib}
	chipTrainium1   = chip{name: "Trainium1", deviceName: "Trainium1", physicalCores: 2, defaultLNC: 1, memoryBytes: 32 * gib}
	chipTrainium2   = chip{name: "Trainium2", deviceName: "Trainium2", physicalCores: 8, defaultLNC: 2, memoryBytes: 96 * gib}
	chipTrainium3   = chip{name: "Trainium3", deviceName: "Trainium3", physicalCores: 8, defaultLNC: 0, memoryBytes: 144 * gib}
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
	found, known := spec.Find(spec.Neuron, c.name, nil)
	if !known {
		return nil
	}
	return found.Peak()
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
