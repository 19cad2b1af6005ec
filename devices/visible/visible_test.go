package visible

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/accelbench/accelbench/devices"
)

func TestPick(t *testing.T) {
	ids := []string{"GPU-aaaa", "GPU-aabb", "GPU-cccc"}
	match := func(entry string) []int { return append(Index(entry, 3), Prefix(entry, "GPU-", ids)...) }
	for _, c := range []struct {
		value   string
		want    []int
		unknown string
	}{
		{"0", []int{0}, ""},
		{"2,0", []int{2, 0}, ""},
		{" 1 , 2 ", []int{1, 2}, ""},
		{"1,1", []int{1}, ""},
		{"", nil, ""},
		{"-1", nil, ""},
		{"0,-1,1", []int{0}, ""},
		{"0,3,1", []int{0}, "3"},
		{"NoDevFiles", nil, ""},
		{"all", nil, "all"},
		{"GPU-aabb", []int{1}, ""},
		{"GPU-c,GPU-aaa", []int{2, 0}, ""},
		{"GPU-aa", nil, "GPU-aa"},
		{"GPU-cccc0", nil, "GPU-cccc0"},
		{"cccc", nil, "cccc"},
		{"99999999999999999999", nil, "99999999999999999999"},
	} {
		got := List{Name: "V", Value: c.value, Set: true}.Pick(match)
		require.Equal(t, c.want, got.Devices, c.value)
		require.Equal(t, c.unknown, got.Unknown, c.value)
	}
}

func TestReadTellsEmptyFromUnset(t *testing.T) {
	m := devices.Machine{LookupEnv: func(name string) (string, bool) { return "", name == "EMPTY" }}
	require.True(t, Read(m, "EMPTY").Set)
	require.False(t, Read(m, "UNSET").Set)
	require.Equal(t, "hidden by EMPTY (set and empty)", Read(m, "EMPTY").Reason())
	require.False(t, Read(devices.Machine{}, "ANY").Set)
	old := devices.Machine{Getenv: func(string) string { return "1" }}
	require.Equal(t, List{"ANY", "1", true}, Read(old, "ANY"))
}

func TestTextIsShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := List{Name: "V", Value: rapid.String().Draw(t, "value") + strings.Repeat("é", rapid.IntRange(0, 300).Draw(t, "more")), Set: true}
		require.LessOrEqual(t, len(l.Text()), maxText+20)
		require.NotEmpty(t, l.Reason())
	})
}

func FuzzPick(f *testing.F) {
	f.Add("0,GPU-a,-1")
	f.Fuzz(func(t *testing.T, value string) {
		c := List{Name: "V", Value: value, Set: true}.Pick(func(entry string) []int {
			return append(Index(entry, 4), Prefix(entry, "GPU-", []string{"GPU-a", "GPU-b"})...)
		})
		if len(c.Devices) > 4 {
			t.Fatalf("%q leaves %v", value, c.Devices)
		}
	})
}
