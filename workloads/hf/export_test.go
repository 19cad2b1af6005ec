package hf

// Names are the names of all tensors, sorted.
func (f *Folder) Names() []string { return sortedKeys(f.tensors) }

// Tensor finds a tensor by its name in the files.
func (f *Folder) Tensor(name string) (*Tensor, bool) {
	t, ok := f.tensors[name]
	return t, ok
}
