package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/internal/names"
)

// run is the whole program but for the process around it: it returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	app := newApp(s)
	err := app.RunContext(ctx, flagsFirst(app.Commands, args))
	if err == nil {
		return exitOK
	}
	if text := err.Error(); text != "" {
		complain(s.err, "accelbench: %s\n", text)
	}
	return exitCode(err)
}

// complain writes to standard error; if that is gone there is nobody left to tell.
func complain(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}

// newApp builds the command line. The library's defaults are wrong for scripts (usage errors on standard output, an exit
// inside Run, stray arguments ignored), hence the overrides here and in prepare.
func newApp(s streams) *cli.App {
	app := &cli.App{
		Name:            "accelbench",
		Usage:           "benchmark AI inference on the accelerator in front of you and say what it costs",
		Version:         tool().Version,
		HideHelpCommand: true,
		Reader:          s.in,
		Writer:          s.out,
		ErrWriter:       s.err,
		Commands: []*cli.Command{
			devicesCommand(s),
			doctorCommand(s),
			workloadsCommand(s),
			runCommand(s),
			reportCommand(s),
			compareCommand(s),
			abCommand(s),
			historyCommand(s),
			pricesCommand(s),
			claimCommand(s),
			setupCommand(s),
			neuronCommand(s),
			selftestCommand(s),
			workerCommand(s),
		},
		ExitErrHandler: func(*cli.Context, error) {},
	}
	app.Action = func(c *cli.Context) error { return needCommand(c, app.Commands) }
	app.OnUsageError = onUsageError
	for _, c := range app.Commands {
		prepare(c)
	}
	return app
}

// prepare gives a command the behaviour that scripts need.
func prepare(c *cli.Command) {
	c.OnUsageError = onUsageError
	c.HideHelpCommand = true
	if len(c.Subcommands) > 0 && c.Action == nil {
		c.Action = func(ctx *cli.Context) error { return needCommand(ctx, c.Subcommands) }
	}
	for _, sub := range c.Subcommands {
		prepare(sub)
	}
}

// needCommand is the action where a command name was expected: none, or an unknown one, was given.
func needCommand(c *cli.Context, commands []*cli.Command) error {
	var known []string
	for _, cmd := range commands {
		if !cmd.Hidden {
			known = append(known, cmd.Name)
		}
	}
	where := "accelbench"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "accelbench" {
		where += " " + c.Command.Name
	}
	if !c.Args().Present() {
		return usagef("which command? One of %s; see %s --help", strings.Join(known, ", "), where)
	}
	word := c.Args().First()
	switch word {
	case "help":
		return cli.ShowAppHelp(c)
	case "version":
		cli.ShowVersion(c)
		return nil
	}
	return usagef("unknown command %q: the commands of %s are, nearest first, %s", word, where, strings.Join(names.Nearest(word, known), ", "))
}

// onUsageError turns a flag error into one line on standard error that names the nearest flags.
func onUsageError(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		name = strings.TrimLeft(name, "-")
		known := names.Nearest(name, flagNames(c))
		if len(known) > 3 {
			known = known[:3]
		}
		if len(known) > 0 {
			return usagef("unknown flag --%s: nearest are --%s; see %s --help", name, strings.Join(known, ", --"), c.Command.HelpName)
		}
		return usagef("unknown flag --%s", name)
	}
	if i := slices.IndexFunc(c.Command.Flags, func(f cli.Flag) bool { return strings.Contains(text, "flag -"+f.Names()[0]+":") }); i >= 0 && isDuration(c.Command.Flags[i]) {
		text += " (write it with a unit: 500ms, 10s, 2m)"
	}
	return usageError{errors.New(text)}
}

func isDuration(f cli.Flag) bool {
	_, ok := f.(*cli.DurationFlag)
	return ok
}

func flagNames(c *cli.Context) []string {
	var out []string
	for _, f := range c.Command.Flags {
		out = append(out, f.Names()[0])
	}
	return out
}

// noArguments rejects what a command would otherwise silently ignore.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("unexpected argument %q: %s takes flags only", c.Args().First(), c.Command.Name)
	}
	return nil
}
