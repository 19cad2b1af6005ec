package claim_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/claim"
	"github.com/accelbench/accelbench/bench/price"
	"github.com/accelbench/accelbench/bench/rank"
)

func TestReadFile(t *testing.T) {
	got, err := claim.ReadFile(strings.NewReader(`# What we were told.
- id: one
  claim: a >= 1.3 x b on throughput
  who: somebody
  when: 2025-10-30
- id: two
  claim: "device='x y' > b on latency.p50"
  source: a page
  needs: results
`), "claims.yaml")
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, "2025-10-30", got[0].When)
	require.Equal(t, 1.3, got[0].Claim.Factor)
	require.Equal(t, "device='x y' > b on latency.p50", got[1].Claim.String())
}

func TestFaultsOfAFileSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "c.yaml:1:1: expected a list of claims, found nothing",
		"id: one":                      "expected a list of claims: a list of at least one entry, found words with values",
		"[]":                           "c.yaml:1:1: expected a list of claims: a list of at least one entry, found an empty list",
		"- id: one":                    "c.yaml:1:7: entry 1 has no claim, only id",
		"- claim: a > b on throughput": "c.yaml:1:10: entry 1 has no id, only claim",
		"- id: one\n  clam: x":         `c.yaml:2:3: unknown word "clam"; the nearest known: claim`,
		"- id: one\n  claim: a => b on throughput": `c.yaml:2:12: claim one: column 3: expected a relation, >=, <=, > or <; found "=>"; a claim is LEFT >= 1.30 x RIGHT`,
		"- id: one\n  claim: 3":                    "c.yaml:2:10: claim: expected a text, found the number 3",
		"- id: x\n  claim: a > b on throughput\n- id: x\n  claim: a > b on throughput": `c.yaml:3:7: the id "x" was given to an earlier claim`,
		"- [a]":                  "c.yaml:1:3: expected an entry",
		strings.Repeat("[", 100): "lists within lists",
		"- id: \"":               "expected YAML",
	} {
		_, err := claim.ReadFile(strings.NewReader(text), "c.yaml")
		var syntax *bench.SyntaxError
		require.ErrorAs(t, err, &syntax, text)
		require.ErrorContains(t, err, want, text)
	}
	_, err := claim.ReadFile(strings.NewReader(strings.Repeat("#", bench.MaxYAML+1)), "c.yaml")
	require.ErrorContains(t, err, "at most 65536 bytes")
}

func FuzzReadFile(f *testing.F) {
	for _, seed := range []string{"", "- id: a\n  claim: a > b on throughput", "- {id: a, claim: 'a > b on throughput'}", "- &a x\n- *a", "- id: |\n    x", "? a\n: b", "- - - a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := claim.ReadFile(strings.NewReader(text), "f")
		if err != nil {
			var syntax *bench.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Positive(t, syntax.Line)
			require.Positive(t, syntax.Column)
			return
		}
		require.NotEmpty(t, got)
	})
}

// TestPublicClaimsAreDocumented: docs/claims.md has a section for each claim that comes with the program, and no other; the sentence in
// it is the one that is judged.
func TestPublicClaimsAreDocumented(t *testing.T) {
	statements, err := claim.Public()
	require.NoError(t, err)
	page, err := os.ReadFile("../../docs/claims.md")
	require.NoError(t, err)
	testable, _, ok := strings.Cut(string(page), "## What cannot be put to the test")
	require.True(t, ok)
	var documented, ids []string
	for _, m := range regexp.MustCompile("(?m)^### `([a-z0-9-]+)`$").FindAllStringSubmatch(testable, -1) {
		documented = append(documented, m[1])
	}
	for _, s := range statements {
		ids = append(ids, s.ID)
		_, section, _ := strings.Cut(testable, "### `"+s.ID+"`\n")
		section, _, _ = strings.Cut(section, "\n### ")
		for what, text := range map[string]string{"claim": "`" + s.Claim.String() + "`", "who": s.Who, "when": s.When} {
			require.NotEmpty(t, text)
			require.Contains(t, section, text, "%s of %s", what, s.ID)
		}
		require.NotEmpty(t, s.Source)
		require.NotEmpty(t, s.Needs)
		require.Equal(t, claim.Undecided, claim.Judge(s.Claim, nil).Verdict, "without results nothing is known")
	}
	require.Equal(t, ids, documented, "in the same order")
}

// Instance types of public claims are in the catalogue: a mistyped one would stay undecided for ever.
func TestInstancesOfPublicClaimsAreKnown(t *testing.T) {
	statements, err := claim.Public()
	require.NoError(t, err)
	prices, err := price.Embedded()
	require.NoError(t, err)
	for _, s := range statements {
		for _, side := range []claim.Selector{s.Claim.Left, s.Claim.Right} {
			for _, w := range side {
				if w.Dimension == rank.InstanceType {
					require.NotEmpty(t, prices.Instance(w.Value), w.Value)
				}
			}
		}
	}
}
