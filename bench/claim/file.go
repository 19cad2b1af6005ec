package claim

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/accelbench/accelbench/bench"
)

// Statement is a claim that somebody made.
type Statement struct {
	ID    string `json:"id"`
	Claim Claim  `json:"-"`
	Who   string `json:"who,omitempty"`
	When  string `json:"when,omitempty"`
	// Source is where it was said, Needs which data it takes to judge it and what stands in the way.
	Source string `json:"source,omitempty"`
	Needs  string `json:"needs,omitempty"`
}

//go:embed claims.yaml
var public []byte

// Public are the claims that come with the program, as they were made in public: see docs/claims.md.
func Public() ([]Statement, error) { return ReadFile(bytes.NewReader(public), "claims.yaml") }

// ReadFile reads a list of claims in YAML; name stands in errors. Every entry has the words id and claim, and may have who, when, source
// and needs:
//
//   - id: graviton-images
//     claim: c8g.4xlarge >= 1.40 x c8i.4xlarge on perf_per_dollar_hour for resnet50
//     who: AWS
//     when: 30 October 2025
//     source: earnings call of the third quarter of 2025
//     needs: results of both machines with a deployed engine
//
// Errors about the text are a [*bench.SyntaxError].
func ReadFile(r io.Reader, name string) ([]Statement, error) {
	entries, err := bench.ReadTexts(r, name, "a list of claims", []string{"id", "claim", "who", "when", "source", "needs"})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []Statement
	for i, e := range entries {
		s := Statement{ID: e["id"].Value, Who: e["who"].Value, When: e["when"].Value, Source: e["source"].Value, Needs: e["needs"].Value}
		for _, word := range []string{"id", "claim"} {
			if _, ok := e[word]; !ok {
				return nil, missing(name, i, e, word)
			}
		}
		if seen[s.ID] {
			return nil, at(name, e["id"], fmt.Errorf("the id %q was given to an earlier claim", s.ID))
		}
		seen[s.ID] = true
		if s.Claim, err = Parse(e["claim"].Value); err != nil {
			return nil, at(name, e["claim"], fmt.Errorf("claim %s: %w; a claim is %s", s.ID, err, Form))
		}
		out = append(out, s)
	}
	return out, nil
}

// at places an error at a text, and one within a claim at its column.
func at(name string, where bench.PlacedText, err error) error {
	column := where.Column
	var within *ParseError
	if errors.As(err, &within) {
		column += within.Column - 1
	}
	return &bench.SyntaxError{File: name, Line: where.Line, Column: column, Err: err}
}

// missing is the error of an entry without a word, placed at what it has.
func missing(name string, i int, e map[string]bench.PlacedText, word string) error {
	first := bench.PlacedText{Line: 1, Column: 1}
	var has []string
	for _, known := range []string{"id", "claim", "who", "when", "source", "needs"} {
		if t, ok := e[known]; ok {
			if len(has) == 0 {
				first = t
			}
			has = append(has, known)
		}
	}
	return at(name, first, fmt.Errorf("entry %d has no %s, only %s", i+1, word, strings.Join(has, ", ")))
}
