package library_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/devices/engine/onnxruntime/library"
)

const partFile = root + "/" + releaseFile + ".part"

// serve makes a server the world's, whatever address is asked for.
func (w *world) serve(t *testing.T, handler http.HandlerFunc) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	w.server = func(req *http.Request) (*http.Response, error) {
		there := req.Clone(req.Context())
		there.URL.Scheme, there.URL.Host = "http", strings.TrimPrefix(server.URL, "http://")
		return server.Client().Do(there)
	}
}

// noise does not compress, so that an archive of it is long.
func noise(n int) []byte {
	random := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	_, _ = random.Read(b)
	return b
}

// released is a release archive of the pinned library and much else.
func released(t testing.TB) []byte {
	return tgz(t, file{"onnxruntime-linux-x64-1.30.0/LICENSE", noise(300_000)}, file{releaseMember, theLibrary()})
}

// whole answers with ranges, as file servers do.
func whole(content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "a.tgz", time.Time{}, bytes.NewReader(content))
	}
}

// cut breaks the connection after n bytes.
func cut(content []byte, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:n])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func TestInstallFromTheReleaseArchive(t *testing.T) {
	w := newWorld(t)
	w.serve(t, whole(released(t)))
	in, err := library.Install(t.Context(), w.options())
	require.NoError(t, err)
	require.True(t, in.Verified)
	require.Len(t, w.asked, 1)
	require.Equal(t, "https://github.com/microsoft/onnxruntime/releases/download/v1.30.0/"+releaseFile, w.asked[0].URL.String())
	require.Equal(t, []string{"npm pack onnxruntime-node@1.30.0", "downloading " + releaseFile, "unpacking libonnxruntime.so.1.30.0"}, w.steps)
	require.Equal(t, []string{"accelbench", root, root + "/1.30.0", pinnedFile}, tree(t, w.cache))
}

func TestADownloadGoesOn(t *testing.T) {
	archive := released(t)
	for _, c := range []struct {
		name      string
		part      []byte // what is there before
		server    http.HandlerFunc
		wantRange string
		wantStart int64
	}{
		{"from where it was cut off", archive[:100_000], whole(archive), "bytes=100000-", 100_000},
		{"from the last byte", archive[:len(archive)-1], whole(archive), fmt.Sprintf("bytes=%d-", len(archive)-1), int64(len(archive) - 1)},
		{"nowhere, when all is there", archive, whole(archive), fmt.Sprintf("bytes=%d-", len(archive)), -1},
		{"from the start, where the server knows no ranges", archive[:100_000], cut(archive, len(archive)), "bytes=100000-", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			put(t, w.cache, partFile, c.part)
			start := int64(-1)
			w.heard = func(step string, done int64) {
				if strings.HasPrefix(step, "downloading") && start < 0 {
					start = done
				}
			}
			w.serve(t, c.server)
			in, err := library.Install(t.Context(), w.options())
			require.NoError(t, err)
			require.Equal(t, digest(theLibrary()), in.SHA256)
			require.Equal(t, c.wantRange, w.asked[0].Header.Get("Range"))
			require.Equal(t, c.wantStart, start)
			require.Equal(t, []string{"accelbench", root, root + "/1.30.0", pinnedFile}, tree(t, w.cache))
		})
	}
}

func TestACutDownloadIsKeptAndResumed(t *testing.T) {
	archive := released(t)
	w := newWorld(t)
	put(t, w.cache, partFile, noise(200_000)) // the server knows no ranges: what was here counts for nothing
	w.serve(t, cut(archive, 100_000))
	_, err := library.Install(t.Context(), w.options())
	require.ErrorContains(t, err, "after 100000 bytes: unexpected EOF: run it again to go on from there")
	require.Equal(t, []string{"accelbench", root, partFile}, tree(t, w.cache))
	kept, err := os.ReadFile(filepath.Join(w.cache, filepath.FromSlash(partFile)))
	require.NoError(t, err)
	require.Equal(t, archive[:100_000], kept)
	w.serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "busy", http.StatusServiceUnavailable) })
	_, err = library.Install(t.Context(), w.options())
	require.ErrorContains(t, err, "the server answered 503 Service Unavailable")
	w.serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 100000-%d/%d", len(archive)-1, len(archive)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(archive[100_000:100_010])
	})
	_, err = library.Install(t.Context(), w.options())
	require.ErrorContains(t, err, fmt.Sprintf("100010 bytes came of %d: run it again", len(archive)))
	w.serve(t, whole(archive))
	_, err = library.Install(t.Context(), w.options())
	require.NoError(t, err)
	require.Equal(t, "bytes=100010-", w.asked[3].Header.Get("Range"))
}

