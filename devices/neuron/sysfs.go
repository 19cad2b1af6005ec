package neuron

import (
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readWord gives a file's text without the white space around it; empty if it cannot be read. Some files are for root
// only, depending on the driver's version, and some end without a newline.
func readWord(root fs.FS, path string) string {
	data, err := fs.ReadFile(root, path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(data), "?"))
}

// readCount reads a counter.
func readCount(root fs.FS, path string) *uint64 { return parseCount(readWord(root, path)) }

func parseCount(s string) *uint64 {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// coreFolders lists the folders of the physical cores.
func coreFolders(root fs.FS, device string) []string {
	entries, _ := fs.ReadDir(root, device)
	var found []string
	for _, e := range entries {
		if _, ok := numberAfter("neuron_core", e.Name()); ok {
			found = append(found, device+"/"+e.Name())
		}
	}
	return found
}

// physicalCores reads the number of cores, or counts their folders where the file is for root only.
func physicalCores(root fs.FS, device string) *int {
	n := len(coreFolders(root, device))
	if count := readCount(root, device+"/core_count"); count != nil && *count > 0 && *count <= maxCores {
		n = int(*count)
	}
	if n == 0 {
		return nil
	}
	return &n
}

// memoryUsed adds the memory in use over the cores. In this tree "total" is the value now, "present" the size of the last
// change. A core that cannot be read makes the sum unknown.
func memoryUsed(root fs.FS, cores []string) *uint64 {
	if len(cores) == 0 {
		return nil
	}
	var sum uint64
	for _, c := range cores {
		n := readCount(root, c+"/stats/memory_usage/device_mem/total")
		if n == nil || sum > math.MaxUint64-*n {
			return nil
		}
		sum += *n
	}
	return &sum
}

// powerUse is the driver's line on power: per cent of the chip's maximum, over the last full minute. The maximum in watts
// is not published, so there are no watts.
type powerUse struct {
	Status string
	// Time is when the driver made the line; the zero time if it does not say.
	Time                               time.Time
	MinPercent, MaxPercent, AvgPercent *float64
}

const powerValid = "POWER_STATUS_VALID"

// parsePower reads "status,epoch,min,max,avg". With any other status than the valid one the numbers mean nothing.
func parsePower(line string) (powerUse, bool) {
	fields := strings.Split(strings.TrimSpace(line), ",")
	if !strings.HasPrefix(fields[0], "POWER_STATUS_") {
		return powerUse{}, false
	}
	p := powerUse{Status: fields[0]}
	if p.Status != powerValid {
		return p, true
	}
	if len(fields) < 5 {
		return powerUse{}, false
	}
	if epoch, err := strconv.ParseInt(fields[1], 10, 64); err == nil && epoch > 0 {
		p.Time = time.Unix(epoch, 0)
	}
	for i, to := range []**float64{&p.MinPercent, &p.MaxPercent, &p.AvgPercent} {
		v, err := strconv.ParseFloat(fields[2+i], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return powerUse{}, false
		}
		*to = &v
	}
	return p, true
}

// counter is a named sum.
type counter struct {
	name  string
	value uint64
}

// exact gives the value, or nil for one that JSON readers would round and no real counter reaches.
func (c counter) exact() any {
	if c.value > 1<<53 {
		return nil
	}
	return c.value
}

// olderNames maps the names of execution counters in older drivers and in the documentation to those of newer drivers.
var olderNames = map[string]string{
	"infer_completed_with_error":     "execute_completed_with_error",
	"infer_completed_with_num_error": "execute_completed_with_num_error",
	"infer_failed_to_queue":          "execute_failed_to_queue",
}

// executionErrors adds, over the cores, every status counter but success, and leaves out those that are zero. The folder
// is enumerated because the set of counters differs between drivers.
func executionErrors(root fs.FS, cores []string) []counter {
	sums := map[string]uint64{}
	for _, c := range cores {
		entries, _ := fs.ReadDir(root, c+"/stats/status")
		for _, e := range entries {
			n := readCount(root, c+"/stats/status/"+e.Name()+"/total")
			if n == nil || *n == 0 || e.Name() == "success" {
				continue
			}
			name := e.Name()
			if newer := olderNames[name]; newer != "" {
				name = newer
			}
			sums[name] += *n
		}
	}
	return sorted(sums)
}

// eccCounters lists the numbers in the folder of hardware counters, whatever their names are.
func eccCounters(root fs.FS, device string) []counter {
	entries, _ := fs.ReadDir(root, device+"/stats/hardware")
	found := map[string]uint64{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if n := readCount(root, device+"/stats/hardware/"+e.Name()); n != nil {
			found[e.Name()] = *n
		}
	}
	return sorted(found)
}

// uncorrected adds up the memory errors that could not be corrected, of whatever memory; nil if the driver counts none.
func uncorrected(counters []counter) *uint64 {
	var sum *uint64
	for _, c := range counters {
		if !strings.HasSuffix(c.name, "_uncorrected") || !strings.Contains(c.name, "ecc") {
			continue
		}
		if sum == nil {
			sum = new(uint64)
		}
		*sum += c.value
	}
	return sum
}

func sorted(values map[string]uint64) []counter {
	var list []counter
	for name, v := range values {
		list = append(list, counter{name, v})
	}
	slices.SortFunc(list, func(a, b counter) int { return strings.Compare(a.name, b.name) })
	return list
}
