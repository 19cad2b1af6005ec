package sysfiles

import (
	"fmt"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// DeviceNumber gives a device node's number as sysfs writes it, "major:minor"; empty if the file system does not tell.
func DeviceNumber(info fs.FileInfo) string {
	if n, ok := info.Sys().(Number); ok {
		return string(n)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Rdev == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
}
