package reports

import (
	"regexp"
	"strconv"
	"strings"
)

// A number as cells begin with it, perhaps within parentheses or after a currency; its half-width or its range; its unit.
var measured = regexp.MustCompile(`^\(?(?:[A-Z]{3} |\$)?([-+−]?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)(?: ± [0-9.e+-]+)?(?: \([^)]*\))? ?([^ ()]*)(.*)$`)

// prefixed are the units that stand with prefixes in tables; the empty one is that of plain numbers.
var prefixed = regexp.MustCompile(`^([kMGTP])(|B|FLOP|Hz|J|W|Wh)$`)

var unitSizes = map[string]float64{
	"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
}

// sortKey is the number that a cell of finished text stands for, in the unit without a prefix: 0.000456 for "456 µs", 2292000
// for "2292 ± 73 k". Cells without a number ("n/a", "needs n >= 441") have none.
func sortKey(cell string) (float64, bool) {
	parts := measured.FindStringSubmatch(oneLine(cell))
	if parts == nil {
		return 0, false
	}
	x, err := strconv.ParseFloat(strings.Replace(parts[1], "−", "-", 1), 64)
	if err != nil {
		return 0, false
	}
	unit, _, _ := strings.Cut(parts[2], "/")
	size, known := unitSizes[unit]
	if p := prefixed.FindStringSubmatch(unit); p != nil {
		size, known = unitSizes[p[1]], true
	}
	if !known {
		return x, true
	}
	x *= size
	if unit == "h" || unit == "min" { // 3 min 5 s
		if rest, ok := sortKey(strings.TrimSpace(parts[3])); ok {
			x += rest
		}
	}
	return x, true
}
