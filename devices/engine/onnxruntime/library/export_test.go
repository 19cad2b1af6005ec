package library

import "io"

// CheckLibrary is the reader of library files, for tests outside.
func CheckLibrary(file io.ReaderAt, goos, goarch string) error {
	return checkLibrary(file, goos, goarch)
}
