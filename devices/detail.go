package devices

// Text is the value of a detail that is a text: nil, which is unknown, for an empty one.
func Text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Number is the value of a detail that is a number or a truth: nil, which is unknown, for none.
func Number[T int | uint64 | float64 | bool](x *T) any {
	if x == nil {
		return nil
	}
	return *x
}
