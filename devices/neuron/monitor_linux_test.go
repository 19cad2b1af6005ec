package neuron_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

// The test binary is also the tool.
const roleVariable = "ACCELBENCH_TEST_NEURON_MONITOR"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(fakeMonitor(role, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// fakeMonitor writes reports of its parent's process, as neuron-monitor would, or does what it should not.
func fakeMonitor(role string, args []string) int {
	if len(args) != 2 || args[0] != "-c" {
		return 2
	}
	text, err := os.ReadFile(args[1])
	var settings struct{ Period string }
	if err != nil || json.Unmarshal(text, &settings) != nil || settings.Period != "1s" {
		return 2
	}
	line := fmt.Sprintf(`{"neuron_runtime_data":[{"pid":%d,"report":{"neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":50}}},`+
		`"memory_used":{"neuron_runtime_used_bytes":{"device":%d}}}},{"pid":1,"report":{"memory_used":{"neuron_runtime_used_bytes":{"device":3}}}}]}`,
		os.Getppid(), os.Getpid())
	if role == "garbage" {
		line = "<html>"
	}
	for {
		if role == "hangs" {
			time.Sleep(time.Hour)
		}
		if _, err := fmt.Println(line); err != nil {
			return 1
		}
		if role == "dies" {
			return 3
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestMonitorProcess runs the tool as a process beside a chip that was found: it begins with Watch and is gone after Close.
func TestMonitorProcess(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for _, c := range []struct {
		role, trouble string
		reads         bool
	}{
		{"good", "", true}, {"dies", "it ended", true}, {"garbage", "it wrote what is no report", false}, {"hangs", "", false},
	} {
		t.Run(c.role, func(t *testing.T) {
			t.Setenv(roleVariable, c.role)
			t.Setenv("TMPDIR", t.TempDir())
			starts := 0
			m := machine(trn1.sysfs(0), says(t, "trn1.2xlarge.json"), nil)
			m.Start = func(name string, args ...string) (io.ReadCloser, error) {
				starts++
				return host.Start(self, args...)
			}
			dev := find(t, m).Devices[0]
			require.Zero(t, starts, "detection starts nothing")
			dev.(devices.Watcher).Watch()
			require.Equal(t, 1, starts)
			if c.reads {
				require.Eventually(t, func() bool { return read(t, dev).UtilizationPercent != nil }, time.Minute, time.Millisecond)
				require.InDelta(t, 25, *read(t, dev).UtilizationPercent, 1e-9, "one of two cores")
				require.Equal(t, uint64(2*1048576), *read(t, dev).MemoryUsedBytes, "the driver's figure goes first")
			}
			if c.trouble != "" {
				require.Eventually(t, func() bool { return dev.Info().Unwatched != "" }, time.Minute, time.Millisecond)
				require.Contains(t, dev.Info().Unwatched, c.trouble)
			} else {
				require.Empty(t, dev.Info().Unwatched)
			}
			require.NoError(t, dev.Close())
			left, err := os.ReadDir(os.Getenv("TMPDIR"))
			require.NoError(t, err)
			require.Empty(t, left, "its settings are gone")
		})
	}
}

// TestMonitorIsKilled: the process whose number the report has as its memory is gone after Close.
func TestMonitorIsKilled(t *testing.T) {
	t.Setenv(roleVariable, "good")
	self, err := os.Executable()
	require.NoError(t, err)
	root := trn2Host()
	root["dev/neuron0"] = file("")
	m := machine(root, says(t, "trn2.48xlarge-container.json"), nil)
	m.Start = func(_ string, args ...string) (io.ReadCloser, error) { return host.Start(self, args...) }
	dev := find(t, m).Devices[0]
	dev.(devices.Watcher).Watch()
	var pid string
	require.Eventually(t, func() bool {
		used := read(t, dev).MemoryUsedBytes
		if used != nil {
			pid = strconv.FormatUint(*used, 10)
		}
		return used != nil
	}, time.Minute, time.Millisecond)
	require.DirExists(t, "/proc/"+pid)
	require.NoError(t, dev.Close())
	require.NoDirExists(t, "/proc/"+pid)
}
