package pjrt

import (
	"fmt"
	"strconv"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
)

// The precisions that not every GPU has.
const (
	bfloat16 = "bf16"
	float8   = "fp8"
)

// computes is nil if the device's hardware has the precision, or nothing is known against it: then the compiler has the last
// word. Sources: NVIDIA's CUDA programming guide, arithmetic by compute capability.
func computes(dev devices.Info, platform plugin.Platform, precision string) error {
	if platform != plugin.CUDA {
		return nil
	}
	least := map[string]float64{bfloat16: 8.0, float8: 8.9}[precision]
	for _, d := range dev.Details {
		text, ok := d.Value.(string)
		if !ok || d.Name != "compute_capability" {
			continue
		}
		if have, err := strconv.ParseFloat(text, 64); err == nil && have < least {
			return fmt.Errorf("%w: %s needs compute capability %.1f, and %s has %s", devices.ErrUnsupported, precision, least, dev.ID, text)
		}
	}
	return nil
}
