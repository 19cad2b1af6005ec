package libnrt

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/accelbench/accelbench/workloads"
)

// The structures of the C API, as they lie in memory.
type (
	cVersion struct {
		major, minor, patch, maintenance uint64
		detail                           [128]byte
		git                              [64]byte
	}
	cInstance struct {
		family, size uint32
		arch         [16]byte
		revision     [8]byte
	}
	cMemory struct {
		used, limit uint64
	}
	cTensorInfo struct {
		name  [256]byte
		usage int32
		_     [4]byte
		size  uint64
		dtype int32
		_     [4]byte
		shape uintptr // of uint32
		ndim  uint32
		_     [4]byte
	}
)

// The library's constants.
const (
	noFramework     = 1
	placementDevice = 0
	usageInput      = 0
	usageOutput     = 1
	autoCount       = ^uintptr(0) // -1
)

// Limits of what is believed of the library.
const (
	maxTensors = 1 << 16
	maxDims    = 32
)

// Instance is the kind of machine, by the runtime's names.
type Instance struct {
	Family   string // trn1, inf2 and so on; "family 99" for one that is not known here
	Arch     string
	Revision string
}

func (c *cInstance) instance() Instance {
	families := []string{1: "inf1", 2: "trn1", 3: "trn1n", 4: "inf2", 5: "trn2", 6: "trn2n", 7: "inf2e", 8: "trn2p", 9: "trn2u",
		10: "trn2e", 11: "trn2eu", 12: "trn2ac", 13: "trn2uac", 14: "trn3", 15: "trn3pds98"}
	out := Instance{Family: fmt.Sprintf("family %d", c.family), Arch: cText(c.arch[:]), Revision: cText(c.revision[:])}
	if i := int(c.family); i < len(families) && families[i] != "" {
		out.Family = families[i]
	}
	return out
}

func (c *cVersion) String() string {
	text := fmt.Sprintf("%d.%d.%d.%d", c.major, c.minor, c.patch, c.maintenance)
	if detail := cText(c.detail[:]); c.major|c.minor|c.patch|c.maintenance == 0 && detail != "" {
		return detail
	}
	return text
}

// cText is an array of characters up to its zero.
func cText(b []byte) string {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	return strings.ToValidUTF8(string(b), "?")
}

// TensorInfo is an input or output of a model.
type TensorInfo struct {
	Name  string
	Input bool
	Bytes int64
	// DType is the type of the elements; empty for those that no tensor of a workload has, which Type then names.
	DType workloads.DType
	Type  string
	Shape []int
}

// dtypeOf is the type behind a number of the library.
func dtypeOf(code int32) (workloads.DType, string) {
	switch code {
	case 0x1:
		return workloads.U64, "u64"
	case 0x2:
		return workloads.I8, "i8"
	case 0x3:
		return workloads.U8, "u8"
	case 0x4:
		return workloads.I16, "i16"
	case 0x5:
		return workloads.U16, "u16"
	case 0x6:
		return workloads.BF16, "bf16"
	case 0x7:
		return workloads.F16, "f16"
	case 0x8:
		return workloads.I32, "i32"
	case 0x9:
		return workloads.U32, "u32"
	case 0xa:
		return workloads.F32, "f32"
	case 0xb:
		return "", "fp32r"
	case 0xc:
		return workloads.I64, "i64"
	case 0xd:
		return "", "f8e3m4"
	case 0xe:
		return "", "f8e4m3"
	case 0xf:
		return "", "f8e5m2"
	}
	return "", fmt.Sprintf("type %d", code)
}
