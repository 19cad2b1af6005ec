package neuron_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHiddenChips(t *testing.T) {
	const visible, number = "NEURON_RT_VISIBLE_CORES", "NEURON_RT_NUM_CORES"
	root := merge(inf2.sysfs(0), inf2.sysfs(1), inf2.sysfs(2)) // two logical cores each
	for _, c := range []struct {
		name    string
		env     map[string]string
		hidden  []string // a part of the reason of each chip; empty if it is visible
		visible any      // of the second chip
	}{
		{"nothing set", nil, []string{"", "", ""}, nil},
		{"the cores of one chip", map[string]string{visible: "2-3"}, []string{"NEURON_RT_VISIBLE_CORES=2-3", "", "none of its cores (4,5)"}, nil},
		{"a part of a chip", map[string]string{visible: "0,1,3"}, []string{"", "", "hidden by"}, "3"},
		{"a number of cores", map[string]string{number: "3"}, []string{"", "", "NEURON_RT_NUM_CORES=3"}, "2"},
		{"which cores wins over how many", map[string]string{visible: "4", number: "6"}, []string{"=4", "=4", ""}, nil},
		{"all", map[string]string{number: "0"}, []string{"", "", ""}, nil},
		{"not understood", map[string]string{visible: "x"}, []string{"", "", ""}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inv := find(t, machine(root, noTool, c.env))
			require.Len(t, inv.Devices, 3)
			for i, want := range c.hidden {
				got := inv.Devices[i].Info().Hidden
				require.Equal(t, want != "", got != "", "chip %d: %s", i, got)
				require.Contains(t, got, want)
			}
			found := false
			for _, d := range inv.Devices[1].Info().Details {
				if d.Name == "visible_cores" {
					found = true
					require.Equal(t, c.visible, d.Value)
				}
			}
			require.Equal(t, c.visible != nil, found)
		})
	}
}
