package price

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RegionAll is the region of a price that holds in every region of its provider.
const RegionAll = "all"

//go:embed catalogue.csv
var embedded string

// The columns of a catalogue, in order; the head of catalogue.csv says what each one means.
const columns = "provider,instance_type,region,accelerator,accelerator_count,vcpu,memory_gib,market,usd_per_hour," +
	"source,source_date,doubtful,note"

// Entry is one row of a catalogue: an instance type in one region and market. Unknown is nil or empty.
type Entry struct {
	Provider     string `json:"provider"`
	InstanceType string `json:"instance_type"`
	Region       string `json:"region"`
	// Accelerator is the label of the source; labels differ between sources, so nothing may be joined on it.
	Accelerator string `json:"accelerator,omitempty"`
	// AcceleratorCount is 0 for a CPU-only instance and nil when not known as a whole number (a size with a
	// fraction of one GPU).
	AcceleratorCount *int     `json:"accelerator_count"`
	VCPU             *int     `json:"vcpu"`
	MemoryGiB        *float64 `json:"memory_gib"`
	Market           Market   `json:"market"`
	// USDPerHour is nil when there is no public price in that market.
	USDPerHour *float64 `json:"usd_per_hour"`
	Source     string   `json:"source"`
	// Date is YYYY-MM-DD, or a text with the word "undated".
	Date     string `json:"date"`
	Doubtful bool   `json:"doubtful"`
	Note     string `json:"note,omitempty"`
}

// Price is the row as a price; ok is false when the row says that there is no public one.
func (e Entry) Price() (p Price, ok bool) {
	if e.USDPerHour == nil {
		return Price{}, false
	}
	return Price{
		AmountUSDPerHour: *e.USDPerHour, Currency: Currency, Market: e.Market,
		Provider: e.Provider, InstanceType: e.InstanceType, Region: e.Region,
		Date: e.Date, Source: e.Source, Note: e.Note, Doubtful: e.Doubtful, AcceleratorCount: e.AcceleratorCount,
	}, true
}

// USDPerAcceleratorHour is the price shared among the accelerators of the instance; nil when there is no price,
// no accelerator, or no whole number of them.
func (e Entry) USDPerAcceleratorHour() *float64 {
	if e.USDPerHour == nil || e.AcceleratorCount == nil || *e.AcceleratorCount == 0 {
		return nil
	}
	share := *e.USDPerHour / float64(*e.AcceleratorCount)
	return &share
}

// Catalogue is a checked list of entries. Make one with Embedded or Read.
type Catalogue struct{ rows []Entry }

// Embedded is the catalogue that is part of the program.
func Embedded() (*Catalogue, error) { return Read("catalogue.csv", strings.NewReader(embedded)) }

// Rows are all entries in the order of the file; the slice is the caller's.
func (c *Catalogue) Rows() []Entry { return slices.Clone(c.rows) }

// Instance are the entries of one instance type in all providers, regions and markets; upper and lower case are
// the same. It is empty for an unknown type.
func (c *Catalogue) Instance(instanceType string) []Entry {
	var out []Entry
	for _, e := range c.rows {
		if strings.EqualFold(e.InstanceType, instanceType) {
			out = append(out, e)
		}
	}
	return out
}

// Read reads and checks a catalogue in the form of catalogue.csv. The name stands in errors, which carry the line,
// the column within it and what is wrong: a price that is 0, negative or not finite, a missing source or date,
// an unknown market, a repeated provider, instance type, region and market.
func Read(name string, r io.Reader) (*Catalogue, error) {
	in := csv.NewReader(r)
	in.Comment = '#'
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading prices: %s is empty: its first line must be %s", name, columns)
	}
	if err != nil {
		return nil, fmt.Errorf("reading prices: %s: %w", name, err)
	}
	if got := strings.Join(header, ","); got != columns {
		line, _ := in.FieldPos(0)
		return nil, fmt.Errorf("reading prices: %s:%d: header is %q, must be %q", name, line, got, columns)
	}
	c := &Catalogue{}
	lines := map[string]int{}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading prices: %s: %w", name, err)
		}
		e, at, err := entry(fields)
		line, column := in.FieldPos(at)
		if err == nil {
			key := strings.ToLower(strings.Join([]string{e.Provider, e.InstanceType, e.Region, string(e.Market)}, "\x00"))
			if first, ok := lines[key]; ok {
				err = fmt.Errorf("same provider, instance type, region and market as line %d", first)
			}
			lines[key] = line
		}
		if err != nil {
			field := strings.Split(columns, ",")[at]
			return nil, fmt.Errorf("reading prices: %s:%d:%d: %s: %w", name, line, column, field, err)
		}
		c.rows = append(c.rows, e)
	}
}

// entry reads one row; on an error, at is the index of the offending field.
func entry(f []string) (e Entry, at int, err error) {
	for i, s := range f {
		if s != strings.TrimSpace(s) {
			return e, i, errors.New("has space around its text")
		}
	}
	e = Entry{
		Provider: f[0], InstanceType: f[1], Region: f[2], Accelerator: f[3],
		Source: f[9], Date: f[10], Note: f[12],
	}
	for _, i := range []int{0, 1, 2, 9} {
		if f[i] == "" {
			return e, i, errors.New("is missing")
		}
	}
	if e.AcceleratorCount, err = accelerators(f[3], f[4]); err != nil {
		return e, 4, err
	}
	if e.VCPU, err = whole(f[5]); err == nil && e.VCPU != nil && *e.VCPU == 0 {
		err = errors.New("must be above 0, or empty when unknown")
	}
	if err != nil {
		return e, 5, err
	}
	if e.MemoryGiB, err = amount(f[6]); err != nil {
		return e, 6, err
	}
	if e.Market, err = ParseMarket(f[7]); err != nil {
		return e, 7, err
	}
	if e.USDPerHour, err = amount(f[8]); err != nil {
		return e, 8, err
	}
	if err = checkDate(f[10]); err != nil {
		return e, 10, err
	}
	if f[11] != "true" && f[11] != "false" {
		return e, 11, fmt.Errorf("%q is neither true nor false", f[11])
	}
	if e.Doubtful = f[11] == "true"; e.Doubtful && e.Note == "" {
		return e, 12, errors.New("is missing: a doubtful row must say why")
	}
	return e, 0, nil
}

func accelerators(label, count string) (*int, error) {
	n, err := whole(count)
	switch {
	case err != nil || n == nil:
		return nil, err
	case *n == 0 && label != "":
		return nil, fmt.Errorf("is 0 beside %q: leave the count of a fraction empty", label)
	case *n > 0 && label == "":
		return nil, errors.New("counts accelerators that have no name")
	}
	return n, nil
}

// whole reads a number of 0 and above; empty is nil.
func whole(s string) (*int, error) {
	if s == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return nil, fmt.Errorf("%q is no whole number of 0 and above", s)
	}
	return &n, nil
}

// amount reads a finite number above 0; empty is nil.
func amount(s string) (*float64, error) {
	if s == "" {
		return nil, nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !positive(x) {
		return nil, fmt.Errorf("%q is no finite number above 0; leave it empty when unknown", s)
	}
	return &x, nil
}

func checkDate(s string) error {
	if s == "" {
		return errors.New("is missing")
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil && !strings.Contains(s, "undated") {
		return fmt.Errorf("%q is neither YYYY-MM-DD nor marked as undated", s)
	}
	return nil
}
