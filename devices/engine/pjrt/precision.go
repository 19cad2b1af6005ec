package pjrt

import (
	"fmt"
	"strconv"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/engine/pjrt/plugin"
	"github.com/accelbench/accelbench/workloads"
)

// computes is nil if the device's hardware has the precision, or nothing is known against it: then the compiler has the last
// word. Sources: NVIDIA's CUDA programming guide, arithmetic by compute capability.
func computes(dev devices.Info, platform plugin.Platform, precision string) error {
	if platform != plugin.CUDA {
		return nil
	}
	least := map[string]float64{workloads.BFloat16: 8.0, workloads.Float8: 8.9}[precision]
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
