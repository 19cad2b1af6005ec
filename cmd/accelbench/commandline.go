package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"
)

// notKept stands for a command of the user's in what is published.
const notKept = "... (not kept)"

// withoutFolder takes the folder out of a model file's name or of an input given as name=file.
func withoutFolder(flag, text string) string {
	if flag == "model-file" {
		return filepath.Base(text)
	}
	if name, file, ok := strings.Cut(text, "="); ok {
		return name + "=" + filepath.Base(file)
	}
	return text
}

// commandLine is the command as typed, to be repeated, without the file to which results went. It is published, and a path
// may tell who made it: of files and folders only the names stay.
func commandLine(c *cli.Context) string {
	words := []string{strings.TrimSpace(c.Command.HelpName)} // with the names of the commands that it belongs to
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		if !c.IsSet(name) || name == "out" {
			continue
		}
		switch name {
		case "base-cmd", "head-cmd": // may hold a key or a token
			words = append(words, "--"+name, "'"+notKept+"'")
			continue
		case "plan", "base", "head", "figures", "history", "weights", "ort-lib", "pjrt-plugin", "nrt-lib":
			words = append(words, "--"+name, quote(filepath.Base(c.String(name))))
			continue
		case "model-file", "input":
			for _, v := range c.StringSlice(name) {
				words = append(words, "--"+name, quote(withoutFolder(name, v)))
			}
			continue
		}
		words = append(words, flagWords(c, name)...)
	}
	return strings.Join(words, " ")
}

func flagWords(c *cli.Context, name string) []string {
	switch v := c.Value(name).(type) {
	case bool:
		if v {
			return []string{"--" + name}
		}
		return []string{"--" + name + "=false"}
	case cli.StringSlice:
		return []string{"--" + name, quote(strings.Join(v.Value(), ","))}
	default:
		return []string{"--" + name, quote(fmt.Sprint(v))}
	}
}

// quote makes a word safe for a POSIX shell.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,=+@%", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
