package neuron_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEnvironmentThatHidesCores(t *testing.T) {
	root := merge(trn1.sysfs(0), trn1.sysfs(1))
	for _, c := range []struct {
		name  string
		env   map[string]string
		texts []string
	}{
		{"nothing set", nil, nil},
		{"all visible", map[string]string{"NEURON_RT_VISIBLE_CORES": "0-3"}, nil},
		{"one visible", map[string]string{"NEURON_RT_VISIBLE_CORES": "2"}, []string{"NEURON_RT_VISIBLE_CORES hides 3 of 4 logical NeuronCores"}},
		{"list", map[string]string{"NEURON_RT_VISIBLE_CORES": "0, 2-3"}, []string{"hides 1 of 4"}},
		{"none that exists", map[string]string{"NEURON_RT_VISIBLE_CORES": "8-9"}, []string{"hides 4 of 4"}},
		{"number", map[string]string{"NEURON_RT_NUM_CORES": "1"}, []string{"NEURON_RT_NUM_CORES hides 3 of 4"}},
		{"number 0 is all", map[string]string{"NEURON_RT_NUM_CORES": "0"}, nil},
		{"more than there are", map[string]string{"NEURON_RT_NUM_CORES": "64"}, nil},
		{"visible goes before number", map[string]string{"NEURON_RT_VISIBLE_CORES": "0-3", "NEURON_RT_NUM_CORES": "1"}, nil},
		{"garbage", map[string]string{"NEURON_RT_VISIBLE_CORES": "3-1", "NEURON_RT_NUM_CORES": "-1", "NEURON_LOGICAL_NC_CONFIG": "3"},
			[]string{`NEURON_RT_VISIBLE_CORES="3-1" cannot`, `NEURON_RT_NUM_CORES="-1" cannot`, `NEURON_LOGICAL_NC_CONFIG="3" cannot`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := find(t, machine(root, noTool, c.env))
			problems := inv.Problems[1:] // the first is that of the missing tool
			require.Len(t, problems, len(c.texts), "%v", problems)
			for i, text := range c.texts {
				require.Contains(t, problems[i].Text, text)
				require.NotEmpty(t, problems[i].Remedy)
			}
			for name, want := range c.env {
				require.Equal(t, want, value(t, inv.Devices[1].Info(), name))
			}
		})
	}
}

func TestToolFailures(t *testing.T) {
	fatal := []byte(`time="2026-09-12T02:42:06Z" level=fatal msg="Failed to load MLA system information" error="failed to discover Neuron devices on i-0123456789abcdef0"` + "\n")
	good, err := os.ReadFile("testdata/trn1.2xlarge.json")
	require.NoError(t, err)
	exit1 := errors.New("exit status 1")
	for _, c := range []struct {
		name  string
		run   func(ctx context.Context, call int, name string) ([]byte, []byte, error)
		text  string
		calls int
		took  time.Duration
	}{
		{"works at the second try", func(_ context.Context, call int, _ string) ([]byte, []byte, error) {
			if call == 1 {
				return nil, fatal, exit1
			}
			return good, nil, nil
		}, "", 2, 500 * time.Millisecond},
		{"fails twice", func(context.Context, int, string) ([]byte, []byte, error) { return nil, fatal, exit1 },
			"exit status 1: Failed to load MLA system information: failed to discover Neuron devices on i-...", 2, 500 * time.Millisecond},
		{"no message", func(context.Context, int, string) ([]byte, []byte, error) { return nil, nil, exit1 }, "no message", 2, 500 * time.Millisecond},
		{"in the path only", func(_ context.Context, _ int, name string) ([]byte, []byte, error) {
			if name == "neuron-ls" {
				return good, nil, nil
			}
			return nil, nil, &fs.PathError{Op: "fork/exec", Path: name, Err: fs.ErrNotExist}
		}, "", 2, 0},
		{"hangs", func(ctx context.Context, _ int, _ string) ([]byte, []byte, error) {
			<-ctx.Done()
			return nil, nil, errors.New("signal: killed")
		}, "no answer within 10s", 1, 10 * time.Second},
		{"writes no JSON", func(context.Context, int, string) ([]byte, []byte, error) { return []byte("+---+"), nil, nil },
			"reading the output of neuron-ls", 2, 500 * time.Millisecond},
		{"writes nothing", func(context.Context, int, string) ([]byte, []byte, error) { return nil, nil, nil },
			"reading the output of neuron-ls", 2, 500 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				run := func(ctx context.Context, name string, _ ...string) ([]byte, []byte, error) {
					calls++
					return c.run(ctx, calls, name)
				}
				start := time.Now()
				inv := find(t, machine(trn1.sysfs(0), run, nil))
				require.Equal(t, c.took, time.Since(start))
				require.Equal(t, c.calls, calls)
				require.Len(t, inv.Devices, 1, "the chip is there whatever the tool says")
				require.Equal(t, 2, *inv.Devices[0].Info().Cores)
				if c.text == "" {
					require.Empty(t, inv.Problems)
					return
				}
				require.Len(t, inv.Problems, 1)
				require.Contains(t, inv.Problems[0].Text, c.text)
			})
		})
	}
}
