package library

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/accelbench/accelbench/devices"
)

// Pin is the one library file that is accepted for a platform.
type Pin struct {
	SHA256 string // of the library itself, in lower-case hexadecimal digits
	Bytes  int64
}

// Pinned are the libraries of release Version whose digests are known, by platform, as in linux/amd64. They are those of
// the npm package onnxruntime-node. The digests of other platforms and of the archives for GPUs are not known.
func Pinned() map[string]Pin {
	return map[string]Pin{
		"linux/amd64": {SHA256: "ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23", Bytes: 45_828_512},
		"linux/arm64": {SHA256: "1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76", Bytes: 25_135_496},
	}
}

// Options says where and for what platform to install, and how to reach the outside.
type Options struct {
	// Cache is the user's cache folder; empty if there is none, which is an error.
	Cache string
	// OS and Arch are the platform, as in GOOS and GOARCH.
	OS, Arch string
	// Variant is what the library is to run on.
	Variant Variant
	// Pins are the accepted libraries, as in Pinned.
	Pins map[string]Pin
	// Run runs npm.
	Run devices.Runner
	// HTTP fetches the release archive.
	HTTP devices.HTTPClient
	// Progress, which must be set, hears how far a step is, in bytes; total is -1 where that is not known.
	Progress func(step string, done, total int64)
}

// Variant is what a library runs models on.
type Variant string

// A CPU library is one file. A CUDA library has files beside it that run models on NVIDIA GPUs.
const (
	CPU  Variant = "cpu"
	CUDA Variant = "cuda"
)

// Installed is what is now in the cache.
type Installed struct {
	// Path and SHA256 are those of the library.
	Path, SHA256 string
	// Verified tells that the digest is the pinned one.
	Verified bool
	// Already tells that it was there before and nothing was done.
	Already bool
	// Files are the names of all files that lie in the folder.
	Files []string
	// Hidden is the path of another library in the cache that Find takes before this one; empty if there is none.
	Hidden string
}

// Install puts the pinned library into the cache, unless it is there already with the right digest: through npm, or where
// that is not possible from the release archive over HTTPS. Whichever way it comes, the library must have the pinned
// digest. The digest of the library in the release archive was never compared with that in the npm package: if the two
// differ, the archive is refused, and the way out is InstallFrom with a library that the user has checked.
//
// It fails without asking the network if no digest is known: on other platforms, and for CUDA. A failure leaves the cache
// as it was; of a download that was cut off it leaves what was there, and the next call goes on from it.
func Install(ctx context.Context, o Options) (Installed, error) {
	in, err := o.install(ctx)
	if err != nil {
		return Installed{}, fmt.Errorf("installing ONNX Runtime %s: %w", Version, err)
	}
	return in, nil
}

func (o Options) install(ctx context.Context) (Installed, error) {
	if o.Variant == CUDA {
		return Installed{}, fmt.Errorf("no verified digest is known for the archives for GPUs, so nothing was downloaded: "+
			"get the release archive (onnxruntime-linux-x64-gpu_cuda13-%s.tgz or -gpu_cuda12) or the Python wheel onnxruntime-gpu, check it, and give "+
			"it, or the folder in which it is unpacked, with --from; an active Python environment with onnxruntime-gpu is found without setup", Version)
	}
	pin, ok := o.Pins[o.OS+"/"+o.Arch]
	if !ok {
		return Installed{}, fmt.Errorf("no verified digest is known for %s/%s, so nothing was downloaded: "+
			"get the library yourself, check it, and give it with --from", o.OS, o.Arch)
	}
	if o.Cache == "" {
		return Installed{}, errNoCache
	}
	target := CachePath(o.Cache, o.OS)
	if sum, err := Digest(target); err == nil && sum == pin.SHA256 {
		in := Installed{Path: target, SHA256: sum, Verified: true, Already: true, Files: []string{filepath.Base(target)}}
		return o.hidden(in), nil
	}
	s, err := newStage(o)
	if err != nil {
		return Installed{}, err
	}
	defer s.discard()
	if err := s.fetch(ctx, pin); err != nil {
		return Installed{}, err
	}
	return s.publish(pin.SHA256, filepath.Dir(target))
}

var errNoCache = errors.New("this user has no cache folder: set HOME or XDG_CACHE_HOME")

