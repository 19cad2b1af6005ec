// Package probe has the small programs with which engines measure what a device can do, and prepare its memory: products of matrices,
// the sum of two arrays, a program that is all overhead, and those that make random numbers or zeros.
//
// The flow: [Products], [Sum], [Nothing] and [End] write programs whose time counts; [Random] writes the one that makes their data on
// the device, and [Fill] makes the same data, bit for bit, on the host, for compilers that do not take Random. [Zeros] clears states.
//
// Every program is for one device, or for so many (parts) that do the same at once, each on arguments of its own. All arguments have
// the role of seeds.
//
// The room's one rule: data of a measurement are random, never zeros, and a program does nothing but what its time stands for.
package probe
