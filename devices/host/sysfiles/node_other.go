//go:build !linux

package sysfiles

import "io/fs"

// DeviceNumber gives the number of a captured device node; of others only Linux tells.
func DeviceNumber(info fs.FileInfo) string {
	n, _ := info.Sys().(Number)
	return string(n)
}