// InstallFrom puts what the user has into the cache: a library file, a release or npm archive (.tgz), a Python wheel, or a
// folder with the library. For CUDA the files for NVIDIA GPUs come with it: those of the same archive or folder, or those
// beside the library file.
//
// The file must be a shared library for the platform with ONNX Runtime's entry point. Its digest is in the result and not
// compared with anything: if it is the pinned one the library takes the place of the pinned one, else it goes to a folder
// of its own, in the place of what was there, and Find takes it before the pinned one. A failure leaves the cache as it was.
func InstallFrom(ctx context.Context, o Options, source string) (Installed, error) {
	in, err := o.installFrom(ctx, source)
	if err != nil {
		return Installed{}, fmt.Errorf("installing ONNX Runtime from %s: %w", source, err)
	}
	return in, nil
}

func (o Options) installFrom(ctx context.Context, source string) (Installed, error) {
	if o.Cache == "" {
		return Installed{}, errNoCache
	}
	if o.Variant == CUDA && o.OS != "linux" && o.OS != "windows" {
		return Installed{}, fmt.Errorf("there is no CUDA on %s", o.OS)
	}
	if _, err := os.Stat(source); err != nil {
		return Installed{}, withoutPath(err)
	}
	s, err := newStage(o)
	if err != nil {
		return Installed{}, err
	}
	defer s.discard()
	sum, err := s.take(ctx, source)
	if err != nil {
		return Installed{}, err
	}
	folder := customFolder
	if pin, ok := o.Pins[o.OS+"/"+o.Arch]; ok && sum == pin.SHA256 && o.Variant == CPU {
		folder = Version
	}
	return s.publish(sum, filepath.Dir(cachePath(o.Cache, o.OS, folder)))
}

// take copies the library and what belongs to it out of a source, and returns the library's digest.
func (s *stage) take(ctx context.Context, source string) (sum string, err error) {
	var refused []string
	alone := false // the source is one file, whatever its name
	err = walk(source, s.names, func(name string, size int64, content io.Reader) error {
		base := baseName(name)
		alone = name == source
		if sum != "" || !alone && !s.names.isLibrary(base) {
			return s.takeProvider(ctx, base, size, content)
		}
		got, err := s.write(ctx, s.names.installed, base, content, size)
		if err != nil {
			return err
		}
		if err := s.check(s.names.installed, checkLibrary); err != nil {
			refused = append(refused, fmt.Sprintf("%s: %v", base, err))
			return s.remove(s.names.installed)
		}
		sum = got
		if s.options.Variant == CPU {
			return fs.SkipAll
		}
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case sum == "" && len(refused) == 0:
		return "", fmt.Errorf("it holds no file named like the library, %s", s.names.installed)
	case sum == "":
		return "", errors.New(strings.Join(refused, "; "))
	}
	if s.options.Variant == CUDA && alone {
		if err := s.takeBeside(ctx, source); err != nil {
			return "", err
		}
	}
	return sum, s.complete()
}

// takeProvider copies a file that runs models on some device, if the variant wants it and it is for this platform.
func (s *stage) takeProvider(ctx context.Context, base string, size int64, content io.Reader) error {
	if s.options.Variant != CUDA || !s.names.isProvider(base) || s.has(base) {
		return nil
	}
	if _, err := s.write(ctx, base, base, content, size); err != nil {
		return err
	}
	if s.check(base, checkPlatform) != nil {
		return s.remove(base) // an archive for several platforms has it once for each
	}
	return nil
}

// takeBeside copies the files for GPUs that lie beside a library file.
func (s *stage) takeBeside(ctx context.Context, file string) error {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	return walkDir(filepath.Dir(real), s.names, func(name string, size int64, content io.Reader) error {
		return s.takeProvider(ctx, baseName(name), size, content)
	})
}

// complete returns nil if nothing is missing of what the variant needs.
func (s *stage) complete() error {
	if s.options.Variant != CUDA {
		return nil
	}
	for _, device := range []string{"shared", "cuda"} {
		if name := s.names.provider(device); !s.has(name) {
			return fmt.Errorf("it has no %s, which a library for CUDA needs beside it: take the archive or wheel for GPUs", name)
		}
	}
	return nil
}
