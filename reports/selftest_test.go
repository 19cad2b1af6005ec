package reports

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench/selftest"
)

// selftestReport has values that meet their bars but for every fifth, and one that is unknown.
func selftestReport() selftest.Report {
	r := selftest.Report{Others: ptr(0.004), LoadAverage1: ptr(0.25)}
	for i, f := range selftest.Figures() {
		m := selftest.Measured{Name: f.Name, Value: ptr(2.5e-8)}
		switch {
		case f.Unit == selftest.Bytes:
			m = selftest.Measured{Name: f.Name, Reason: "the system does not tell it"}
		case f.Unit == selftest.Share:
			m.Value = ptr(0.42)
		case f.AtMost != nil && i%5 == 0:
			m.Value = ptr(*f.AtMost * 2)
		}
		if i < 3 {
			m.Least, m.Repeats = ptr(*m.Value*0.75), 101
		}
		r.Measured = append(r.Measured, m)
	}
	return r
}

func TestSelftestGoldens(t *testing.T) {
	goldens(t, "selftest/some", Selftest(selftestReport()))
}

func TestABusyMachineIsSaid(t *testing.T) {
	busy := selftestReport()
	busy.Others = ptr(0.28)
	require.Contains(t, surroundings(busy), "It was busy")
	require.NotContains(t, surroundings(selftestReport()), "It was busy")
	busy.Others = nil
	require.Contains(t, surroundings(busy), NA)
}