func TestADownloadThatIsWrongIsNotKept(t *testing.T) {
	archive := released(t)
	other := bytes.Clone(theLibrary())
	other[len(other)-1] ^= 1
	answer := func(status int, contentRange string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", contentRange)
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}
	}
	damaged := bytes.Clone(archive)
	damaged[len(damaged)-100] ^= 1
	for _, c := range []struct {
		name   string
		part   []byte
		server http.HandlerFunc
		want   string
	}{
		{"another library", nil, whole(tgz(t, file{releaseMember, other})), "refused " + releaseFile + ": "},
		{"an empty answer", nil, whole(nil), "it has none at all"},
		{"no archive", nil, whole([]byte("<html>")), "it has none at all"},
		{"the beginning of another file", noise(100_000), whole(archive), "it has none at all"},
		{"damage on the way", damaged[:len(damaged)-50], whole(archive), "refused "},
		{"an archive cut short", nil, whole(archive[:200_000]), "reading " + releaseFile + ".part: unexpected EOF"},
		{"longer than the server's", append(bytes.Clone(archive), 0), whole(archive), "not the beginning of what the server has"},
		{"a range not asked for", archive[:10], answer(206, "bytes 0-9/1000", archive[:10]), "not the beginning of what the server has"},
		{"a range that starts elsewhere", archive[:10], answer(206, "bytes 0-999/1000", archive[:1000]), "not the beginning of what the server has"},
		{"half a range", archive[:10], answer(206, "bytes 10-19/1000", archive[:10]), "not the beginning of what the server has"},
		{"no range", archive[:10], answer(206, "", archive[:10]), "not the beginning of what the server has"},
		{"no file", nil, http.NotFound, "the server answered 404 Not Found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.part != nil {
				put(t, w.cache, partFile, c.part)
			}
			w.serve(t, c.server)
			_, err := library.Install(t.Context(), w.options())
			require.ErrorContains(t, err, c.want)
			require.Equal(t, []string{"accelbench", root}, tree(t, w.cache))
		})
	}
}

func TestCancelKeepsThePartOfADownload(t *testing.T) {
	archive := released(t)
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.heard = func(step string, done int64) {
		if strings.HasPrefix(step, "downloading") && done > 50_000 {
			cancel()
		}
	}
	w.serve(t, whole(archive))
	_, err := library.Install(ctx, w.options())
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"accelbench", root, partFile}, tree(t, w.cache))
	w.heard = nil
	_, err = library.Install(t.Context(), w.options())
	require.NoError(t, err)
	require.NotEmpty(t, w.asked[1].Header.Get("Range"))
}

// still is a body that stops after some bytes until the request is given up.
type still struct {
	ctx  context.Context
	data io.Reader
}

func (s still) Read(p []byte) (int, error) {
	if n, err := s.data.Read(p); err == nil {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (still) Close() error { return nil }

func TestADownloadThatStandsStillEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		server func(*http.Request) (*http.Response, error)
	}{
		{"no answer", func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}},
		{"no more of it", func(req *http.Request) (*http.Response, error) {
			body := still{req.Context(), strings.NewReader("some")}
			return &http.Response{StatusCode: http.StatusOK, ContentLength: 1000, Body: body}, nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.server = c.server
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, err := library.Install(t.Context(), w.options())
				require.ErrorContains(t, err, "nothing came for 1m0s: run it again")
				require.NotErrorIs(t, err, context.Canceled, "nobody cancelled it")
				require.Equal(t, time.Minute, time.Since(began))
			})
		})
	}
}

// slow gives a tenth of a kilobyte in most of a minute.
type slow struct{ data io.Reader }

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(50 * time.Second)
	return s.data.Read(p[:min(100, len(p))])
}

func (slow) Close() error { return nil }

func TestASlowDownloadIsLeftToItself(t *testing.T) {
	w, archive := newWorld(t), tgz(t, file{releaseMember, theLibrary()})
	synctest.Test(t, func(t *testing.T) {
		w.server = func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: int64(len(archive)), Body: slow{bytes.NewReader(archive)}}, nil
		}
		began := time.Now()
		_, err := library.Install(t.Context(), w.options())
		require.NoError(t, err)
		require.Greater(t, time.Since(began), 2*time.Minute)
	})
}
