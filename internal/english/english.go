// Package english writes what English makes of things and their number.
//
// The room's one rule: it knows the words that this program uses, not the language.
package english

import (
	"strconv"
	"strings"
)

// Plural is the plural of a thing or a unit; symbols such as MiB have none.
func Plural(thing string) string {
	switch {
	case thing == "" || strings.HasSuffix(thing, "B") || strings.HasSuffix(thing, "s"):
		return thing
	case strings.HasSuffix(thing, "y"):
		return strings.TrimSuffix(thing, "y") + "ies"
	}
	return thing + "s"
}

// Count writes a number of things.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + Plural(thing)
}

// Are is a number of things with its verb: 1 run is, 2 runs are.
func Are(n int, thing string) string {
	if n == 1 {
		return Count(n, thing) + " is"
	}
	return Count(n, thing) + " are"
}

// Joined are the parts that are there, with a separator between them.
func Joined(separator string, parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, separator)
}
