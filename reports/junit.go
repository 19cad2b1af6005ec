package reports

import (
	"encoding/xml"
	"fmt"
	"io"
)

// The elements of JUnit's XML that Jenkins, GitLab and GitHub's readers share. Times are left out: a check takes none.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string     `xml:"name,attr"`
		Class   string     `xml:"classname,attr"`
		Failure *junitText `xml:"failure,omitempty"`
		Error   *junitText `xml:"error,omitempty"`
		Skipped *junitText `xml:"skipped,omitempty"`
		Output  string     `xml:"system-out,omitempty"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes the document's checks as JUnit's XML: a test suite for each suite, in the order in which each first occurs, and a test
// case for each check. What failed is a failure, what could not be checked an error, what is open is skipped.
func JUnit(w io.Writer, d Document) error {
	if err := d.form("junit", d.Checks != nil); err != nil {
		return err
	}
	out := junitSuites{Name: oneLine(d.Title)}
	at := map[string]int{}
	for _, c := range d.Checks {
		i, known := at[c.Suite]
		if !known {
			i = len(out.Suites)
			at[c.Suite] = i
			out.Suites = append(out.Suites, junitSuite{Name: oneLine(c.Suite)})
		}
		out.Suites[i].add(c)
	}
	for _, s := range out.Suites {
		out.Tests, out.Failures, out.Errors, out.Skipped = out.Tests+s.Tests, out.Failures+s.Failures, out.Errors+s.Errors, out.Skipped+s.Skipped
	}
	text, err := xml.MarshalIndent(out, "", "  ")
	if err == nil {
		_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	}
	if err != nil {
		return fmt.Errorf("writing JUnit: %w", err)
	}
	return nil
}

func (s *junitSuite) add(c Check) {
	test := junitCase{Name: oneLine(c.Name), Class: oneLine(c.Suite)}
	says := &junitText{Message: oneLine(c.Text), Text: oneLine(c.Text)}
	s.Tests++
	switch c.Outcome {
	case Failed:
		test.Failure = says
		s.Failures++
	case Broken:
		test.Error = says
		s.Errors++
	case Open:
		test.Skipped = &junitText{Message: says.Message}
		s.Skipped++
	case Passed:
		test.Output = says.Text
	}
	s.Cases = append(s.Cases, test)
}
