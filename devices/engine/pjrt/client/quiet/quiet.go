// Package quiet keeps go-xla from looking for plugins whenever the program starts, and from complaining on standard error where
// there is no home folder or no ld.so.conf. This program names the plugin's table to it and has no use for its search.
//
// go-xla looks when its package is initialised, unless a variable names the folders; so the variable must be set before. Among
// packages whose imports are ready Go initialises the one with the first import path, and this one needs only os: it comes
// before go-xla's, as a test of the command line holds.
package quiet

import "os"

// folders is the variable, which is left alone if the user has set it.
const folders = "PJRT_PLUGIN_LIBRARY_PATH"

var _ = noFolders()

func noFolders() error {
	if _, set := os.LookupEnv(folders); set {
		return nil
	}
	return os.Setenv(folders, "")
}
