package reports

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/devices/host"
)

func checks() []bench.PreflightCheck {
	return []bench.PreflightCheck{
		{Name: "cpu-busy", Status: bench.PreflightFail, Found: "49.0 % of the CPU time is taken",
			Why: "runs would wait for CPUs and be invalid as contended (limit 10 %)", Remedy: "stop what else runs (top shows it)"},
		{Name: "nvml:0 persistence-mode", Status: bench.PreflightWarn, Found: "off", Why: "the driver lets go of the GPU between runs",
			Remedy: "nvidia-smi -pm 1"},
		{Name: "cpu-governor", Status: bench.PreflightWarn, Found: "schedutil, a|b <driver>", Why: "the clock follows the load late"},
		{Name: "cpu-heat", Status: bench.PreflightUnknown, Found: "not known", Why: "the CPUs do not count it"},
		{Name: "smt", Status: bench.PreflightOK, Found: "off", Why: "every CPU is a core"},
		{Name: "clock-source", Status: bench.PreflightOK, Found: "tsc", Why: "reading the time costs tens of nanoseconds"},
	}
}

func TestDoctorGoldens(t *testing.T) {
	r := result("gemm", "gemm", bench.Offline)
	goldens(t, "doctor/mixed", Doctor(checks(), r.Host, r.Cloud))
	lineGoldens(t, "doctor/mixed", Doctor(checks(), r.Host, r.Cloud))
	golden(t, "doctor/fit.txt", PlainText, Doctor(checks()[4:], host.Host{}, host.Cloud{}))
}

func TestDoctorOfNothingHasAList(t *testing.T) {
	text, err := json.Marshal(Doctor(nil, host.Host{}, host.Cloud{}).Data)
	require.NoError(t, err)
	require.Contains(t, string(text), `"checks":[]`)
}
