//go:build noort

package main

// leftOut tells that this build has no bindings of libraries.
const leftOut = true
