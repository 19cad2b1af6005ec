//go:build !linux

package load

// OwnThread does nothing here.
func OwnThread() (leave func()) { return func() {} }
