package spec

import (
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestFind(t *testing.T) {
	size := func(n float64) *uint64 { u := uint64(n); return &u }
	for _, c := range []struct {
		vendor     Vendor
		name       string
		size       *uint64
		chip       string
		f16        float64 // bf16 where there is no f16
		bandwidth  float64 // 0 is nil
		watts      float64 // 0 is nil
		unverified bool
	}{
		{NVIDIA, "NVIDIA H100 80GB HBM3", nil, "H100 SXM", 989.5e12, 3.35e12, 700, false},
		{NVIDIA, "NVIDIA H100 PCIe", nil, "H100 PCIe", 756.5e12, 2.0e12, 350, false},
		{NVIDIA, "NVIDIA H100 80GB HBM2e", nil, "H100 PCIe", 756.5e12, 2.0e12, 350, false},
		{NVIDIA, "NVIDIA H100 NVL", nil, "H100 NVL", 835e12, 3.9e12, 400, true},
		{NVIDIA, "NVIDIA H200", nil, "H200 SXM", 989.5e12, 4.8e12, 700, false},
		{NVIDIA, "NVIDIA H200 NVL", nil, "H200 NVL", 835e12, 4.8e12, 600, true},
		{NVIDIA, "NVIDIA GH200 480GB", size(102e9), "GH200", 989.5e12, 4.0e12, 0, false},
		{NVIDIA, "NVIDIA GH200 144G HBM3e", size(150e9), "GH200", 989.5e12, 0, 0, false},
		{NVIDIA, "NVIDIA GH200 480GB", nil, "GH200", 989.5e12, 0, 0, false},
		{NVIDIA, "A100-SXM4-40GB", nil, "A100 SXM 40 GB", 312e12, 1.555e12, 400, true},
		{NVIDIA, "NVIDIA A100-SXM4-80GB", nil, "A100 SXM 80 GB", 312e12, 2.04e12, 400, false},
		{NVIDIA, "NVIDIA A100 80GB PCIe", nil, "A100 PCIe 80 GB", 312e12, 1.94e12, 300, false},
		{NVIDIA, "Tesla V100-SXM2-16GB", nil, "V100 SXM2 16 GB", 125e12, 0.9e12, 300, true},
		{NVIDIA, "Tesla V100-PCIE-32GB", nil, "V100 PCIe 32 GB", 112e12, 0.9e12, 250, true},
		{NVIDIA, "Tesla T4", nil, "T4", 65e12, 0.32e12, 70, true},
		{NVIDIA, "NVIDIA A10G", nil, "A10G", 70e12, 0.6e12, 300, true},
		{NVIDIA, "NVIDIA L4", nil, "L4", 121e12, 0.3e12, 72, false},
		{NVIDIA, "NVIDIA L40S", nil, "L40S", 362e12, 0.864e12, 350, false},
		{NVIDIA, "NVIDIA B200", nil, "B200", 2250e12, 8e12, 1000, false},
		{NVIDIA, "NVIDIA GB200", nil, "GB200", 2500e12, 8e12, 1200, false},
		{NVIDIA, "NVIDIA B300 SXM6 AC", nil, "B300", 2250e12, 8e12, 0, false},
		{NVIDIA, "NVIDIA GB300", nil, "GB300", 2500e12, 8e12, 1400, false},
		{NVIDIA, "NVIDIA RTX 6000 Ada Generation", nil, "RTX 6000 Ada", 364e12, 0.96e12, 300, true},
		{NVIDIA, "NVIDIA RTX PRO 6000 Blackwell Server Edition", nil, "RTX PRO 6000 Blackwell Server Edition", 500e12, 1.6e12, 600, true},
		{AMD, "AMD Instinct MI300X", nil, "MI300X", 1307e12, 5.3e12, 750, false},
		{AMD, "AMD Instinct MI325X OAM", nil, "MI325X", 1307e12, 6.0e12, 1000, false},
		{AMD, "AMD INSTINCT MI250X (MCM) OAM AC MBA", nil, "MI250X, one of its two dies", 191.5e12, 1.64e12, 0, false},
		{Neuron, "Inferentia1", nil, "Inferentia1", 64e12, 50 * gib, 0, false},
		{Neuron, "Inferentia2", nil, "Inferentia2", 190e12, 820 * gib, 0, false},
		{Neuron, "Trainium1", nil, "Trainium1", 190e12, 820 * gib, 0, false},
		{Neuron, "Trainium2", nil, "Trainium2", 667e12, 2.9e12, 0, false},
		{Neuron, "Trainium3", nil, "Trainium3", 671e12, 4.9e12, 0, false},
		{TPU, "TPU v5e", nil, "TPU v5e", 197e12, 0.819e12, 0, false},
		{TPU, "TPU7x", nil, "TPU7x", 2307e12, 7.38e12, 0, true},
		{Gaudi, "HL-225", nil, "Gaudi2", 432e12, 2.46e12, 600, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, known := Find(c.vendor, c.name, c.size)
			require.True(t, known)
			require.Equal(t, c.chip, found.Name)
			peak := found.Peak()
			f := peak.Flops["f16"]
			if f == 0 {
				f = peak.Flops["bf16"]
			}
			require.Equal(t, c.f16, f)
			requireFigure(t, c.bandwidth, peak.BytesPerSecond)
			requireFigure(t, c.watts, peak.TDPWatts)
			require.Equal(t, c.unverified, peak.Unverified)
			require.NotEmpty(t, peak.Source)
		})
	}
}

