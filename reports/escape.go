package reports

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// What Markdown reads as markup at the start of a line: a quote, a heading, a list, a rule, an underline of a heading.
var (
	lineStart   = regexp.MustCompile(`^(>|#|[-+=]( |$)|[-=]+$|- ?-[- ]*$)`)
	listNumber  = regexp.MustCompile(`^([0-9]{1,9})([.)])( |$)`)
	entityStart = regexp.MustCompile(`^&(#|[a-zA-Z])[a-zA-Z0-9]*;`)
	tagStart    = regexp.MustCompile(`^<[a-zA-Z/!?]`)
)

// escape makes text from anywhere plain Markdown: it cannot end a table cell or a line, start markup or HTML, notify
// anyone, or hide.
// What reads as plain text anyway stays as it is, so that a report is also good to read where nothing renders it.
func escape(s string) string {
	s = oneLine(s)
	var b strings.Builder
	if lineStart.MatchString(s) {
		b.WriteByte('\\')
	} else if n := listNumber.FindStringSubmatch(s); n != nil {
		b.WriteString(n[1] + `\`)
		s = s[len(n[1]):]
	}
	before := ' '
	for i, r := range s {
		if r == '&' && entityStart.MatchString(s[i:]) {
			b.WriteString("&amp;")
			before = r
			continue
		}
		if special(r, before, s[i:]) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		if mention(r, before, s[i+1:]) {
			b.WriteString(noMention)
		}
		before = r
	}
	return b.String()
}

// noMention is a space without width. After an @ it keeps a name from being notified where a report is posted as a comment.
const noMention = "&#8203;"

// mention tells whether a character, with the one before it and the text after it, is the @ of a name that GitHub or GitLab would look
// for. Within a word, which is ASCII to them, it is part of an address.
func mention(r, before rune, rest string) bool {
	inWord := before < unicode.MaxASCII && wordRune(before)
	return r == '@' && !inWord && (startsWord(rest) || strings.HasPrefix(rest, "_"))
}

// escapeHTML is escape for text within the line of an HTML tag, where Markdown is not rendered.
func escapeHTML(s string) string {
	s = html.EscapeString(oneLine(s))
	var b strings.Builder
	before := ' '
	for i, r := range s {
		b.WriteRune(r)
		if mention(r, before, s[i+1:]) {
			b.WriteString(noMention)
		}
		before = r
	}
	return b.String()
}

// special tells whether a character, with the one before it and the text from it on, would be markup.
func special(r, before rune, rest string) bool {
	switch r {
	case '|', '\\', '`', '*', '[', '~', '$':
		return true
	case '_': // within a word it is none
		return !wordRune(before) || !startsWord(rest[1:])
	case '<':
		return tagStart.MatchString(rest)
	}
	return false
}

func startsWord(s string) bool {
	for _, r := range s {
		return wordRune(r)
	}
	return false
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// oneLine replaces control and formatting characters by spaces and joins spaces, so that text stays on its line and says
// what it shows.
func oneLine(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// codeLines are the lines of a text that is to be copied as it is, without what a terminal would obey.
func codeLines(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = visible(line)
	}
	return lines
}
