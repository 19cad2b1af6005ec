package cpu

import (
	"runtime"

	"github.com/klauspost/cpuid/v2"
)

// Silicon is what the running process can say about its processor without files.
type Silicon struct {
	Model, Vendor string
	// Flags are features in the Linux kernel's spelling, as far as SIMD lists them.
	Flags []string
	// CPUs is the number of logical CPUs that this process may use.
	CPUs int
}

// AskProcessor asks the processor on which it runs, with the CPUID instruction or the system's register of features.
func AskProcessor() Silicon {
	s := Silicon{Model: cpuid.CPU.BrandName, Vendor: cpuid.CPU.VendorString, CPUs: runtime.NumCPU()}
	for _, f := range simd {
		if f.id != cpuid.UNKNOWN && cpuid.CPU.Supports(f.id) {
			s.Flags = append(s.Flags, f.flag)
		}
	}
	return s
}

// simd pairs the kernel's spelling of a feature with the maker's, in the order of the list that people read. Only what
// matters to matrix kernels is here. The arm64 flag sme is not: on amd64 the same word is memory encryption.
var simd = []struct {
	flag, name string
	id         cpuid.FeatureID
}{
	{"sse4_2", "SSE4.2", cpuid.SSE42},
	{"avx", "AVX", cpuid.AVX},
	{"f16c", "F16C", cpuid.F16C},
	{"fma", "FMA", cpuid.FMA3},
	{"avx2", "AVX2", cpuid.AVX2},
	{"avx_vnni", "AVX-VNNI", cpuid.AVXVNNI},
	{"avx512f", "AVX512F", cpuid.AVX512F},
	{"avx512bw", "AVX512BW", cpuid.AVX512BW},
	{"avx512dq", "AVX512DQ", cpuid.AVX512DQ},
	{"avx512vl", "AVX512VL", cpuid.AVX512VL},
	{"avx512_vnni", "AVX512VNNI", cpuid.AVX512VNNI},
	{"avx512_bf16", "AVX512BF16", cpuid.AVX512BF16},
	{"avx512_fp16", "AVX512FP16", cpuid.AVX512FP16},
	{"amx_tile", "AMX-TILE", cpuid.AMXTILE},
	{"amx_int8", "AMX-INT8", cpuid.AMXINT8},
	{"amx_bf16", "AMX-BF16", cpuid.AMXBF16},
	{"amx_fp16", "AMX-FP16", cpuid.AMXFP16},
	{"asimd", "ASIMD", cpuid.ASIMD},
	{"asimdhp", "ASIMDHP", cpuid.ASIMDHP},
	{"asimddp", "ASIMDDP", cpuid.ASIMDDP},
	{"i8mm", "I8MM", cpuid.I8MM},
	{"bf16", "BF16", cpuid.BF16},
	{"sve", "SVE", cpuid.SVE},
	{"sve2", "SVE2", cpuid.SVE2},
	{"svei8mm", "SVE-I8MM", cpuid.UNKNOWN},
	{"svebf16", "SVE-BF16", cpuid.UNKNOWN},
	{"sme2", "SME2", cpuid.UNKNOWN},
}

// SIMD picks the vector and matrix extensions out of the kernel's feature flags, under the makers' names.
func SIMD(flags []string) []string {
	has := make(map[string]bool, len(flags))
	for _, f := range flags {
		has[f] = true
	}
	var names []string
	for _, f := range simd {
		if has[f.flag] {
			names = append(names, f.name)
		}
	}
	return names
}
