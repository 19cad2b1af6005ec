package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
	"github.com/accelbench/accelbench/devices/engine/onnxruntime/ort"
	"github.com/accelbench/accelbench/devices/host"
)

// setupCommand gets the software that an engine needs and that is not part of this program.
func setupCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "setup",
		Usage: "get the software of an engine into the cache; nothing is downloaded unless this command is given",
		Subcommands: []*cli.Command{{
			Name:  "onnxruntime",
			Usage: "get the ONNX Runtime library: release " + library.Version + " with a verified digest, or a copy of what you have",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "from", Usage: "copy from `FILE`: a library, a release or npm archive (.tgz), a Python wheel, or a folder"},
				&cli.BoolFlag{Name: "cuda", Usage: "with the files for NVIDIA GPUs; needs --from"},
			},
			Action: func(c *cli.Context) error {
				if err := noArguments(c); err != nil {
					return err
				}
				if c.IsSet("from") && c.String("from") == "" {
					return usagef("--from is empty: name a library, an archive, a wheel or a folder")
				}
				return setupONNXRuntime(c, s)
			},
		}},
	}
}

func setupONNXRuntime(c *cli.Context, s streams) error {
	here := library.Here("")
	p := &setupProgress{out: s.err}
	o := library.Options{Cache: here.Cache, OS: here.OS, Arch: here.Arch, Variant: library.CPU, Pins: library.Pinned(),
		Run: host.Run, HTTP: downloader(), Progress: p.hear}
	if c.Bool("cuda") {
		o.Variant = library.CUDA
	}
	var in library.Installed
	var err error
	if from := c.String("from"); from != "" {
		in, err = library.InstallFrom(c.Context, o, from)
	} else {
		in, err = library.Install(c.Context, o)
	}
	p.done()
	if err != nil {
		return err
	}
	if o.Variant == library.CPU {
		// What cannot be opened must not stand before what can.
		if _, err := ort.Open(in.Path); err != nil && !errors.Is(err, ort.ErrLeftOut) {
			return errors.Join(fmt.Errorf("the library cannot be used and is not kept: %w", err), os.Remove(in.Path))
		}
	}
	complain(s.err, "%s\n", describeInstalled(in))
	if in.Hidden != "" {
		complain(s.err, "%s is taken before it: remove that file to use this one\n", in.Hidden)
	}
	if _, err := fmt.Fprintln(s.out, in.Path); err != nil {
		return fmt.Errorf("writing to standard output: %w", err)
	}
	return nil
}

func describeInstalled(in library.Installed) string {
	state := "installed " + strings.Join(in.Files, ", ")
	if in.Already {
		state = "already installed, nothing to do"
	}
	if in.Verified {
		return fmt.Sprintf("ONNX Runtime %s: %s; sha256 %s, as expected", library.Version, state, in.SHA256)
	}
	return fmt.Sprintf("ONNX Runtime: %s; sha256 %s, which was compared with nothing", state, in.SHA256)
}

// downloader has no limit on the whole, because lines are slow; what stands still is noticed by the download itself.
func downloader() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   15 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		ForceAttemptHTTP2:     true,
	}}
}

// setupProgress shows the steps of a set-up: a bar on a terminal, a line for each step elsewhere.
type setupProgress struct {
	out  io.Writer
	step string
	bar  *progressbar.ProgressBar // nil when out is no terminal, or nothing is known of the step's length
}

func (p *setupProgress) hear(step string, done, total int64) {
	if step != p.step {
		p.done()
		p.step = step
		file, ok := p.out.(*os.File)
		if ok && total > 0 && term.IsTerminal(int(file.Fd())) {
			p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(step),
				progressbar.OptionShowBytes(true), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
				progressbar.OptionThrottle(100*time.Millisecond))
		} else {
			complain(p.out, "%s\n", step)
		}
	}
	if p.bar != nil {
		// An error to draw is no reason to stop.
		_ = p.bar.Set64(done)
	}
}

func (p *setupProgress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
