package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst moves the flags of the command in front of its other arguments, so that they may stand anywhere: the library
// takes everything after the first argument that is no flag as arguments. What stands behind -- stays where it is.
func flagsFirst(commands []*cli.Command, args []string) []string {
	at := 1
	var command *cli.Command
	for ; at < len(args); at++ {
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(args[at]) })
		if i < 0 {
			break
		}
		command = commands[i]
		commands = command.Subcommands
	}
	if command == nil {
		return args
	}
	var flags, others []string
	for i := at; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--":
			others = append(others, args[i:]...)
			i = len(args)
		case word == "-" || !strings.HasPrefix(word, "-"):
			others = append(others, word)
		default:
			flags = append(flags, word)
			if takesNext(command, word) && i+1 < len(args) {
				i++
				flags = append(flags, args[i])
			}
		}
	}
	return slices.Concat(args[:at], flags, others)
}

// takesNext tells whether a flag, as written, has its value in the next word.
func takesNext(c *cli.Command, word string) bool {
	name := strings.TrimLeft(word, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range c.Flags {
		if slices.Contains(f.Names(), name) {
			_, isSwitch := f.(*cli.BoolFlag)
			return !isSwitch
		}
	}
	return false
}
