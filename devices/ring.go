package devices

// ring is a first-in, first-out buffer that grows when it is full and never shrinks.
type ring[T any] struct {
	items []T // a power of two
	head  int
	n     int
}

// reserve makes room for n further items.
func (r *ring[T]) reserve(n int) {
	if r.n+n <= len(r.items) {
		return
	}
	size := max(2*len(r.items), 16)
	for size < r.n+n {
		size *= 2
	}
	items := make([]T, size)
	moved := copy(items, r.items[r.head:])
	copy(items[moved:], r.items[:r.head])
	r.items, r.head = items, 0
}

func (r *ring[T]) at(i int) *T { return &r.items[(r.head+i)&(len(r.items)-1)] }

func (r *ring[T]) push(item T) {
	r.reserve(1)
	r.n++
	*r.at(r.n - 1) = item
}

// pop takes the oldest item and leaves nothing of it behind that would keep memory alive.
func (r *ring[T]) pop() T {
	oldest := r.at(0)
	item := *oldest
	var none T
	*oldest = none
	r.head = (r.head + 1) & (len(r.items) - 1)
	r.n--
	return item
}
