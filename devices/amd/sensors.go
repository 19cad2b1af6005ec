package amd

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// How many units of a file make one of a Reading.
const (
	milliC = 1e3 // thousandths of degrees
	micro  = 1e6 // microwatts, microjoules, and hertz in megahertz
)

// readSensors fills a reading from the driver's files; what is not there stays nil. The names of hwmon's files are the
// kernel's convention; which of them a GPU has was not seen on hardware (unverified).
func readSensors(root fs.FS, folder string, r *devices.Reading) {
	for _, file := range []string{"power1_average", "power1_input"} {
		if r.PowerWatts = scaledFile(root, folder, file, micro); r.PowerWatts != nil {
			r.PowerSource = "hwmon_" + file
			break
		}
	}
	if r.EnergyJoules = scaledFile(root, folder, "energy1_input", micro); r.EnergyJoules != nil {
		r.EnergySource = "hwmon_energy1_input"
	}
	r.PowerLimitWatts = scaledFile(root, folder, "power1_cap", micro)
	sensors := labelled(root, folder, "temp")
	r.TemperatureC = pick(root, sensors, milliC, "edge", "junction", "")
	r.MemoryTemperatureC = pick(root, sensors, milliC, "mem")
	clocks := labelled(root, folder, "freq")
	r.ClockMHz = pick(root, clocks, micro, "sclk")
	r.MemoryClockMHz = pick(root, clocks, micro, "mclk")
	r.UtilizationPercent = percent(root, folder+"/gpu_busy_percent")
	r.MemoryUtilizationPercent = percent(root, folder+"/mem_busy_percent")
	r.MemoryUsedBytes = sysfiles.Uint(root, folder+"/mem_info_vram_used")
	speed, _ := sysfiles.Text(root, folder+"/current_link_speed")
	r.PCIeGeneration = generation(speed)
	if width := sysfiles.Uint(root, folder+"/current_link_width"); width != nil && *width > 0 && *width <= 32 {
		n := int(*width)
		r.PCIeWidth = &n
	}
}

// scaledFile reads a number of the GPU's hwmon folder of which so many units make one of the Reading.
func scaledFile(root fs.FS, folder, file string, unit float64) *float64 {
	if root == nil {
		return nil
	}
	files, _ := fs.Glob(root, folder+"/hwmon/hwmon*/"+file)
	for _, f := range files {
		if v := number(root, f, unit); v != nil {
			return v
		}
	}
	return nil
}

func number(root fs.FS, file string, unit float64) *float64 {
	text, _ := sysfiles.Text(root, file)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 && unit != milliC {
		return nil
	}
	v := float64(n) / unit
	return &v
}

// labelled gives the sensors of a kind by their labels, "" for one without.
func labelled(root fs.FS, folder, kind string) map[string]string {
	if root == nil {
		return nil
	}
	found := map[string]string{}
	files, _ := fs.Glob(root, folder+"/hwmon/hwmon*/"+kind+"*_input")
	for _, f := range files {
		label, _ := sysfiles.Text(root, path.Join(path.Dir(f), strings.TrimSuffix(path.Base(f), "_input")+"_label"))
		if _, twice := found[label]; !twice {
			found[label] = f
		}
	}
	return found
}

// pick reads the first of the labels that there is.
func pick(root fs.FS, sensors map[string]string, unit float64, labels ...string) *float64 {
	for _, label := range labels {
		file, there := sensors[label]
		if !there {
			continue
		}
		if v := number(root, file, unit); v != nil && (unit != milliC || *v > -100 && *v < 1000) {
			return v
		}
	}
	return nil
}

func percent(root fs.FS, file string) *float64 {
	n := sysfiles.Uint(root, file)
	if n == nil || *n > 100 {
		return nil
	}
	v := float64(*n)
	return &v
}

// generation is that of a PCIe link of a speed as sysfs writes it: "16.0 GT/s PCIe".
func generation(speed string) *int {
	rate, _, _ := strings.Cut(speed, " ")
	for i, s := range []string{"2.5", "5.0", "8.0", "16.0", "32.0", "64.0"} {
		if rate == s {
			n := i + 1
			return &n
		}
	}
	return nil
}
