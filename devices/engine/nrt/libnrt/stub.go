//go:build noort || !linux || android || !(amd64 || arm64)

package libnrt

// Library is what Open never gives in this build, so that nothing below is ever reached through one.
type Library struct{}

// Open returns ErrLeftOut.
func Open(string) (*Library, error) { return nil, ErrLeftOut }

// Version is empty in this build.
func (*Library) Version() string { return "" }

// VisibleCores returns ErrLeftOut.
func (*Library) VisibleCores() (int, error) { return 0, ErrLeftOut }

// Instance returns ErrLeftOut.
func (*Library) Instance() (Instance, error) { return Instance{}, ErrLeftOut }

// Init returns ErrLeftOut.
func (*Library) Init() error { return ErrLeftOut }

// Close does nothing.
func (*Library) Close() {}

// Memory returns ErrLeftOut.
func (*Library) Memory(int) (used, limit uint64, err error) { return 0, 0, ErrLeftOut }

// Load returns ErrLeftOut.
func (*Library) Load([]byte, int) (*Model, error) { return nil, ErrLeftOut }

// Model does not exist in this build.
type Model struct{}

// Tensors returns ErrLeftOut.
func (*Model) Tensors() ([]TensorInfo, error) { return nil, ErrLeftOut }

// Execute returns ErrLeftOut.
func (*Model) Execute(in, out *Set) error { return ErrLeftOut }

// Close does nothing.
func (*Model) Close() error { return nil }

// Tensor does not exist in this build.
type Tensor struct{}

// NewTensor returns ErrLeftOut.
func (*Library) NewTensor(int, int64, string) (*Tensor, error) { return nil, ErrLeftOut }

// Size is 0 in this build.
func (*Tensor) Size() int64 { return 0 }

// Write returns ErrLeftOut.
func (*Tensor) Write([]byte, int64) error { return ErrLeftOut }

// Read returns ErrLeftOut.
func (*Tensor) Read([]byte, int64) error { return ErrLeftOut }

// Close does nothing.
func (*Tensor) Close() {}

// Set does not exist in this build.
type Set struct{}

// NewSet returns ErrLeftOut.
func (*Library) NewSet() (*Set, error) { return nil, ErrLeftOut }

// Add returns ErrLeftOut.
func (*Set) Add(string, *Tensor) error { return ErrLeftOut }

// Close does nothing.
func (*Set) Close() {}
