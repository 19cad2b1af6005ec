package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/accelbench/accelbench/internal/english"
)

// annotationsShown is how many annotations of a level GitHub shows of one step.
const annotationsShown = 10

// GitHub writes the document's checks as workflow commands, which GitHub Actions turns into annotations when a step prints them: errors
// for what failed or could not be checked, warnings for what is open, and one notice with the title for the rest.
func GitHub(w io.Writer, d Document) error {
	if err := d.form("github", d.Checks != nil); err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	var failures, open []Check
	passed := 0
	for _, c := range d.Checks {
		switch c.Outcome {
		case Failed, Broken:
			failures = append(failures, c)
		case Open:
			open = append(open, c)
		case Passed:
			passed++
		}
	}
	annotate(b, "error", failures)
	annotate(b, "warning", open)
	if passed > 0 {
		write(b, command("notice", d.Title, fmt.Sprintf("%s of %d passed", english.Count(passed, "check"), len(d.Checks))))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing annotations: %w", err)
	}
	return nil
}

// annotate writes as many as are shown; the last one counts those that are not.
func annotate(b *bufio.Writer, level string, checks []Check) {
	shown := checks
	if len(checks) > annotationsShown {
		shown = checks[:annotationsShown-1]
	}
	for _, c := range shown {
		write(b, command(level, english.Joined(": ", c.Suite, c.Name), c.Text))
	}
	if left := len(checks) - len(shown); left > 0 {
		write(b, command(level, fmt.Sprintf("%d more", left), "GitHub shows no more than ten of a kind; the report has all."))
	}
}

// command is a workflow command. Percent signs and ends of lines are escaped, in a property also what separates properties.
func command(level, title, text string) string {
	property := strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C")
	return "::" + level + " title=" + property.Replace(oneLine(title)) + "::" + strings.ReplaceAll(oneLine(text), "%", "%25") + "\n"
}