// requireFigure takes 0 for unknown.
func requireFigure(t *testing.T, want float64, got *float64) {
	t.Helper()
	if want == 0 {
		require.Nil(t, got)
		return
	}
	require.NotNil(t, got)
	require.Equal(t, want, *got)
}

// TestNeighboursHaveNoFigures lists names that are near a row and another product, or a part of one.
func TestNeighboursHaveNoFigures(t *testing.T) {
	for vendor, names := range map[Vendor][]string{
		NVIDIA: {"", "NVIDIA", "NVIDIA A10", "NVIDIA L40", "NVIDIA H100 64GB HBM2", "NVIDIA H100", "NVIDIA A100-PCIE-40GB",
			"NVIDIA A100-SXM4-40GB MIG 1g.5gb", "GRID A100D-10C", "NVIDIA GeForce RTX 4090", "Tesla V100-SXM3-32GB", "NVIDIA H20",
			"NVIDIA H100 80GB HBM3 MIG 1g.10gb", "NVIDIA GH2000", "MI300X", "NVIDIA B300 SXM6 AC MIG 1g.34gb", "HL-225"},
		AMD: {"", "AMD", "AMD Instinct MI300A", "AMD Instinct MI300X VF", "AMD Instinct MI250X/MI250", "AMD Instinct MI250", "AMD Instinct MI308X",
			"AMD Radeon RX 7900 XTX", "AMD Instinct MI350X", "AMD GPU (gfx942)", "NVIDIA H200"},
		Neuron: {"", "Trainium", "Inferentia", "Neuron device", "Trainium4", "trn1"},
		TPU:    {"", "TPU", "TPU v2", "TPU v3", "TPU v5", "TPU v6", "v5e"},
		Gaudi:  {"", "HL-205", "HL-2255", "HL-325X", "Gaudi2"},
	} {
		for _, name := range names {
			_, known := Find(vendor, name, nil)
			require.False(t, known, "%s %q", vendor, name)
		}
	}
}

// TestNoTwoRowsMatchOneName draws names from the patterns themselves.
func TestNoTwoRowsMatchOneName(t *testing.T) {
	for _, r := range table {
		rapid.Check(t, func(t *rapid.T) {
			name := rapid.StringMatching(r.name).Draw(t, "name")
			var matching []string
			for _, other := range table {
				if other.vendor == r.vendor && other.matches(name) {
					matching = append(matching, other.chip)
				}
			}
			require.Equal(t, []string{r.chip}, matching, name)
		})
	}
}

func TestRowsAreSane(t *testing.T) {
	vendors := map[Vendor]bool{NVIDIA: true, AMD: true, Neuron: true, TPU: true, Gaudi: true}
	words := map[string]bool{memory: true, bandwidth: true, power: true}
	for _, p := range []string{f32, tf32, bf16, f16, fp8, int8} {
		words[p] = true
	}
	chips := map[string]bool{}
	for _, r := range table {
		require.True(t, vendors[r.vendor], r.chip)
		require.False(t, chips[r.chip], "%s twice", r.chip)
		chips[r.chip] = true
		require.NotEmpty(t, r.source, r.chip)
		require.NotEmpty(t, r.tera, r.chip)
		parsed, err := syntax.Parse(r.name, syntax.Perl)
		require.NoError(t, err, r.chip)
		require.Zero(t, parsed.MaxCap(), "%s: groups that nobody reads", r.chip)
		for precision, tera := range r.tera {
			require.True(t, words[precision], "%s: %s", r.chip, precision)
			require.True(t, tera >= 10 && tera <= 10000, "%s: %s: %v", r.chip, precision, tera)
		}
		for _, what := range r.unverified {
			require.True(t, words[what], "%s: %s", r.chip, what)
			_, isPeak := r.tera[what]
			require.True(t, isPeak || what == bandwidth || what == power || what == memory, "%s has no %s to be unverified", r.chip, what)
		}
		require.True(t, r.perSecond > 0 && r.perSecond < 20*tb, r.chip)
		// No precision is faster than one of half its width, and none more than four times slower.
		for _, pair := range [][2]string{{f32, bf16}, {bf16, fp8}, {bf16, int8}} {
			wide, narrow := r.tera[pair[0]], r.tera[pair[1]]
			if wide > 0 && narrow > 0 {
				require.GreaterOrEqual(t, narrow, wide, "%s: %v", r.chip, pair)
				require.Less(t, narrow, 4.1*wide, "%s: %v: one of them is sparse?", r.chip, pair)
			}
		}
	}
}

// TestPeakIsACopy guards the table against a caller that changes what it got.
func TestPeakIsACopy(t *testing.T) {
	c, _ := Find(NVIDIA, "NVIDIA L4", nil)
	p := c.Peak()
	p.Flops["f16"], *p.TDPWatts = 1, 1
	require.Equal(t, 121e12, c.Flops["f16"])
	again, _ := Find(NVIDIA, "NVIDIA L4", nil)
	require.Equal(t, 121e12, again.Peak().Flops["f16"])
	require.Equal(t, 72.0, *again.Peak().TDPWatts)
}

func FuzzFind(f *testing.F) {
	for _, r := range table {
		f.Add(string(r.vendor), r.name, uint64(80e9))
	}
	f.Fuzz(func(t *testing.T, vendor, name string, size uint64) {
		c, known := Find(Vendor(vendor), name, &size)
		if known && (c.Source == "" || strings.Contains(name, "MIG ")) {
			t.Fatalf("%q: %+v", name, c)
		}
	})
}
