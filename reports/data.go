package reports

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// JSON writes the document's data, indented.
func JSON(w io.Writer, d Document) error {
	if err := d.form("json", d.Data != nil); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d.Data); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// CSV writes the document's sheet in the form of RFC 4180, lines ending in a line feed: the keys, then one line per row in
// full precision; unknown is empty.
func CSV(w io.Writer, d Document) error {
	if err := d.form("csv", len(d.Sheet.Keys) > 0); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(d.Sheet.Keys); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	line := make([]string, len(d.Sheet.Keys))
	for _, row := range d.Sheet.Rows {
		for i, v := range row {
			line[i] = csvValue(v)
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("writing CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// formulaStarts are the characters after which a spreadsheet computes instead of showing.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// csvValue writes numbers in full precision. Text that a spreadsheet would take for a formula gets an apostrophe in front.
func csvValue(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return ""
		}
		if a := math.Abs(x); a >= 1e-6 && a < 1e21 { // as JSON has it
			return strconv.FormatFloat(x, 'f', -1, 64)
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	case time.Time:
		return x.UTC().Format(time.RFC3339)
	case int, int64, uint64, bool:
		return fmt.Sprint(x)
	default:
		s := fmt.Sprint(x)
		if first := strings.TrimLeft(s, " "); first != "" && strings.ContainsRune(formulaStarts, []rune(first)[0]) {
			return "'" + s
		}
		return s
	}
}

// value is what a pointer points to, or nil, so that a sheet holds no pointers.
func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
