package neuron

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

// tool is a neuron-monitor in this process: what is written to it comes out of its stream.
type tool struct {
	*io.PipeWriter
	read     *io.PipeReader
	settings string // its file
	closed   int
}

func newTool() *tool {
	t := &tool{}
	t.read, t.PipeWriter = io.Pipe()
	return t
}

func (t *tool) start(name string, args ...string) (io.ReadCloser, error) {
	if name != "neuron-monitor" {
		return nil, &fs.PathError{Op: "fork/exec", Path: name, Err: fs.ErrNotExist}
	}
	if len(args) != 2 || args[0] != "-c" {
		return nil, fmt.Errorf("unexpected arguments %v", args)
	}
	t.settings = args[1]
	return stopped{t}, nil
}

// stopped ends the tool as killing does.
type stopped struct{ *tool }

func (s stopped) Read(b []byte) (int, error) { return s.read.Read(b) }

func (s stopped) Close() error {
	s.closed++
	return s.PipeWriter.Close()
}

// say writes a report of the process 9, and waits until it was read.
func (t *tool) say(tb testing.TB, utilization float64, failed int) {
	tb.Helper()
	_, err := fmt.Fprintln(t, inLine(fmt.Sprintf(`{"pid":9,"report":{"neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":%g}}},`+
		`"memory_used":{"neuron_runtime_used_bytes":{"device":77}},"execution_stats":{"execution_summary":{"completed":5,"timed_out":%d},`+
		`"latency_stats":{"device_latency":{"p50":0.25,"p99":0.5}}}}}`, utilization, failed)))
	require.NoError(tb, err)
	synctest.Wait()
}

// opened is a device of one core with process 9, without a sysfs folder of its own.
func opened(start devices.Starter) *device {
	return &device{info: devices.Info{ID: "neuron:0"}, root: fstest.MapFS{}, start: start, of: subject{cores: []int{0}, pid: 9}}
}

func reading(t *testing.T, d *device) devices.Reading {
	t.Helper()
	r, err := d.Read(t.Context())
	require.NoError(t, err)
	return r
}

// unmonitored tells whether a reading has nothing of neuron-monitor.
func unmonitored(r devices.Reading) bool {
	return r.UtilizationPercent == nil && r.ExecutionErrors == nil && r.DeviceLatency == nil && r.MemoryUsedBytes == nil
}

func TestMonitor(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		monitor := newTool()
		d := opened(monitor.start)
		require.True(t, unmonitored(reading(t, d)))
		require.Empty(t, monitor.settings, "detection starts nothing")
		others := 2
		d.processes = &others
		require.Equal(t, 2, *reading(t, d).Processes)

		d.Watch()
		require.Nil(t, reading(t, d).Processes, "by now it is at work itself")
		d.Watch()
		settings, err := os.ReadFile(monitor.settings)
		require.NoError(t, err)
		require.JSONEq(t, monitorSettings, string(settings))
		require.True(t, unmonitored(reading(t, d)), "no report yet")
		require.Empty(t, d.Info().Unwatched)

		monitor.say(t, 80, 0)
		r := reading(t, d)
		require.InDelta(t, 80, *r.UtilizationPercent, 1e-9)
		require.Equal(t, devices.DeviceLatency{P50Seconds: 0.25, P99Seconds: 0.5}, *r.DeviceLatency)
		require.Equal(t, uint64(77), *r.MemoryUsedBytes)
		require.Zero(t, *r.ExecutionErrors)

		monitor.say(t, 60, 2)
		monitor.say(t, 40, 3)
		r = reading(t, d)
		require.InDelta(t, 40, *r.UtilizationPercent, 1e-9)
		require.Equal(t, uint64(5), *r.ExecutionErrors, "of all periods")

		time.Sleep(monitorPatience)
		require.False(t, unmonitored(reading(t, d)))
		require.Empty(t, d.Info().Unwatched)
		time.Sleep(time.Second)
		require.True(t, unmonitored(reading(t, d)), "too old")
		require.Contains(t, d.Info().Unwatched, "neuron-monitor: it wrote nothing for 5s; utilisation")
		monitor.say(t, 50, 0)
		require.InDelta(t, 50, *reading(t, d).UtilizationPercent, 1e-9, "again")

		require.NoError(t, d.Close())
		require.NoError(t, d.Close())
		require.Equal(t, 1, monitor.closed)
		require.NoFileExists(t, monitor.settings)
		require.Contains(t, d.Info().Unwatched, "it wrote nothing for 5s", "the first trouble; that it was stopped is none")
	})
}

