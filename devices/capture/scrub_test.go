package capture

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestScrub(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"GPU-8932f937-d72c-4106-c12f-20bd9faed9f6 MIG-8932f937-d72c-4106-c12f-20bd9faed9f6 8932F937-d72c-4106-c12f-20bd9faed9f7",
			"GPU-00000000-0000-0000-0000-000000000001 MIG-00000000-0000-0000-0000-000000000001 00000000-0000-0000-0000-000000000002"},
		{"unique_id 9895604649984\nGPU-0000090000000000", "unique_id 1\nGPU-0000000000000001"},
		{"unique_id 0", "unique_id 0"},
		{`{"instance_id": "i-0dcf246b9a7d5f066", "instance_type": "trn1.2xlarge"}`, `{"instance_id": "removed", "instance_type": "trn1.2xlarge"}`},
		{`"pid":1966680,"command":"","neuron_runtime_version":"2.34.10.1"`, `"pid":0,"command":"","neuron_runtime_version":"2.34.10.1"`},
		{`"Serial Number":"ABC","asic_serial":"0x01","Unique ID":"0xabc","account_id":12`, `"Serial Number":"removed","asic_serial":"removed","Unique ID":"removed","account_id":0`},
		{"at ami-0123abcd and subnet-0123abcd of i-0123abc", "at ami-00000000 and subnet-00000000 of i-00000000"},
		{"10.1.2.3 fe80::1 aa:bb:cc:dd:ee:ff 2001:db8:1:2:3:4:5:6 169.254.169.254", "0.0.0.0 :: 00:00:00:00:00:00 :: 169.254.169.254"},
		{"0000:00:1e.0, 0000:e1:00.0", "0000:00:1e.0, 0000:e1:00.0"},
		{"/docker/4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e4f2a6c8e", "/docker/" + strings.Repeat("0", 63) + "1"},
		{"/home/alice/x: on gpubox17", "/home/user/x: on host"},
		{"Serial\t\t: 00000000abcdef", "Serial\t\t: removed"},
		{"cpu MHz\t\t: 2445.434", "cpu MHz\t\t: 2445.434"},
	} {
		require.Equal(t, c.want, newScrubber([]string{"gpubox17", "gpu"}).text(c.in))
	}
}

func TestScrubFiles(t *testing.T) {
	s := newScrubber(nil)
	for _, c := range []struct{ name, in, want string }{
		{"sys/module/neuron/version", "2.24.7.0\n", "2.24.7.0\n"},
		{"proc/x", "2.24.7.0\n", "0.0.0.0\n"},
		{"sys/devices/virtual/neuron_device/neuron0/info/serial_number", "9ff5434815c8bd80\n", "removed\n"},
		{"sys/class/dmi/id/chassis_asset_tag", "ACME-0017\n", "removed\n"},
		{"sys/class/dmi/id/chassis_asset_tag", "OracleCloud.com\n", "OracleCloud.com\n"},
		{"proc/self/status", "Name:\tx\nPid:\t7\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n", "Cpus_allowed:\tff\nCpus_allowed_list:\t0-7\n"},
		{"sys/class/dmi/id/product_uuid", "x\n", "removed\n"},
	} {
		require.Equal(t, c.want, string(s.file(c.name, []byte(c.in))), c.name)
	}
}

// TestIdentitiesDoNotSurvive plants identities in texts.
func TestIdentitiesDoNotSurvive(t *testing.T) {
	hex := func(t *rapid.T, n int) string {
		return rapid.StringMatching(fmt.Sprintf("[0-9a-f]{%d}", n)).Draw(t, "hex")
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ a-z=\t\n"{}\[\](),;<>]{0,12}`)
		id := "a1" + hex(t, 6) + "-" + hex(t, 4) + "-" + hex(t, 4) + "-" + hex(t, 4) + "-" + hex(t, 12)
		secrets := []string{id, "i-" + "b2" + hex(t, 15), "c3" + hex(t, 62), fmt.Sprintf("10.%d.%d.%d", rapid.IntRange(100, 255).Draw(t, "a"), rapid.IntRange(100, 255).Draw(t, "b"), rapid.IntRange(100, 255).Draw(t, "c")),
			"d4:" + hex(t, 2) + ":" + hex(t, 2) + ":" + hex(t, 2) + ":" + hex(t, 2) + ":" + hex(t, 2), "mybox-" + hex(t, 6)}
		var text strings.Builder
		for _, secret := range rapid.Permutation(secrets).Draw(t, "order") {
			text.WriteString(word.Draw(t, "before") + " " + secret + " " + word.Draw(t, "after"))
		}
		s := newScrubber([]string{secrets[5]})
		once := s.text(text.String())
		for _, secret := range secrets {
			require.NotContains(t, once, secret)
		}
		require.Equal(t, once, newScrubber(nil).text(once), "what is clean stays")
	})
}

func FuzzScrub(f *testing.F) {
	f.Add("8932f937-d72c-4106-c12f-20bd9faed9f6 \"serial\": \"x\\\"y\" unique_id 18446744073709551615")
	f.Fuzz(func(t *testing.T, text string) {
		s := newScrubber([]string{"gpubox17"})
		out := s.text(text)
		if uuid.MatchString(out) && !strings.Contains(out, "00000000-0000-0000-0000-") && !strings.Contains(out, "00000000_0000_0000_0000_") {
			t.Fatalf("%q", out)
		}
		_ = s.variable(text)
		_ = s.file("sys/class/dmi/id/chassis_asset_tag", []byte(text))
	})
}
