package spec

const (
	sourceE = "stas00/ml-engineering compute/accelerator README, 744d01e"
	sourceL = "Lightning-AI/pytorch-lightning fabric utilities throughput.py"
	sourceT = "pytorch/torchtitan tools/utils.py"
	sourceA = "AWS Neuron SDK documentation, neuron-hardware pages"
	sourceG = "Google Cloud TPU documentation"
	sourceH = "Intel's Gaudi3 slides at Hot Chips"

	gb  = 1e9
	gib = 1 << 30
	tb  = 1e12
)

// table holds the variants whose figures are known. int8 counts integer operations. Where a source prints one figure for
// "BF16/FP16" both have it.
var table = []row{
	{vendor: NVIDIA, chip: "T4", name: `T4`, tera: map[string]float64{f16: 65, int8: 130},
		bytes: 16 * gb, perSecond: 0.32 * tb, watts: 70, unverified: []string{bandwidth, power}, source: sourceL},
	{vendor: NVIDIA, chip: "V100 SXM2 16 GB", name: `V100-SXM2-16GB`, tera: map[string]float64{f16: 125},
		bytes: 16 * gb, perSecond: 0.90 * tb, watts: 300, unverified: []string{bandwidth, power}, source: sourceL},
	{vendor: NVIDIA, chip: "V100 SXM2 32 GB", name: `V100-SXM2-32GB`, tera: map[string]float64{f16: 125},
		bytes: 32 * gb, perSecond: 0.90 * tb, watts: 300, unverified: []string{bandwidth, power}, source: sourceL},
	{vendor: NVIDIA, chip: "V100 PCIe 16 GB", name: `V100-PCIE-16GB`, tera: map[string]float64{f16: 112},
		bytes: 16 * gb, perSecond: 0.90 * tb, watts: 250, unverified: []string{bandwidth, power}, source: sourceL},
	{vendor: NVIDIA, chip: "V100 PCIe 32 GB", name: `V100-PCIE-32GB`, tera: map[string]float64{f16: 112},
		bytes: 32 * gb, perSecond: 0.90 * tb, watts: 250, unverified: []string{bandwidth, power}, source: sourceL},
	// Sources that list 125 mean the A10, which is another chip.
	{vendor: NVIDIA, chip: "A10G", name: `A10G`, tera: map[string]float64{bf16: 70, f16: 70, int8: 140},
		bytes: 24 * gb, perSecond: 0.60 * tb, watts: 300, unverified: []string{bf16, f16, int8, bandwidth, power}, source: "from memory"},
	{vendor: NVIDIA, chip: "L4", name: `L4`, tera: map[string]float64{bf16: 121, f16: 121, fp8: 242.5, int8: 242.5},
		bytes: 24 * gb, perSecond: 0.30 * tb, watts: 72, source: "an encyclopedia's quotation of the maker's sheet, halved from sparse"},
	{vendor: NVIDIA, chip: "L40S", name: `L40S`, tera: map[string]float64{bf16: 362, f16: 362, fp8: 733, int8: 733},
		bytes: 48 * gb, perSecond: 0.864 * tb, watts: 350, source: sourceE},
	{vendor: NVIDIA, chip: "A100 SXM 40 GB", name: `A100-SXM4-40GB`, tera: map[string]float64{bf16: 312, f16: 312, int8: 624},
		bytes: 40 * gb, perSecond: 1.555 * tb, watts: 400, unverified: []string{bandwidth}, source: sourceE + "; " + sourceL},
	{vendor: NVIDIA, chip: "A100 SXM 80 GB", name: `A100-SXM4-80GB`, tera: map[string]float64{bf16: 312, f16: 312, int8: 624},
		bytes: 80 * gb, perSecond: 2.04 * tb, watts: 400, source: sourceE},
	{vendor: NVIDIA, chip: "A100 PCIe 80 GB", name: `A100 80GB PCIe`, tera: map[string]float64{bf16: 312, f16: 312, int8: 624},
		bytes: 80 * gb, perSecond: 1.94 * tb, watts: 300, source: sourceE},
	{vendor: NVIDIA, chip: "H100 SXM", name: `H100 80GB HBM3`, tera: map[string]float64{bf16: 989.5, f16: 989.5, fp8: 1979, int8: 1979},
		bytes: 80 * gb, perSecond: 3.35 * tb, watts: 700, source: sourceE + "; " + sourceL},
	{vendor: NVIDIA, chip: "H100 PCIe", name: `H100 PCIe|H100 80GB HBM2e`, tera: map[string]float64{bf16: 756.5, f16: 756.5, fp8: 1513, int8: 1513},
		bytes: 80 * gb, perSecond: 2.0 * tb, watts: 350, unverified: []string{power}, source: sourceE + "; " + sourceL},
	{vendor: NVIDIA, chip: "H100 NVL", name: `H100 NVL`, tera: map[string]float64{bf16: 835, f16: 835, fp8: 1671, int8: 1671},
		bytes: 94 * gb, perSecond: 3.9 * tb, watts: 400, unverified: []string{fp8, int8}, source: sourceT + "; " + sourceE},
	{vendor: NVIDIA, chip: "H200 SXM", name: `H200`, tera: map[string]float64{bf16: 989.5, f16: 989.5, fp8: 1979, int8: 1979},
		bytes: 141 * gb, perSecond: 4.8 * tb, watts: 700, source: sourceE},
	// The int8 figure at hand is that of the SXM variant, so the NVL variant has none.
	{vendor: NVIDIA, chip: "H200 NVL", name: `H200 NVL`, tera: map[string]float64{bf16: 835, f16: 835, fp8: 1671},
		bytes: 141 * gb, perSecond: 4.8 * tb, watts: 600, unverified: []string{bf16, f16, fp8}, source: sourceE},
	// The name is that of the GPU with the size of the CPU's memory. The larger GPU memory is given as 4.8 to 4.9 TB/s,
	// which is no figure, and the power is what is configured.
	{vendor: NVIDIA, chip: "GH200", name: `GH200(?: \d+GB?(?: HBM3e)?)?`, tera: map[string]float64{bf16: 989.5, f16: 989.5, fp8: 1979, int8: 1979},
		perSecond: 4.0 * tb, upTo: 110e9, source: sourceE},
	{vendor: NVIDIA, chip: "B200", name: `B200`, tera: map[string]float64{bf16: 2250, f16: 2250, fp8: 4500, int8: 4500},
		bytes: 180 * gb, perSecond: 8.0 * tb, watts: 1000, source: sourceE},
	{vendor: NVIDIA, chip: "GB200", name: `GB200`, tera: map[string]float64{bf16: 2500, f16: 2500, fp8: 5000, int8: 5000},
		bytes: 186 * gb, perSecond: 8.0 * tb, watts: 1200, source: sourceE},
	// int8 of the Ultra generation is doubtful in the source, so it is left out here; the power is 1000 W in one place and
	// 1400 W in another.
	{vendor: NVIDIA, chip: "B300", name: `B300(?: SXM6 AC)?`, tera: map[string]float64{bf16: 2250, f16: 2250, fp8: 4500},
		bytes: 288 * gb, perSecond: 8.0 * tb, source: sourceE},
	{vendor: NVIDIA, chip: "GB300", name: `GB300`, tera: map[string]float64{bf16: 2500, f16: 2500, fp8: 5000},
		bytes: 288 * gb, perSecond: 8.0 * tb, watts: 1400, source: sourceE},
	{vendor: NVIDIA, chip: "RTX 6000 Ada", name: `RTX 6000 Ada Generation`, tera: map[string]float64{bf16: 364, f16: 364, fp8: 728, int8: 728},
		bytes: 48 * gb, perSecond: 0.96 * tb, watts: 300, unverified: []string{bf16, f16, fp8, int8, bandwidth, power}, source: "from memory"},
	{vendor: NVIDIA, chip: "RTX PRO 6000 Blackwell Server Edition", name: `RTX PRO 6000 Blackwell Server Edition`,
		tera:  map[string]float64{bf16: 500, f16: 500, fp8: 1000, int8: 1000},
		bytes: 96 * gb, perSecond: 1.6 * tb, watts: 600, unverified: []string{bf16, f16, fp8, int8, bandwidth}, source: "from memory, rounded; power: " + sourceE},

	// An MI250X shows as two devices, each with half of the figures that are printed for the package.
	{vendor: AMD, chip: "MI250X, one of its two dies", name: `MI250X(?: \(MCM\) OAM AC MBA)?`, tera: map[string]float64{bf16: 191.5, f16: 191.5, int8: 191.5},
		bytes: 64 * gb, perSecond: 1.64 * tb, source: sourceE + ", halved"},
	{vendor: AMD, chip: "MI300X", name: `MI300X(?: OAM)?`, tera: map[string]float64{bf16: 1307, f16: 1307, fp8: 2615, int8: 2615},
		bytes: 192 * gb, perSecond: 5.3 * tb, watts: 750, source: sourceE},
	{vendor: AMD, chip: "MI325X", name: `MI325X(?: OAM)?`, tera: map[string]float64{bf16: 1307, f16: 1307, fp8: 2615, int8: 2615},
		bytes: 256 * gb, perSecond: 6.0 * tb, watts: 1000, source: sourceE},
	{vendor: AMD, chip: "MI355X", name: `MI355X(?: OAM)?`, tera: map[string]float64{bf16: 2500, f16: 2500, fp8: 5000, int8: 5000},
		bytes: 288 * gb, perSecond: 8.0 * tb, watts: 1400, source: sourceE},

	// AWS publishes no design power. fp8 is cFP8, or MXFP8 on Trainium3.
	{vendor: Neuron, chip: "Inferentia1", name: `Inferentia1`, tera: map[string]float64{bf16: 64, f16: 64, int8: 128},
		bytes: 8 * gib, perSecond: 50 * gib, source: sourceA},
	{vendor: Neuron, chip: "Inferentia2", name: `Inferentia2`, tera: map[string]float64{f32: 47.5, tf32: 190, bf16: 190, f16: 190, fp8: 190, int8: 380},
		bytes: 32 * gib, perSecond: 820 * gib, source: sourceA},
	// Another page of the same documentation gives 191 for bf16.
	{vendor: Neuron, chip: "Trainium1", name: `Trainium1`, tera: map[string]float64{f32: 47.5, bf16: 190, f16: 190, fp8: 190, int8: 380},
		bytes: 32 * gib, perSecond: 820 * gib, source: sourceA},
	{vendor: Neuron, chip: "Trainium2", name: `Trainium2`, tera: map[string]float64{f32: 181, bf16: 667, f16: 667, fp8: 1299},
		bytes: 96 * gib, perSecond: 2.9 * tb, source: sourceA},
	{vendor: Neuron, chip: "Trainium3", name: `Trainium3`, tera: map[string]float64{f32: 183, bf16: 671, f16: 671, fp8: 2517},
		bytes: 144 * gib, perSecond: 4.9 * tb, source: sourceA},

	{vendor: TPU, chip: "TPU v4", name: `TPU v4`, tera: map[string]float64{bf16: 275, int8: 275},
		bytes: 32 * gb, perSecond: 1.2 * tb, source: sourceE},
	// int8 is printed as 393 and as 394.
	{vendor: TPU, chip: "TPU v5e", name: `TPU v5e`, tera: map[string]float64{bf16: 197, int8: 393},
		bytes: 16 * gb, perSecond: 0.819 * tb, source: sourceG},
	// The chip has no fp8 of its own.
	{vendor: TPU, chip: "TPU v5p", name: `TPU v5p`, tera: map[string]float64{bf16: 459, int8: 918},
		bytes: 95 * gb, perSecond: 2.765 * tb, source: sourceG + "; " + sourceE},
	{vendor: TPU, chip: "TPU v6e", name: `TPU v6e`, tera: map[string]float64{bf16: 918, fp8: 918, int8: 1836},
		bytes: 32 * gb, perSecond: 1.638 * tb, source: sourceG},
	{vendor: TPU, chip: "TPU7x", name: `TPU7x`, tera: map[string]float64{bf16: 2307, fp8: 4614},
		bytes: 192 * gib, perSecond: 7.38 * tb, unverified: []string{bandwidth}, source: sourceG},

	{vendor: Gaudi, chip: "Gaudi2", name: `HL-225`, tera: map[string]float64{bf16: 432, fp8: 865},
		bytes: 96 * gb, perSecond: 2.46 * tb, watts: 600, source: sourceE + "; " + sourceH},
	// The power is 900 W with air and 1200 W with liquid, which the name does not tell.
	{vendor: Gaudi, chip: "Gaudi3", name: `HL-325L?`, tera: map[string]float64{bf16: 1835, fp8: 1835},
		bytes: 128 * gb, perSecond: 3.67 * tb, source: sourceE + "; " + sourceH + "; white paper, the shipped clock of 1.6 GHz makes it 1677"},
}