func TestMonitorWithTrouble(t *testing.T) {
	for _, c := range []struct {
		name  string
		start func(*tool) devices.Starter
		do    func(*testing.T, *tool)
		want  string
		reads bool // before the trouble it wrote a report, which stands for now
	}{
		{"no starter", func(*tool) devices.Starter { return nil }, nil, "nothing can be started here", false},
		{"not installed", func(*tool) devices.Starter {
			return func(name string, _ ...string) (io.ReadCloser, error) {
				return nil, &exec.Error{Name: name, Err: exec.ErrNotFound}
			}
		}, nil, "it is not installed", false},
		{"not to be started", func(*tool) devices.Starter {
			return func(name string, _ ...string) (io.ReadCloser, error) {
				return nil, &fs.PathError{Op: "fork/exec", Path: "/home/somebody/" + name, Err: errors.New("permission denied")}
			}
		}, nil, "it cannot be started: permission denied", false},
		{"dies", nil, func(t *testing.T, m *tool) {
			m.say(t, 10, 0)
			require.NoError(t, m.Close())
		}, "it ended", true},
		{"writes garbage", nil, func(t *testing.T, m *tool) {
			_, err := io.WriteString(m, "level=fatal msg=nothing\n\x00\xff\n")
			require.NoError(t, err)
		}, "it wrote what is no report", false},
		{"writes without end", nil, func(t *testing.T, m *tool) {
			_, err := io.WriteString(m, strings.Repeat("x", maxReport))
			require.NoError(t, err)
		}, "it wrote a line of more than 4194304 bytes", false},
		{"hangs", nil, func(*testing.T, *tool) { time.Sleep(time.Minute) }, "it wrote nothing for 5s", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			synctest.Test(t, func(t *testing.T) {
				monitor := newTool()
				start := monitor.start
				if c.start != nil {
					start = c.start(monitor)
				}
				d := opened(start)
				d.Watch()
				if c.do != nil {
					c.do(t, monitor)
					synctest.Wait()
				}
				require.Equal(t, c.reads, !unmonitored(reading(t, d)))
				unwatched := d.Info().Unwatched
				require.Contains(t, unwatched, "neuron-monitor: "+c.want)
				require.NotContains(t, unwatched, "somebody")
				require.NoError(t, d.Close())
				require.Equal(t, unwatched, d.Info().Unwatched)
				left, err := os.ReadDir(os.Getenv("TMPDIR"))
				require.NoError(t, err)
				require.Empty(t, left)
			})
		})
	}
}

func TestMonitorWithoutAPlaceForSettings(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/gone")
	d := opened(newTool().start)
	d.Watch()
	require.Contains(t, d.Info().Unwatched, "no place for its settings")
	require.NoError(t, d.Close())
	d.Watch()
	_, err := d.Read(t.Context())
	require.ErrorIs(t, err, errClosed)
}

// TestPowerOfAWholeMinute: the driver's mean is given only if its minute lies within the run, whether its time is that of its
// beginning or of its end.
func TestPowerOfAWholeMinute(t *testing.T) {
	const folder = "sys/devices/virtual/neuron_device/neuron0"
	synctest.Test(t, func(t *testing.T) {
		root := fstest.MapFS{}
		d := opened(nil)
		d.root, d.folder = root, folder
		line := func(status string, at time.Time) *fstest.MapFile {
			return &fstest.MapFile{Data: fmt.Appendf(nil, "POWER_STATUS_%s,%d,11.25,63.40,31.07\n", status, at.Unix())}
		}
		root[folder+"/stats/power/utilization"] = line("VALID", time.Now())
		require.Nil(t, reading(t, d).PowerPercent, "not watched")
		d.Watch()
		watched := time.Now()
		none := d.Info().Details[0]
		require.Contains(t, none.Value, "runs below 2 minutes have no figure")
		for _, c := range []struct {
			status string
			after  time.Duration
			given  bool
		}{
			{"VALID", -time.Second, false}, {"VALID", 59 * time.Second, false}, {"NO_DATA", 60 * time.Second, false},
			{"INVALID", 60 * time.Second, false}, {"VALID", 60 * time.Second, true}, {"VALID", 200 * time.Second, true},
		} {
			root[folder+"/stats/power/utilization"] = line(c.status, watched.Add(c.after))
			r := reading(t, d)
			require.Equal(t, c.given, r.PowerPercent != nil, "%+v", c)
			require.Nil(t, r.PowerWatts)
		}
		require.InDelta(t, 31.07, *reading(t, d).PowerPercent, 1e-9)
		require.Empty(t, d.Info().Details)
		root[folder+"/stats/power/utilization"] = &fstest.MapFile{Data: []byte("POWER_STATUS_VALID,soon,11.25,63.40,31.07\n")}
		require.Nil(t, reading(t, d).PowerPercent, "of an unknown minute")
		require.NoError(t, d.Close())
	})
}
