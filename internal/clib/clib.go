// Package clib turns what C functions take and give into Go values, for libraries that are bound without cgo.
//
// The room's one rule: a word becomes a pointer here and nowhere else.
package clib

import (
	"fmt"
	"strings"
	"unsafe"
)

// Pointer is the address in a word that C gave.
func Pointer(word uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&word)) }

// Text copies a C string; the empty string for NULL.
func Text(word uintptr) string {
	if word == 0 {
		return ""
	}
	start := (*byte)(Pointer(word))
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(start), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(start, n))
}

// String is the text with the zero that ends it in C. A text that has one within is an error.
func String(s string) (*byte, error) {
	if strings.ContainsRune(s, 0) {
		return nil, fmt.Errorf("the name %q has a zero byte", s)
	}
	return &append([]byte(s), 0)[0], nil
}
