package chart

import (
	"html"
	"strings"
	"unicode"
)

// The sizes of text in units of the drawing, which is shown at about its own size.
const (
	textSize  = 13.0
	titleSize = 16.0
)

// longest is the most characters of any text that is drawn.
const longest = 600

// plain makes text from anywhere one line that XML may hold and that shows what it says.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029', r == 0xFFFE, r == 0xFFFF:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}

// escaped is plain text as XML.
func escaped(s string) string { return html.EscapeString(plain(s)) }

// width estimates how wide a text is drawn, on the wide side for the usual sans-serif fonts.
func width(s string, size float64) float64 {
	total := 0.0
	for _, r := range s {
		total += advance(r)
	}
	return total * size
}

// advance is the width of a character over the size of the font.
func advance(r rune) float64 {
	switch {
	case strings.ContainsRune("ijl.,:;'|!()[] ", r):
		return 0.33
	case strings.ContainsRune("mwMW@%", r):
		return 0.92
	case strings.ContainsRune("<>=+~&±×", r):
		return 0.7
	case r >= 0x1100: // scripts with square characters
		return 1.1
	case unicode.IsUpper(r):
		return 0.7
	}
	return 0.58
}

// fit cuts a text that is wider than there is room for.
func fit(s string, room, size float64) string {
	s = plain(s)
	if width(s, size) <= room {
		return s
	}
	const mark = "…"
	total, out := advance('…')*size, strings.Builder{}
	for _, r := range s {
		if total += advance(r) * size; total > room {
			break
		}
		out.WriteRune(r)
	}
	return strings.TrimRight(out.String(), " ") + mark
}

// wrap breaks a text into lines; what does not go into the most lines is cut.
func wrap(s string, room, size float64, most int) []string {
	var lines []string
	line := ""
	words := strings.Fields(plain(s))
	for i, word := range words {
		longer := strings.TrimSpace(line + " " + word)
		switch {
		case line == "" || width(longer, size) <= room:
			line = longer
		case len(lines) == most-1:
			return append(lines, fit(line+" "+strings.Join(words[i:], " "), room, size))
		default:
			lines = append(lines, fit(line, room, size))
			line = word
		}
	}
	if line != "" {
		lines = append(lines, fit(line, room, size))
	}
	return lines
}
