package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
)

func TestStrictRefusesWhatFails(t *testing.T) {
	check := func(name string, status bench.PreflightStatus) bench.PreflightCheck {
		return bench.PreflightCheck{Name: name, Status: status, Found: "found " + name, Remedy: "mend " + name}
	}
	fine := []bench.PreflightCheck{check("a", bench.PreflightOK), check("b", bench.PreflightWarn), check("c", bench.PreflightUnknown)}
	require.NoError(t, fit(fine))
	require.NoError(t, fit(nil))
	err := fit(append(fine, check("cpu-busy", bench.PreflightFail), check("cpu-heat", bench.PreflightFail)))
	require.EqualError(t, err, "--strict: this machine is not fit to measure on, and nothing was measured: "+
		"cpu-busy: found cpu-busy (mend cpu-busy); cpu-heat: found cpu-heat (mend cpu-heat); accelbench doctor tells more")
	require.Equal(t, exitFailure, exitCode(err))
}
