package selftest

import (
	"io/fs"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// peakMemory is the largest resident set of this process so far in bytes (VmHWM); nil if the system does not say.
func peakMemory(fsys fs.FS) *float64 {
	if fsys == nil {
		return nil
	}
	text, _ := sysfiles.Text(fsys, "proc/self/status")
	return parsePeakMemory(text)
}

func parsePeakMemory(status string) *float64 {
	for line := range strings.Lines(status) {
		rest, ok := strings.CutPrefix(line, "VmHWM:")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) != 2 || fields[1] != "kB" {
			return nil
		}
		kibi, err := strconv.ParseUint(fields[0], 10, 50)
		if err != nil {
			return nil
		}
		bytes := float64(kibi) * 1024
		return &bytes
	}
	return nil
}
