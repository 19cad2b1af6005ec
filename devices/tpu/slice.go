package tpu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/accelbench/accelbench/devices"
	"github.com/accelbench/accelbench/devices/host/sysfiles"
)

const (
	metadataURL   = "http://metadata.google.internal/computeMetadata/v1/instance/attributes/accelerator-type"
	metadataLimit = time.Second
	answerLimit   = 1 << 10
)

// slice is the set of chips that was rented together, which may be more than this machine's.
type slice struct {
	// text is the type as "v5litepod-8", word and number its two parts.
	text, word string
	number     int
	source     string
	worker     any
	problems   []devices.Problem
}

var sliceType = regexp.MustCompile(`^(v\d{1,3}[a-zA-Z]{0,16})-(\d{1,6})$`)

// readSlice takes the type from the environment, else on Google's cloud from the metadata service.
func readSlice(ctx context.Context, m devices.Machine) slice {
	var s slice
	if worker, err := strconv.ParseUint(env(m, envWorker), 10, 16); err == nil {
		s.worker = int(worker)
	}
	text, source := env(m, envType), "env"
	if text == "" {
		vendor, _ := sysfiles.Text(m.FS, "sys/class/dmi/id/sys_vendor")
		if vendor != "Google" || m.HTTP == nil {
			return s
		}
		answer, err := ask(ctx, m.HTTP)
		if err != nil {
			return s // no TPU needs it, and many containers may not ask
		}
		text, source = answer, "metadata"
	}
	parts := sliceType.FindStringSubmatch(text)
	if parts == nil {
		s.problems = append(s.problems, devices.Problem{Text: fmt.Sprintf("the type of the TPU slice (from %s) is not of the form v5litepod-8", source),
			Remedy: "correct " + envType + " or unset it"})
		return s
	}
	s.text, s.word, s.source = text, strings.ToLower(parts[1]), source
	s.number, _ = strconv.Atoi(parts[2])
	return s
}

func env(m devices.Machine, name string) string {
	value, _ := m.Lookup(name)
	return strings.TrimSpace(value)
}

// generation is the name of the slice's chips; empty if the type is not known.
func (s slice) generation() string {
	return map[string]string{"v2": "TPU v2", "v3": "TPU v3", "v4": "TPU v4", "v5p": "TPU v5p", "v5litepod": "TPU v5e", "v6e": "TPU v6e"}[s.word]
}

// chips is nil if not known. The number in the type counts cores, two of which are a chip, up to v5p, and chips of the
// kinds for inference.
func (s slice) chips() any {
	switch s.generation() {
	case "TPU v2", "TPU v3", "TPU v4", "TPU v5p":
		if s.number%2 == 0 && s.number > 0 {
			return s.number / 2
		}
	case "TPU v5e", "TPU v6e":
		if s.number > 0 {
			return s.number
		}
	}
	return nil
}

var errNoMetadata = errors.New("the metadata service does not tell the type of the slice")

func ask(ctx context.Context, client devices.HTTPClient) (text string, err error) {
	limited, cancel := context.WithTimeout(ctx, metadataLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodGet, metadataURL, nil)
	if err != nil {
		return "", fmt.Errorf("asking for the type of the TPU slice: %w", err)
	}
	req.Header.Set("Metadata-Flavor", "Google")
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("asking for the type of the TPU slice: %w", err)
	}
	defer func() {
		if e := resp.Body.Close(); err == nil && e != nil {
			text, err = "", fmt.Errorf("asking for the type of the TPU slice: %w", e)
		}
	}()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Metadata-Flavor") != "Google" {
		return "", errNoMetadata
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return "", fmt.Errorf("asking for the type of the TPU slice: %w", err)
	}
	return strings.TrimSpace(string(body)), nil
}
