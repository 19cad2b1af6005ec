package capture

import (
	"fmt"
	"regexp"
	"strings"
)

// groupFolder is where the control groups are.
const groupFolder = "sys/fs/cgroup/"

// The parts of a group's path that say nothing of who made it: those of the system's own tools, controllers, and files.
var (
	plainGroup = regexp.MustCompile(`^(?:\.\.|-|init|system|user|machine|app|session|background|unified|systemd|kubepods|kubepods-burstable|kubepods-besteffort|` +
		`burstable|besteffort|guaranteed|docker|podman|libpod|containerd|crio|lxc|buildkit|ecs|slurm|slurmstepd)(?:\.slice|\.scope|\.service)?$`)
	controllers = regexp.MustCompile(`^(?:cpu|cpuacct|cpuset|memory|blkio|devices|freezer|net_cls|net_prio|perf_event|hugetlb|pids|rdma|misc)(?:,[a-z_]+)*$`)
	groupFile   = regexp.MustCompile(`^(?:cgroup|cpu|cpuacct|cpuset|memory|io|pids)\.[a-z_.]+$`)
	groupEnd    = regexp.MustCompile(`\.(?:slice|scope|service)$`)
)

// groupMarks are the words by which detection tells what made a group.
var groupMarks = []string{"kubepods", "libpod", "docker", "containerd"}

// groupPath gives the parts of a path of control groups numbered names: people name services, containers and jobs after
// themselves and their customers. What made a group stays.
func (s *scrubber) groupPath(text string) string {
	parts := strings.Split(text, "/")
	for i, part := range parts {
		if part == "" || plainGroup.MatchString(part) || controllers.MatchString(part) || groupFile.MatchString(part) {
			continue
		}
		mark := "group"
		if strings.HasPrefix(part, "lxc") {
			mark = "lxc"
		}
		for _, m := range groupMarks {
			if strings.Contains(part, m) {
				mark = m
				break
			}
		}
		parts[i] = fmt.Sprintf("%s-%d%s", mark, number(s.groups, part), groupEnd.FindString(part))
	}
	return strings.Join(parts, "/")
}

// memberships does so in the lines "id:controllers:path" of /proc/self/cgroup.
func (s *scrubber) memberships(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 {
			lines[i] = ""
			continue
		}
		lines[i] = fields[0] + ":" + s.word(fields[1]) + ":" + s.groupPath(fields[2])
	}
	return strings.Join(lines, "\n")
}

// word keeps a list of controllers, and the name of a hierarchy without any ("name=systemd") where it is the usual one.
func (s *scrubber) word(list string) string {
	if list == "" || list == "name=systemd" || controllers.MatchString(list) {
		return list
	}
	return "name=" + removed
}
