package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/accelbench/accelbench/reports"
)

// figureFlags are those of commands whose reports have figures.
func figureFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "figures", Usage: "also save the report's charts as SVG files in `DIR`, which is made if it is not there; Markdown shows them"},
		&cli.BoolFlag{Name: "badge", Usage: "with --figures: also save badge.svg, the result in a few words, which Markdown shows at its top"},
	}
}

// figures says where the charts of a report go. The zero value saves none.
type figures struct {
	dir   string
	badge bool
}

// readFigures reads the flags.
func readFigures(c *cli.Context) (figures, error) {
	f := figures{dir: c.String("figures"), badge: c.Bool("badge")}
	switch {
	case c.IsSet("figures") && f.dir == "":
		return f, usagef("--figures: name a folder for the charts")
	case f.dir == "" && f.badge:
		return f, usagef("--badge: where to? Give --figures DIR as well")
	}
	return f, nil
}

// makeFolder makes the folder. Called before anything is measured and after all that can be refused was read, it tells early of one
// that cannot be made, and leaves none behind a usage error.
func (f figures) makeFolder() error {
	if f.dir == "" {
		return nil
	}
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return fmt.Errorf("making the folder of --figures: %w", err)
	}
	return nil
}

// draw saves the figures and writes the document. Those that cannot be saved are an error, and the document is written without them.
func (f figures) draw(s streams, draws reports.Format, d reports.Document) error {
	d, saving := f.save(d)
	return errors.Join(draw(s, draws, d), saving)
}

// save saves the figures and returns the document that shows them. With an error come those that were saved before it.
func (f figures) save(d reports.Document) (reports.Document, error) {
	if !f.badge {
		d.Badge = nil
	}
	if f.dir == "" {
		return d, nil
	}
	return d.SaveFigures(f.write)
}

// write writes a figure and returns its path, seen from the working directory. A file of that name is replaced as a whole or not
// at all.
func (f figures) write(name, svg string) (path string, err error) {
	file := filepath.Join(f.dir, name+".svg")
	part, err := os.CreateTemp(f.dir, "."+name+"-*")
	if err != nil {
		return "", fmt.Errorf("saving figure %s: %w", file, err)
	}
	_, err = part.WriteString(svg)
	err = errors.Join(err, part.Chmod(0o644), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		return "", fmt.Errorf("saving figure %s: %w", file, errors.Join(err, os.Remove(part.Name())))
	}
	return fromHere(file), nil
}

// fromHere is a path seen from the working directory; as it is where that is not known.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil || !filepath.IsAbs(path) {
		return path
	}
	if seen, err := filepath.Rel(here, path); err == nil {
		return seen
	}
	return path
}
