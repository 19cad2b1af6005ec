// Package names finds what a mistyped word was meant to be.
//
// The room's one rule: it only ranks; whoever asks says what is wrong and what is known.
package names

import (
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// Nearest returns all of known, the most similar to word first; equally similar ones keep their order. Similarity is that
// of Jaro and Winkler over lower-cased words, because its bonus for a common beginning suits names typed from memory.
func Nearest[T ~string](word string, known []T) []string {
	out := make([]string, len(known))
	similarity := make(map[string]float64, len(known))
	for i, name := range known {
		k := string(name)
		out[i] = k
		similarity[k] = smetrics.JaroWinkler(strings.ToLower(word), strings.ToLower(k), 0.7, 4)
	}
	slices.SortStableFunc(out, func(a, b string) int {
		switch {
		case similarity[a] > similarity[b]:
			return -1
		case similarity[a] < similarity[b]:
			return 1
		}
		return 0
	})
	return out
}
