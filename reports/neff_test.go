package reports

import (
	"testing"

	"github.com/accelbench/accelbench/workloads/neff"
)

func TestNEFFGoldens(t *testing.T) {
	f := &neff.File{
		Header: neff.Header{PackageVersion: 2, DataSize: 3 << 20, Major: 2, Minor: 1, BuildVersion: "2.24.5133.0", UUID: [16]byte{1, 2}, Name: "file.neff",
			RequestedCores: 2, FeatureBits: 33, LogicalCoreSize: 2},
		Gzipped: true, HashMatches: true,
		Members: []neff.Member{{Name: "neff.json", Size: 4000}, {Name: "sg00/PE.bin", Size: 5 << 20}},
		Signature: &neff.Signature{
			Inputs:  []neff.Tensor{{Name: "input0", Type: "f32", Shape: []int64{1, 3, 224, 224}}, {Name: "n", Type: "i32"}},
			Outputs: []neff.Tensor{{Name: "output0", Type: "bf16", Shape: []int64{1, 1000}}},
		},
	}
	f.CoresPerNode[0], f.CoresPerNode[1] = 2, 1
	goldens(t, "neff/known", NEFF("net.neff", f))

	damaged := &neff.File{Header: neff.Header{PackageVersion: 1, DataSize: 10}, Unknown: "the archive has no neff.json"}
	goldens(t, "neff/unknown", NEFF("bad.neff", damaged))
}
