package host_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host"
)

func TestHostOfAServer(t *testing.T) {
	fsys := tree(map[string]string{
		"etc/os-release":                                 "NAME=Ubuntu\nPRETTY_NAME=\"Ubuntu 24.04.2 LTS\"\n",
		"proc/sys/kernel/osrelease":                      "6.8.0-1021-aws\n",
		"proc/sys/kernel/arch":                           "x86_64\n",
		"proc/cpuinfo":                                   "processor : 0\nmodel name : AMD EPYC 9R14\nmicrocode : 0xa101148\nflags : fpu hypervisor\nprocessor : 1\n",
		"proc/meminfo":                                   "MemTotal: 4096 kB\n",
		"proc/loadavg":                                   "0.05 0.31 0.30 1/91 12424\n",
		"proc/self/status":                               "Cpus_allowed_list:\t1\n",
		"proc/self/cgroup":                               "4:memory:/box\n1:cpu:/box\n",
		"sys/fs/cgroup/cpu/cpu.stat":                     "nr_throttled 0\n",
		"sys/fs/cgroup/memory/memory.stat":               "x 1\n",
		"sys/fs/cgroup/memory/box/memory.limit_in_bytes": "1048576\n",
		"sys/fs/cgroup/cpu/cpu.cfs_quota_us":             "50000\n",
		"sys/fs/cgroup/cpu/cpu.cfs_period_us":            "100000\n",
		"sys/devices/system/node/node0/cpulist":          "0-1",
	})
	h, c, problems := host.Read(t.Context(), devices.Machine{FS: fsys, Getenv: env("KUBERNETES_SERVICE_HOST", "10.0.0.1")}, host.Flags{})
	require.Empty(t, problems)
	text, err := json.Marshal(map[string]any{"host": h, "cloud": c})
	require.NoError(t, err)
	require.JSONEq(t, `{"host":{"os":"Ubuntu 24.04.2 LTS","kernel":"6.8.0-1021-aws","arch":"amd64","cpu_model":"AMD EPYC 9R14",
		"cpus_logical":2,"cpus_usable":1,"cpu_quota":0.5,"memory_bytes":4194304,"memory_limit_bytes":1048576,"numa_nodes":1,
		"virtualization":"unknown","container":"kubernetes","load_average_1":0.05,"governor":null,"turbo":null,"smt":null,
		"microcode":"0xa101148"},
		"cloud":{"provider":null,"instance_type":null,"region":null,"availability_zone":null,"market":null}}`, string(text))
}

func TestContainerHints(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"null":       {"proc/self/cgroup": "0::/system.slice/docker.service\n"},
		"docker":     {"proc/self/cgroup": "1:cpu:/docker/0123\n"},
		"podman":     {"run/.containerenv": "engine=podman\n"},
		"kubernetes": {"proc/self/cgroup": "0::/kubepods.slice/x\n"},
		"containerd": {"proc/self/cgroup": "0::/system.slice/containerd/x\n"},
		"lxc":        {"run/systemd/container": "lxc\n"},
	} {
		h, _, _ := host.Read(t.Context(), devices.Machine{FS: tree(files)}, host.Flags{})
		require.Equal(t, want, deref(h.Container))
	}
}

func TestArchAndNameOfOtherSystems(t *testing.T) {
	h, _, _ := host.Read(t.Context(), devices.Machine{FS: tree(map[string]string{"proc/cpuinfo": "processor : 0\nFeatures : fp asimd\nCPU implementer : 0x41\nCPU part : 0xd40\n"})}, host.Flags{})
	require.Equal(t, "arm64", *h.Arch)
	require.Equal(t, "ARM Neoverse-V1", *h.CPUModel)
	require.Nil(t, h.OS)
	h, _, _ = host.Read(t.Context(), devices.Machine{FS: fstest.MapFS{}}, host.Flags{})
	require.Equal(t, runtime.GOOS, *h.OS)
	require.Equal(t, runtime.GOARCH, *h.Arch)
	h, _, _ = host.Read(t.Context(), devices.Machine{FS: tree(map[string]string{"usr/lib/os-release": "PRETTY_NAME='Alpine Linux v3.22'\n", "proc/loadavg": "nan x"})}, host.Flags{})
	require.Equal(t, "Alpine Linux v3.22", *h.OS)
	require.Nil(t, h.LoadAverage1)
}

func TestLive(t *testing.T) {
	m := host.Live()
	m.HTTP = nil
	h, _, _ := host.Read(t.Context(), m, host.Flags{})
	require.NotNil(t, h.Arch)
	text, err := json.Marshal(h)
	require.NoError(t, err)
	if name, err := os.Hostname(); err == nil && len(name) > 4 {
		require.NotContains(t, string(text), name)
	}
}

func TestRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell")
	}
	out, errOut, err := host.Run(t.Context(), "sh", "-c", "echo out; echo err >&2; exit 3")
	require.Equal(t, "out\n", string(out))
	require.Equal(t, "err\n", string(errOut))
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 3, exit.ExitCode())

	_, _, err = host.Run(t.Context(), "no-such-command-anywhere")
	require.ErrorIs(t, err, exec.ErrNotFound)
	_, _, err = host.Run(t.Context(), "/no/such/command")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestRunStopsWithTheContext(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err := host.Run(ctx, "sleep", "1000")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestHelperParent is no test: it is the parent that TestChildDiesWithItsParent kills.
func TestHelperParent(t *testing.T) {
	if os.Getenv("ACCELBENCH_TEST_PARENT") == "" {
		t.Skip("helper of TestChildDiesWithItsParent")
	}
	_, _, err := host.Run(t.Context(), "sh", "-c", `echo $$ >"$ACCELBENCH_TEST_PID"; exec sleep 1000`)
	require.NoError(t, err)
}

func TestChildDiesWithItsParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux binds a child's life to its parent's")
	}
	parent := exec.Command(os.Args[0], "-test.run=^TestHelperParent$")
	file := t.TempDir() + "/pid"
	parent.Env = append(os.Environ(), "ACCELBENCH_TEST_PARENT=1", "ACCELBENCH_TEST_PID="+file)
	require.NoError(t, parent.Start())
	defer func() { _ = parent.Process.Kill() }()
	pid := 0
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		if err != nil || !strings.HasSuffix(string(text), "\n") {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	t.Cleanup(func() {
		if t.Failed() { // then it may well be alive
			if orphan, err := os.FindProcess(pid); err == nil {
				_ = orphan.Kill()
			}
		}
	})
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	require.Eventually(t, func() bool {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err != nil || strings.Contains(string(text), ") Z ")
	}, 20*time.Second, 10*time.Millisecond)
}
