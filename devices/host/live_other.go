//go:build !linux

package host

import "os/exec"

// dieWithParent does nothing: only Linux can bind a child's life to its parent's.
func dieWithParent(*exec.Cmd) {}
