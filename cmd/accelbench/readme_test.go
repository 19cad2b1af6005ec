package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

// commandsOf are the lines of the sh blocks of a Markdown file, comments left out.
func commandsOf(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var out []string
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				out = append(out, line)
			}
		}
	}
	return out
}

// TestReadmeCommands runs every command of the README, in its order and in one directory, as a reader would. The make
// targets run this very test, so of those only the recipes are looked up.
func TestReadmeCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("measures for real for minutes")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "bin"), 0o700))
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", "accelbench"), ".")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	commands := commandsOf(t, filepath.Join(root, "README.md"))
	require.NotEmpty(t, commands)
	_, noLibrary := library.Find(library.Here(""))
	for _, line := range commands {
		t.Run(line, func(t *testing.T) {
			if noLibrary != nil && regexp.MustCompile("^accelbench run.*(onnxruntime|--model-file)").MatchString(line) {
				t.Skipf("make onnxruntime gets the library: %v", noLibrary)
			}
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
			if strings.HasPrefix(line, "make ") {
				cmd.Args[2] = strings.Replace(line, "make ", "make -n ", 1)
				cmd.Dir = root
			}
			output, err := cmd.CombinedOutput()
			if err != nil && err.Error() == "exit status 3" && regexp.MustCompile("^accelbench (run|ab|selftest) ?").MatchString(line) {
				t.Logf("some measurements are invalid on this machine:\n%s", output)
				return
			}
			if to := regexp.MustCompile(`> (\S+)$`).FindStringSubmatch(line); to != nil {
				written, reading := os.ReadFile(filepath.Join(dir, to[1]))
				require.NoError(t, reading)
				output = append(output, written...)
			}
			if err != nil && strings.Contains(string(output), "no run gave figures") {
				t.Logf("all runs of a side are invalid on this machine, so that nothing can be compared:\n%s", output)
				return
			}
			require.NoError(t, err, "%s", output)
		})
	}
}
