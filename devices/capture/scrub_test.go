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
		{"asic_serial: 0x1234ABCD5678\n  Serial Number: 12345\nPower: 5", "asic_serial: removed\n  Serial Number: removed\nPower: 5"},
		{`{"serials": ["ABC", "DEF"], "ids": [1]}`, `{"serials": [], "ids": [1]}`},
		{"/kubepods/pod0f2b4c1e-1111-2222-3333-444455556666", "/kubepods/pod00000000-0000-0000-0000-000000000001"},
		{`"system":{"PID12345":"train.py, 1, 1234, 0, unknown","PID 7": "x","Driver version":"6.7.0"}`,
			`"system":{"PID0":"removed","PID0": "removed","Driver version":"6.7.0"}`},
		{"ip-10-0-1-23.ec2.internal", "ip-0-0-0-0.ec2.internal"},
		{"root of a user", "root of a user"},
	} {
		require.Equal(t, c.want, newScrubber([]string{"gpubox17", "gpu", "root"}).text(c.in))
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
		{"proc/self/cgroup", "4:name=systemd:/user.slice/user-1000.slice/alice.service\n3:cpu,cpuacct:/lxc.payload.alice-box\n2:name=alice:/\n0::/kubepods.slice/" +
			"kubepods-pod0f2b4c1e_1111_2222_3333_444455556666.slice/alice.service\n", "4:name=systemd:/user.slice/group-1.slice/group-2.service\n" +
			"3:cpu,cpuacct:/lxc-3\n2:name=removed:/\n0::/kubepods.slice/kubepods-4.slice/group-2.service\n"},
	} {
		require.Equal(t, c.want, string(s.file(c.name, []byte(c.in))), c.name)
	}
}

// The paths of control groups change as what a process says of its own does, so that one still leads to the other.
func TestScrubGroups(t *testing.T) {
	s := newScrubber(nil)
	require.Equal(t, "0::/system.slice/docker-1.scope\n", s.memberships("0::/system.slice/docker-alice.scope\n"))
	require.Equal(t, "sys/fs/cgroup/system.slice/docker-1.scope/cpu.max", s.path("sys/fs/cgroup/system.slice/docker-alice.scope/cpu.max"))
	require.Equal(t, "sys/fs/cgroup/cpu,cpuacct/docker-1.scope/cpu.cfs_quota_us", s.path("sys/fs/cgroup/cpu,cpuacct/docker-alice.scope/cpu.cfs_quota_us"))
	require.Equal(t, "sys/bus/pci/devices/0000:00:1e.0", s.path("sys/bus/pci/devices/0000:00:1e.0"))
}

func TestScrubVariables(t *testing.T) {
	s := newScrubber(nil)
	require.Equal(t, "removed", s.variable("NEURON_PROCESS_TAG", "alice-training"))
	require.Empty(t, s.variable("NEURON_PROCESS_TAG", ""))
	require.Equal(t, "0-3", s.variable("NEURON_RT_VISIBLE_CORES", "0-3"))
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
		_ = s.variable("X", text)
		_ = s.memberships(text)
		_ = s.file("sys/class/dmi/id/chassis_asset_tag", []byte(text))
	})
}
