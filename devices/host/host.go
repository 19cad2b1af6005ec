// Package host describes the machine around the devices: system, processors, container limits, and which cloud rents it.
//
// The flow: [Live] makes the [devices.Machine] of this computer -> [Read] reads files of /proc, /sys and /etc into a
// [Host], and the firmware's tables into a [Cloud]; on AWS alone the instance metadata service adds region and market;
// what the user says by flags wins. Both go into every result.
//
// The room's one rule: results are published, so nothing that identifies a particular machine, account or person leaves
// this package: no host name, no instance, image or account id, no address.
package host

import (
	"context"
	"io/fs"
	"math"
	"path"
	"runtime"
	"strconv"
	"strings"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

// Host is what a result says about the machine; null is unknown.
type Host struct {
	// OS is the distribution's name with its version, or the operating system's name.
	OS     *string `json:"os"`
	Kernel *string `json:"kernel"`
	// Arch is in Go's spelling: amd64, arm64.
	Arch     *string `json:"arch"`
	CPUModel *string `json:"cpu_model"`
	// CPUsLogical are online; CPUsUsable are those of this process's affinity mask; CPUQuota is the cgroup's limit in CPUs.
	CPUsLogical *int     `json:"cpus_logical"`
	CPUsUsable  *int     `json:"cpus_usable"`
	CPUQuota    *float64 `json:"cpu_quota"`
	// MemoryBytes is the machine's memory, MemoryLimitBytes the cgroup's limit.
	MemoryBytes      *uint64 `json:"memory_bytes"`
	MemoryLimitBytes *uint64 `json:"memory_limit_bytes"`
	NUMANodes        *int    `json:"numa_nodes"`
	// Virtualization is the hypervisor: nitro, kvm, xen, hyperv, vmware, "unknown" if only its presence shows, "none" if
	// the processor says that there is none.
	Virtualization *string `json:"virtualization"`
	// Container is docker, podman, kubernetes, containerd, lxc, or what systemd was told; null means that nothing hints at one.
	Container *string `json:"container"`
	// LoadAverage1 is the number of runnable tasks, averaged over a minute, when the host was read.
	LoadAverage1 *float64 `json:"load_average_1"`
	Governor     *string  `json:"governor"`
	Turbo        *bool    `json:"turbo"`
	SMT          *bool    `json:"smt"`
	Microcode    *string  `json:"microcode"`
}

// Read describes the machine. It never fails: what cannot be read is nil, and what the user should know is a problem. It
// takes at most one second beyond reading files, and uses the network only on AWS.
func Read(ctx context.Context, m devices.Machine, flags Flags) (Host, Cloud, []devices.Problem) {
	h := readHost(m)
	cloud, problems := readCloud(ctx, m, flags, h.Container != nil)
	return h, cloud, problems
}

func readHost(m devices.Machine) Host {
	info := sysfiles.ReadCPUInfo(m.FS)
	online := sysfiles.OnlineCPUs(m.FS, info)
	usable := sysfiles.UsableCPUs(m.FS)
	if usable == nil {
		usable = online
	}
	cgroup := sysfiles.ReadCgroup(m.FS)
	return Host{
		OS:               known(osName(m.FS)),
		Kernel:           fileText(m.FS, "proc/sys/kernel/osrelease"),
		Arch:             known(arch(m.FS, info)),
		CPUModel:         known(info.Model),
		CPUsLogical:      count(online),
		CPUsUsable:       count(usable),
		CPUQuota:         cgroup.CPUs,
		MemoryBytes:      sysfiles.ReadMemory(m.FS).Total,
		MemoryLimitBytes: cgroup.MemoryBytes,
		NUMANodes:        sysfiles.NUMANodes(m.FS),
		Virtualization:   known(virtualization(m.FS, info)),
		Container:        known(container(m)),
		LoadAverage1:     loadAverage(m.FS),
		Governor:         known(sysfiles.Governor(m.FS, usable)),
		Turbo:            sysfiles.Turbo(m.FS),
		SMT:              sysfiles.SMT(m.FS),
		Microcode:        known(info.Microcode),
	}
}

// osName is PRETTY_NAME of os-release, else the operating system for which this program was built if the tree has no
// Linux files at all.
func osName(fsys fs.FS) string {
	for _, name := range []string{"etc/os-release", "usr/lib/os-release"} {
		if text, ok := sysfiles.Text(fsys, name); ok {
			return parseOSRelease(text)
		}
	}
	if sysfiles.Exists(fsys, "proc") {
		return "" // Linux without a name
	}
	return runtime.GOOS
}

func parseOSRelease(text string) string {
	for line := range strings.Lines(text) {
		value, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME=")
		if !ok {
			continue
		}
		if unquoted, err := strconv.Unquote(value); err == nil {
			return unquoted
		}
		return strings.Trim(value, `'"`)
	}
	return ""
}

// arch asks the kernel (6.1 and newer), then the shape of /proc/cpuinfo, then this program.
func arch(fsys fs.FS, info sysfiles.CPUInfo) string {
	switch text, _ := sysfiles.Text(fsys, "proc/sys/kernel/arch"); {
	case text == "x86_64" || info.Has("fpu"):
		return "amd64"
	case text == "aarch64" || info.Has("asimd"):
		return "arm64"
	case text != "":
		return text
	}
	return runtime.GOARCH
}

// virtualization joins what the firmware's tables and the processor say. The metal instances of clouds carry their cloud's
// tables without a hypervisor, while a machine monitor may hide its flag from its guests.
func virtualization(fsys fs.FS, info sysfiles.CPUInfo) string {
	if kind, _ := sysfiles.Text(fsys, "sys/hypervisor/type"); kind == "xen" {
		return "xen"
	}
	d := readDMI(fsys)
	switch {
	case d.vendor == "Xen":
		return "xen"
	case d.vendor == "Microsoft Corporation" && d.product == "Virtual Machine":
		return "hyperv"
	case d.vendor == "VMware, Inc.":
		return "vmware"
	case d.vendor == "QEMU" || d.product == "KVM":
		return "kvm"
	}
	amd64, flag := info.Has("fpu"), info.Has("hypervisor")
	switch {
	case amd64 && !flag || strings.Contains(d.product, ".metal"):
		return "none"
	case d.vendor == "Amazon EC2":
		return "nitro"
	case d.vendor == "Google" && d.product == "Google Compute Engine":
		return "kvm"
	case flag:
		return "unknown"
	}
	return ""
}

// container looks for the marks that container engines leave. The name of a cgroup is a mark only while the host's
// hierarchy is visible.
func container(m devices.Machine) string {
	if m.Getenv != nil && m.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		return "kubernetes"
	}
	if name, ok := sysfiles.Text(m.FS, "run/systemd/container"); ok && name != "" {
		return path.Base(strings.ReplaceAll(name, " ", "-"))
	}
	if sysfiles.Exists(m.FS, "run/.containerenv") {
		return "podman"
	}
	if sysfiles.Exists(m.FS, ".dockerenv") {
		return "docker"
	}
	groups, _ := sysfiles.Text(m.FS, "proc/self/cgroup")
	for _, mark := range []struct{ in, name string }{
		{"kubepods", "kubernetes"}, {"libpod", "podman"}, {"docker", "docker"}, {"containerd", "containerd"}, {"/lxc", "lxc"},
	} {
		if strings.Contains(groups, mark.in) && !strings.Contains(groups, mark.in+".service") {
			return mark.name
		}
	}
	return ""
}

func loadAverage(fsys fs.FS) *float64 {
	text, _ := sysfiles.Text(fsys, "proc/loadavg")
	return parseLoadAverage(text)
}

func parseLoadAverage(text string) *float64 {
	first, _, _ := strings.Cut(text, " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil || load < 0 || math.IsInf(load, 0) || math.IsNaN(load) {
		return nil
	}
	return &load
}

func fileText(fsys fs.FS, name string) *string {
	text, _ := sysfiles.Text(fsys, name)
	return known(text)
}

func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func count(cpus []int) *int {
	n := len(cpus)
	if n == 0 {
		return nil
	}
	return &n
}
