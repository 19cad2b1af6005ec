package nvml

import (
	"maps"
	"math"
	"regexp"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

const (
	sourceE = "stas00/ml-engineering compute/accelerator README, 744d01e"
	sourceL = "Lightning-AI/pytorch-lightning fabric utilities throughput.py"
	sourceT = "pytorch/torchtitan tools/utils.py"
)

// chip is one variant of a GPU. The numbers are dense, without sparsity, in units of 1e12 per second.
type chip struct {
	// name matches the whole NVML name without its leading maker or brand word, so that no vGPU profile, MIG slice or
	// neighbour passes for the chip.
	name *regexp.Regexp
	tera map[string]float64
	// bandwidth is in 1e12 bytes per second; 0 is unknown.
	bandwidth float64
	// bandwidthUpTo, if not 0, is the memory in bytes up to which the bandwidth holds: one name, several memories.
	bandwidthUpTo uint64
	// unverified names the values that no source here confirms.
	unverified []string
	source     string
}

func named(pattern string) *regexp.Regexp { return regexp.MustCompile("^(?:" + pattern + ")$") }

// chips holds the variants whose numbers are known. int8 counts integer operations. Where a source prints one number for
// "BF16/FP16" both keys have it.
var chips = []chip{
	{name: named(`T4`), tera: map[string]float64{"f16": 65, "int8": 130}, bandwidth: 0.32,
		unverified: []string{"bandwidth"}, source: sourceL},
	{name: named(`V100-SXM2-(16|32)GB`), tera: map[string]float64{"f16": 125}, bandwidth: 0.90,
		unverified: []string{"bandwidth"}, source: sourceL},
	{name: named(`V100-PCIE-(16|32)GB`), tera: map[string]float64{"f16": 112}, bandwidth: 0.90,
		unverified: []string{"bandwidth"}, source: sourceL},
	{name: named(`A10G`), tera: map[string]float64{"bf16": 70, "f16": 70, "int8": 140}, bandwidth: 0.60,
		unverified: []string{"bf16", "f16", "int8", "bandwidth"}, source: "from memory"},
	{name: named(`L4`), tera: map[string]float64{"bf16": 121, "f16": 121, "f8": 242.5, "int8": 242.5}, bandwidth: 0.30,
		source: "an encyclopedia's quotation of the maker's sheet, halved from sparse"},
	{name: named(`L40S`), tera: map[string]float64{"bf16": 362, "f16": 362, "f8": 733, "int8": 733}, bandwidth: 0.864, source: sourceE},
	{name: named(`A100-SXM4-40GB`), tera: map[string]float64{"bf16": 312, "f16": 312, "int8": 624}, bandwidth: 1.555,
		unverified: []string{"bandwidth"}, source: sourceE + "; " + sourceL},
	{name: named(`A100-SXM4-80GB`), tera: map[string]float64{"bf16": 312, "f16": 312, "int8": 624}, bandwidth: 2.04, source: sourceE},
	{name: named(`A100 80GB PCIe`), tera: map[string]float64{"bf16": 312, "f16": 312, "int8": 624}, bandwidth: 1.94, source: sourceE},
	{name: named(`H100 80GB HBM3`), tera: map[string]float64{"bf16": 989.5, "f16": 989.5, "f8": 1979, "int8": 1979}, bandwidth: 3.35,
		source: sourceE + "; " + sourceL},
	{name: named(`H100 PCIe|H100 80GB HBM2e`), tera: map[string]float64{"bf16": 756.5, "f16": 756.5, "f8": 1513, "int8": 1513}, bandwidth: 2.0,
		source: sourceE + "; " + sourceL},
	{name: named(`H100 NVL`), tera: map[string]float64{"bf16": 835, "f16": 835, "f8": 1671, "int8": 1671}, bandwidth: 3.9,
		unverified: []string{"f8", "int8"}, source: sourceT + "; " + sourceE},
	{name: named(`H200`), tera: map[string]float64{"bf16": 989.5, "f16": 989.5, "f8": 1979, "int8": 1979}, bandwidth: 4.8, source: sourceE},
	// The int8 figure at hand is that of the SXM variant, so the NVL variant has none.
	{name: named(`H200 NVL`), tera: map[string]float64{"bf16": 835, "f16": 835, "f8": 1671}, bandwidth: 4.8,
		unverified: []string{"bf16", "f16", "f8"}, source: sourceE},
	// The larger memory is given as 4.8 to 4.9 TB/s, which is no number.
	{name: named(`GH200( .*)?`), tera: map[string]float64{"bf16": 989.5, "f16": 989.5, "f8": 1979, "int8": 1979}, bandwidth: 4.0,
		bandwidthUpTo: 110e9, source: sourceE},
	{name: named(`B200`), tera: map[string]float64{"bf16": 2250, "f16": 2250, "f8": 4500, "int8": 4500}, bandwidth: 8.0, source: sourceE},
	{name: named(`GB200`), tera: map[string]float64{"bf16": 2500, "f16": 2500, "f8": 5000, "int8": 5000}, bandwidth: 8.0, source: sourceE},
	// int8 of the Ultra generation is doubtful in the source, so it is left out here.
	{name: named(`B300( SXM6 AC)?`), tera: map[string]float64{"bf16": 2250, "f16": 2250, "f8": 4500}, bandwidth: 8.0, source: sourceE},
	{name: named(`GB300`), tera: map[string]float64{"bf16": 2500, "f16": 2500, "f8": 5000}, bandwidth: 8.0, source: sourceE},
	{name: named(`RTX 6000 Ada Generation`), tera: map[string]float64{"bf16": 364, "f16": 364, "f8": 728, "int8": 728}, bandwidth: 0.96,
		unverified: []string{"bf16", "f16", "f8", "int8", "bandwidth"}, source: "from memory"},
	{name: named(`RTX PRO 6000 Blackwell Server Edition`), tera: map[string]float64{"bf16": 500, "f16": 500, "f8": 1000, "int8": 1000}, bandwidth: 1.6,
		unverified: []string{"bf16", "f16", "f8", "int8", "bandwidth"}, source: "from memory, rounded"},
}

// specified gives the maker's dense peak of the GPU of that NVML name: nil for a variant that is not in the table, never the
// numbers of a neighbour. memory, if known, tells apart variants that share a name.
func specified(name string, memory *uint64) *devices.SpecPeak {
	short := strings.TrimPrefix(strings.TrimPrefix(name, "NVIDIA "), "Tesla ")
	for _, c := range chips {
		if !c.name.MatchString(short) {
			continue
		}
		p := &devices.SpecPeak{Flops: maps.Clone(c.tera), Source: c.source, Unverified: len(c.unverified) > 0}
		for precision := range p.Flops {
			p.Flops[precision] = math.Round(c.tera[precision] * 1e12)
		}
		if c.bandwidthUpTo == 0 || memory != nil && *memory <= c.bandwidthUpTo {
			bytes := math.Round(c.bandwidth * 1e12)
			p.BytesPerSecond = &bytes
		}
		if p.Unverified {
			p.Source += "; unverified: " + strings.Join(c.unverified, ", ")
		}
		return p
	}
	return nil
}
