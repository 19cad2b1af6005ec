package arrival

import "fmt"

// Hash is a running hash of a schedule: which sample arrives when, in order. It is the same on every platform and guards
// against mistakes, not against an adversary. The zero value is the hash of nothing.
type Hash struct {
	state uint64
}

// Add takes the next arrival, in nanoseconds since the start, and the index of its sample in the pool. Each step is a
// bijection of the state, so that what differed once does not become the same by what follows.
func (h *Hash) Add(arrival int64, sample int) {
	// An index of 0 at time 0 must move a state of 0 as well.
	h.state = mix((h.state + weyl*(uint64(sample)+1)) ^ uint64(arrival))
}

// Sum is the hash of what was added so far: 16 hexadecimal digits.
func (h *Hash) Sum() string {
	return fmt.Sprintf("%016x", h.state)
}
