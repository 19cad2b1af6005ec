//go:build !linux || !cgo

package nvml

func newLibrary(string) library { return notBuilt{} }

type notBuilt struct{}

func (notBuilt) Start() (driver, error) { return nil, errNotBuilt }
