package main

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/bench/history"
)

// dirtyEnding stands behind a commit of which tracked files are changed, as git describe has it.
const dirtyEnding = "-dirty"

// checkout fills in the commit and the branch that are checked out in the working directory. With a commit that was given, the branch here
// says nothing. Without git, or outside of a repository, both stay unknown.
func checkout(c *cli.Context, w *history.Words) {
	if c.IsSet("commit") {
		return
	}
	commit, ok := git(c.Context, "rev-parse", "--verify", "--quiet", "HEAD")
	if !ok {
		return
	}
	w.Commit = commit
	if changed, ok := git(c.Context, "status", "--porcelain", "--untracked-files=no"); ok && changed != "" {
		w.Commit += dirtyEnding
	}
	if branch, ok := git(c.Context, "symbolic-ref", "--quiet", "--short", "HEAD"); ok && !c.IsSet("branch") {
		w.Branch = branch
	}
}

// git is what a git command that only reads says. The monitor of file systems, a program that a repository may name, stays off.
func git(ctx context.Context, args ...string) (string, bool) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "git", append([]string{"-c", "core.fsmonitor=false"}, args...)...).Output()
	return strings.TrimSpace(string(out)), err == nil
}
