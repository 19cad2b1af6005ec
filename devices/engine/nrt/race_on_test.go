//go:build race

package nrt

const raceDetector = true
