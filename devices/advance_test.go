package devices_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/workloads"
)

// leaver notes which calls were run and which only advanced.
type leaver struct {
	copier
	advanced []int // positions
}

func (l *leaver) Advance(_ context.Context, _ int, in []workloads.Tensor) error {
	if l.calls++; l.calls == l.failAt {
		return errBroken
	}
	l.advanced = append(l.advanced, int(in[1].I32[0]))
	return nil
}

// TestLogitsThatNobodyReadsStay: the outputs of kept calls are fetched, those of the others are not; single-pass models give what
// they compute.
func TestLogitsThatNobodyReadsStay(t *testing.T) {
	session := &leaver{}
	s := devices.NewSystem(session, copying(1, 2, 4), 0, 2)
	require.NoError(t, s.Issue(t.Context(), []devices.Sample{{ID: 1}}, &log{}))
	require.Equal(t, []int{0, 8}, session.positions)
	require.Equal(t, []int{7, 9}, session.advanced)
	out, _ := s.Outputs(2)
	require.NotNil(t, out)

	session = &leaver{}
	require.NoError(t, devices.NewSystem(session, copying(1, 2, 0)).Issue(t.Context(), []devices.Sample{{ID: 1}}, &log{}))
	require.Empty(t, session.advanced)
	require.Len(t, session.positions, 1)

	session = &leaver{copier: copier{failAt: 2}}
	err := devices.NewSystem(session, copying(1, 2, 4), 0).Issue(t.Context(), []devices.Sample{{ID: 1}}, &log{})
	require.ErrorIs(t, err, errBroken)
}
