package workloads

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Calibration holds the ranges of a workload's activations, from the float64 reference over the whole pool: what an engine
// needs that quantises activations statically.
type Calibration struct {
	Workload string `json:"workload"`
	// Key identifies computation, seed and pool; see [Workload.GoldenKey].
	Key    string       `json:"key"`
	Ranges []ValueRange `json:"ranges"`
}

// ValueRange is the least and the greatest element of a float input or a computed value, by [Value.Name].
type ValueRange struct {
	Name string  `json:"name"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ErrCalibration marks a calibration record that is malformed.
var ErrCalibration = errors.New("no record of activation ranges")

//go:embed ranges
var rangeFiles embed.FS

// Ranges are the embedded ranges of the activations by [Value.Name], those of float inputs and computed values; false if
// there are none for this shape.
func (w *Workload) Ranges() (map[string]ValueRange, bool) {
	key, err := w.GoldenKey()
	if err != nil {
		return nil, false
	}
	text, err := rangeFiles.ReadFile("ranges/" + (&Calibration{Workload: w.Name}).File())
	if err != nil {
		return nil, false
	}
	c, err := ReadCalibration(text)
	if err != nil || c.Key != key {
		return nil, false
	}
	out := map[string]ValueRange{}
	for _, r := range c.Ranges {
		out[r.Name] = r
	}
	return out, true
}

// File is the name of the calibration's file.
func (c *Calibration) File() string { return c.Workload + ".json" }

// Write stores the ranges in dir under [Calibration.File], rounded to nine digits, one per line.
func (c *Calibration) Write(dir string) error {
	head, err := json.Marshal(Calibration{Workload: c.Workload, Key: c.Key})
	if err != nil {
		return fmt.Errorf("writing ranges of %s: %w", c.Workload, err)
	}
	text := bytes.NewBuffer(bytes.TrimSuffix(head, []byte("null}")))
	text.WriteString("[\n")
	for i, r := range c.Ranges {
		r.Low, r.High = roundDigits(r.Low), roundDigits(r.High)
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing ranges of %s: %w", c.Workload, err)
		}
		text.Write(line)
		if i < len(c.Ranges)-1 {
			text.WriteByte(',')
		}
		text.WriteByte('\n')
	}
	text.WriteString("]}\n")
	if _, err := ReadCalibration(text.Bytes()); err != nil {
		return fmt.Errorf("writing ranges of %s: %w", c.Workload, err)
	}
	if err := os.WriteFile(filepath.Join(dir, c.File()), text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing ranges of %s: %w", c.Workload, err)
	}
	return nil
}

// ReadCalibration parses a file of ranges. The error wraps [ErrCalibration] and says what is wrong: text that is no such
// record, no ranges, one without a name or of a name that comes twice, or one whose least element is above its greatest.
func ReadCalibration(text []byte) (*Calibration, error) {
	var c Calibration
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("reading ranges: %w: %w", ErrCalibration, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading ranges: %w: text after the record", ErrCalibration)
	}
	if len(c.Ranges) == 0 {
		return nil, fmt.Errorf("reading ranges of %s: %w: there are none", c.Workload, ErrCalibration)
	}
	seen := map[string]bool{}
	for i, r := range c.Ranges {
		switch {
		case r.Name == "" || seen[r.Name]:
			return nil, fmt.Errorf("reading ranges of %s: %w: range %d is of %q, no name or again", c.Workload, ErrCalibration, i, r.Name)
		case r.Low > r.High:
			return nil, fmt.Errorf("reading ranges of %s: %w: %s reaches from %g to %g", c.Workload, ErrCalibration, r.Name, r.Low, r.High)
		}
		seen[r.Name] = true
	}
	return &c, nil
}
