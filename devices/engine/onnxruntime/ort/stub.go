//go:build noort || !((linux && !android) || (darwin && !ios) || windows) || !(amd64 || arm64)

package ort

// Library is what Open never gives in this build, so that nothing below is ever reached through one.
type Library struct{}

// Open returns ErrLeftOut.
func Open(string) (*Library, error) { return nil, ErrLeftOut }

// Version is empty in this build.
func (*Library) Version() string { return "" }

// Providers returns ErrLeftOut.
func (*Library) Providers() ([]string, error) { return nil, ErrLeftOut }

// CheckProvider returns ErrLeftOut.
func (*Library) CheckProvider(Provider) error { return ErrLeftOut }

// NewSessionFromFile checks the options and returns ErrLeftOut.
func (*Library) NewSessionFromFile(_ string, o Options) (*Session, error) {
	if _, err := o.check(); err != nil {
		return nil, err
	}
	return nil, ErrLeftOut
}

// NewValue returns ErrLeftOut.
func (*Library) NewValue([]byte, ElemType, []int64) (*Value, error) { return nil, ErrLeftOut }

// NewRunOptions returns ErrLeftOut.
func (*Library) NewRunOptions() (*RunOptions, error) { return nil, ErrLeftOut }

// Session does not exist in this build.
type Session struct{}

// Outputs returns ErrLeftOut.
func (*Session) Outputs() ([]Output, error) { return nil, ErrLeftOut }

// EndProfiling returns ErrLeftOut.
func (*Session) EndProfiling() (string, error) { return "", ErrLeftOut }

// Run returns ErrLeftOut.
func (*Session) Run(*RunOptions, []string, []*Value, []string) ([]*Value, error) {
	return nil, ErrLeftOut
}

// NewBinding returns ErrLeftOut.
func (*Session) NewBinding() (*Binding, error) { return nil, ErrLeftOut }

// NewDeviceValue returns ErrLeftOut.
func (*Session) NewDeviceValue(Memory, ElemType, []int64) (*Value, error) { return nil, ErrLeftOut }

// Close does nothing.
func (*Session) Close() error { return nil }

// Value does not exist in this build.
type Value struct{}

// Type is 0 in this build.
func (*Value) Type() ElemType { return 0 }

// Shape is nil in this build.
func (*Value) Shape() []int64 { return nil }

// Bytes returns ErrLeftOut.
func (*Value) Bytes() ([]byte, error) { return nil, ErrLeftOut }

// Close does nothing.
func (*Value) Close() error { return nil }

// Binding does not exist in this build.
type Binding struct{}

// BindInput returns ErrLeftOut.
func (*Binding) BindInput(string, *Value) error { return ErrLeftOut }

// BindOutput returns ErrLeftOut.
func (*Binding) BindOutput(string, *Value) error { return ErrLeftOut }

// Run returns ErrLeftOut.
func (*Binding) Run(*RunOptions) error { return ErrLeftOut }

// SynchronizeInputs returns ErrLeftOut.
func (*Binding) SynchronizeInputs() error { return ErrLeftOut }

// SynchronizeOutputs returns ErrLeftOut.
func (*Binding) SynchronizeOutputs() error { return ErrLeftOut }

// Close does nothing.
func (*Binding) Close() error { return nil }

// RunOptions do not exist in this build.
type RunOptions struct{}

// Terminate returns ErrLeftOut.
func (*RunOptions) Terminate() error { return ErrLeftOut }

// Unset returns ErrLeftOut.
func (*RunOptions) Unset() error { return ErrLeftOut }

// Close does nothing.
func (*RunOptions) Close() error { return nil }
