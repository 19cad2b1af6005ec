package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	npmPackage = "onnxruntime-node@" + Version
	releases   = "https://github.com/microsoft/onnxruntime/releases/download/v" + Version + "/"
	// stallLimit is how long a download may stand still: far more than a slow line needs between two packets.
	stallLimit = time.Minute
)

var (
	errRefused     = errors.New("refused")
	errNoBeginning = errors.New("what is here is not the beginning of what the server has: run it again to start anew")
	errStalled     = fmt.Errorf("nothing came for %s", stallLimit)
)

// releaseArchive is the name of the release archive for a Linux machine. That for arm64 follows the names of earlier
// releases and is not verified; a wrong one ends in the server's 404.
func releaseArchive(goarch string) string {
	machine := map[string]string{"amd64": "x64", "arm64": "aarch64"}[goarch]
	return "onnxruntime-linux-" + machine + "-" + Version + ".tgz"
}

// fetch gets the pinned library into the stage. A library with another digest ends it: that is no reason to try elsewhere.
func (s *stage) fetch(ctx context.Context, pin Pin) error {
	npmErr := s.fromNPM(ctx, pin)
	if npmErr == nil || errors.Is(npmErr, errRefused) || ctx.Err() != nil {
		return npmErr
	}
	err := s.fromRelease(ctx, pin)
	if err == nil || errors.Is(err, errRefused) || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("by npm: %w; by the release archive: %w; or get the library yourself and give it with --from", npmErr, err)
}

func (s *stage) fromNPM(ctx context.Context, pin Pin) error {
	dir := filepath.Join(s.dir, "npm")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // in any case removed with the stage
	s.options.Progress("npm pack "+npmPackage, 0, -1)
	// Packing only downloads: nothing of the package is run.
	_, stderr, err := s.options.Run(ctx, "npm", "pack", npmPackage, "--ignore-scripts", "--pack-destination", dir)
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return errors.New("npm is not installed")
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %s", err, oneLine(stderr))
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return fmt.Errorf("npm pack made %d archives in %s in place of one", len(archives), dir)
	}
	return s.takePinned(ctx, archives[0], pin)
}

// oneLine is the end of what a command complained about, where its cause is, as a line.
func oneLine(text []byte) string {
	const most = 600
	line := strings.Join(strings.FieldsFunc(strings.TrimSpace(string(text)), func(r rune) bool { return r == '\n' || r == '\r' }), " | ")
	if len(line) > most {
		line = "…" + strings.ToValidUTF8(line[len(line)-most:], "")
	}
	return line
}

func (s *stage) fromRelease(ctx context.Context, pin Pin) error {
	name := releaseArchive(s.options.Arch)
	part := filepath.Join(s.root, name+".part")
	if err := s.download(ctx, releases+name, part); err != nil {
		return fmt.Errorf("downloading %s: %w", releases+name, err)
	}
	// What is complete and wrong must not be resumed.
	defer func() { _ = os.Remove(part) }()
	return s.takePinned(ctx, part, pin)
}

// takePinned copies the library with the pinned digest out of an archive.
func (s *stage) takePinned(ctx context.Context, archive string, pin Pin) error {
	var others []string
	found := false
	err := walk(archive, s.names, func(name string, size int64, content io.Reader) error {
		if !s.names.isLibrary(baseName(name)) {
			return nil
		}
		if size != pin.Bytes {
			others = append(others, fmt.Sprintf("%s has %d bytes", name, size))
			return nil
		}
		sum, err := s.write(ctx, s.names.installed, baseName(name), content, size)
		if err != nil {
			return err
		}
		if sum != pin.SHA256 {
			others = append(others, fmt.Sprintf("%s has %s", name, sum))
			return s.remove(s.names.installed)
		}
		found = true
		return fs.SkipAll
	})
	if err != nil || found {
		return err
	}
	if len(others) == 0 {
		others = []string{"it has none at all"}
	}
	return fmt.Errorf("%w %s: no library in it is the pinned one, which has %d bytes and SHA-256 %s (%s); "+
		"if you have checked another, give it with --from", errRefused, strings.TrimSuffix(filepath.Base(archive), ".part"), pin.Bytes, pin.SHA256, strings.Join(others, ", "))
}

// download gets a file, going on from what an earlier call left in part.
func (s *stage) download(ctx context.Context, url, part string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(stallLimit, func() { cancel(errStalled) })
	defer stall.Stop()
	err := s.get(ctx, url, part, func() { stall.Reset(stallLimit) })
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errStalled) {
		return fmt.Errorf("%w: run it again to go on from there", cause)
	}
	return err
}

func (s *stage) get(ctx context.Context, url, part string, alive func()) error {
	have := int64(0)
	if info, err := os.Stat(part); err == nil {
		have = info.Size()
	}
	resp, err := s.ask(ctx, url, have)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // only read
	start, total, err := placeOf(resp, have)
	switch {
	case errors.Is(err, errNoBeginning):
		return errors.Join(err, os.Remove(part))
	case err != nil:
		return err
	case have > 0 && start == have && total == have:
		return nil
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	err = f.Truncate(start)
	if err == nil {
		_, err = f.Seek(start, io.SeekStart)
	}
	heard := s.hear("downloading "+strings.TrimSuffix(filepath.Base(part), ".part"), start, total)
	n := int64(0)
	if err == nil {
		n, err = io.Copy(f, &source{ctx: ctx, from: resp.Body, heard: func(n int) { alive(); heard(n) }})
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("after %d bytes: %w: run it again to go on from there", start+n, err)
	}
	if total >= 0 && start+n != total {
		return fmt.Errorf("%d bytes came of %d: run it again", start+n, total)
	}
	return nil
}

// ask requests a file from a byte on.
func (s *stage) ask(ctx context.Context, url string, from int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	return s.options.HTTP.Do(req)
}

// placeOf tells which byte of the file the answer starts with, and how many bytes the file has, -1 if that is not said.
// An answer that starts where the file ends has nothing more to give. An error that wraps errNoBeginning says that
// what was asked for cannot follow what is here.
func placeOf(resp *http.Response, asked int64) (start, total int64, err error) {
	said := resp.Header.Get("Content-Range")
	switch resp.StatusCode {
	case http.StatusOK:
		return 0, resp.ContentLength, nil
	case http.StatusPartialContent:
		var end int64
		if _, err := fmt.Sscanf(said, "bytes %d-%d/%d", &start, &end, &total); err != nil || start != asked || end+1 != total {
			return 0, 0, fmt.Errorf("asked from byte %d on, answered %q: %w", asked, said, errNoBeginning)
		}
		return start, total, nil
	case http.StatusRequestedRangeNotSatisfiable:
		if _, err := fmt.Sscanf(said, "bytes */%d", &total); err != nil || total != asked {
			return 0, 0, fmt.Errorf("asked from byte %d on, answered %q: %w", asked, said, errNoBeginning)
		}
		return total, total, nil
	}
	return 0, 0, fmt.Errorf("the server answered %s", resp.Status)
}
