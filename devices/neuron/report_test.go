package neuron

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
)

func ptr[T any](v T) *T { return &v }

// inLine puts a runtime's report into a line.
func inLine(runtime string) string {
	return `{"neuron_runtime_data":[` + runtime + `],"system_data":{}}`
}

func TestParseReport(t *testing.T) {
	own := subject{cores: []int{0, 1}, pid: 2199}
	for _, c := range []struct {
		name string
		of   subject
		line string
		want report
	}{
		{"a real capture", own, capture(t, "monitor-inf2.xlarge.json"), report{utilization: ptr(89.40087251059674 / 2), memory: ptr(uint64(141649980)), errors: ptr(uint64(0)),
			latency: &devices.DeviceLatency{P50Seconds: 0.0011217594146728516, P99Seconds: 0.0011413097381591797}}},
		{"of another process", subject{cores: []int{0, 1}, pid: 7}, capture(t, "monitor-inf2.xlarge.json"), report{utilization: ptr(89.40087251059674 / 2)}},
		{"other cores", subject{cores: []int{4, 5}, pid: 7}, capture(t, "monitor-inf2.xlarge.json"), report{utilization: ptr(0.0)}},
		{"unknown cores", subject{pid: 7}, capture(t, "monitor-inf2.xlarge.json"), report{}},
		{"the documented spelling, several processes", own, capture(t, "monitor-trn2-documented.json"),
			report{utilization: ptr((21.0 + 40 + 30) / 2), memory: ptr(uint64(2048)), errors: ptr(uint64(1 + 2 + 3 + 4 + 5)), latency: nil}},
		{"by tag", subject{pid: 1, tag: "mine"}, inLine(`{"pid":9,"neuron_runtime_tag":"mine","report":{"memory_used":{"neuron_runtime_used_bytes":{"device":5}}}}`),
			report{memory: ptr(uint64(5))}},
		{"the pid of another tag", subject{pid: 9, tag: "mine"}, inLine(`{"pid":9,"neuron_runtime_tag":"other","report":{"memory_used":{"neuron_runtime_used_bytes":{"device":5}}}}`),
			report{}},
		{"by the default tag", subject{pid: 9}, inLine(`{"neuron_runtime_tag":"9","report":{"memory_used":{"neuron_runtime_used_bytes":{"device":5}}}}`),
			report{memory: ptr(uint64(5))}},
		{"nobody", own, inLine(``), report{}},
		{"missing groups", own, inLine(`{"pid":2199,"report":{}}`), report{}},
		{"no report", own, inLine(`{"pid":2199}`), report{}},
		{"groups that failed", own, inLine(`{"pid":2199,"report":{"neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":50}},"error":"no access"},
			"memory_used":{"error":"no access","neuron_runtime_used_bytes":{"device":5}},"execution_stats":{"error":"no access","execution_summary":{"timed_out":5}}}}`), report{}},
		{"a runtime that failed", own, inLine(`{"pid":2199,"error":"gone","report":{"memory_used":{"neuron_runtime_used_bytes":{"device":5}}}}`), report{}},
		{"null latency", own, inLine(`{"pid":2199,"report":{"execution_stats":{"latency_stats":{"device_latency":null},"execution_summary":{"completed":0}}}}`), report{}},
		{"null latencies", own, inLine(`{"pid":2199,"report":{"execution_stats":{"latency_stats":null}}}`), report{}},
		{"kinds of errors only", own, inLine(`{"pid":2199,"report":{"execution_stats":{"period":1,"error_summary":{"hardware":1,"numerical":2}}}}`), report{errors: ptr(uint64(3))}},
		{"odd values", own, inLine(`{"pid":2199,"report":{"neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":-1},"1":{"neuroncore_utilization":"7"},"x":{},"-1":{"neuroncore_utilization":5}}},
			"memory_used":{"neuron_runtime_used_bytes":{"device":-5}},
			"execution_stats":{"execution_summary":{"timed_out":1e30,"failed_to_queue":-1},"latency_stats":{"device_latency":{"p50":2,"p99":1}}}}}`),
			report{}},
		{"a part of a core without a value", own, inLine(`{"report":{"neuroncore_counters":{"neuroncores_in_use":{"0":{"v3d":{"a":{"neuroncore_utilization":5},"b":{}}}}}}}`),
			report{}},
		{"a little above 100", own, inLine(`{"report":{"neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":100.4},"1":{"neuroncore_utilization":100}}}}}`),
			report{utilization: ptr(100.0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseReport([]byte(c.line), c.of)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	for _, bad := range []string{"", "{", "[]", "null", "{}", `{"neuron_runtime_data":null}`, `{"neuron_runtime_data":{}}`, "time=x level=fatal"} {
		_, err := parseReport([]byte(bad), own)
		require.ErrorIs(t, err, errNoReport, bad)
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add([]byte(capture(f, "monitor-inf2.xlarge.json")))
	f.Add([]byte(capture(f, "monitor-trn2-documented.json")))
	f.Add([]byte(inLine(`{"pid":2199,"report":{"neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":1e300}}}}}`)))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := parseReport(in, subject{cores: []int{0, 1, 2}, pid: 2199})
		if err != nil && r != (report{}) {
			t.Fatalf("%+v and %v", r, err)
		}
		if r.utilization != nil && !(*r.utilization >= 0 && *r.utilization <= 100) {
			t.Fatalf("utilisation %v", *r.utilization)
		}
		if l := r.latency; l != nil && !(l.P50Seconds >= 0 && l.P99Seconds >= l.P50Seconds) {
			t.Fatalf("latency %+v", *l)
		}
	})
}
