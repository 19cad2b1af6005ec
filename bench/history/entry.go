package history

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/internal/names"
)

// Verdict is what somebody, or a gate, said of an entry.
type Verdict string

// Only entries that are good become a baseline without being named; bad ones never do.
const (
	Good    Verdict = "good"
	Bad     Verdict = "bad"
	Unknown Verdict = "unknown"
)

// Verdicts are all of them.
func Verdicts() []string { return []string{string(Good), string(Bad), string(Unknown)} }

// ParseVerdict reads a verdict; another word is [ErrBadWord].
func ParseVerdict(word string) (Verdict, error) {
	if !slices.Contains(Verdicts(), word) {
		return "", badWord("verdict %q: it is one of %s", word, strings.Join(names.Nearest(word, Verdicts()), ", "))
	}
	return Verdict(word), nil
}

var (
	// ErrBadWord is wrapped when the words of an entry, or those that choose one, cannot be.
	ErrBadWord = errors.New("bad word")
	// ErrNotHistory is wrapped when what is at the path of a history is something else, or damaged.
	ErrNotHistory = errors.New("no history")
	// ErrNoEntry is wrapped when no entry is what was asked for.
	ErrNoEntry = errors.New("no such entry")
)

// An explained error says in its own words what went wrong, and wraps its kind.
type explained struct {
	text string
	kind error
}

func (e explained) Error() string { return e.text }
func (e explained) Unwrap() error { return e.kind }

func badWord(format string, args ...any) error {
	return explained{fmt.Sprintf(format, args...), ErrBadWord}
}

func noEntry(format string, args ...any) error {
	return explained{fmt.Sprintf(format, args...), ErrNoEntry}
}

// Words are what is said of an entry. Commit, Branch, Tag and Note are empty where nothing is known.
type Words struct {
	Commit  string  `json:"commit"`
	Branch  string  `json:"branch"`
	Tag     string  `json:"tag"`
	Note    string  `json:"note"`
	Verdict Verdict `json:"verdict"`
}

// longestWord is the longest text of a word, in bytes; nothing that names a commit comes near it.
const longestWord = 1000

// check holds words to what tables and file names can bear.
func (w Words) check() error {
	for _, x := range []struct{ name, text string }{{"commit", w.Commit}, {"branch", w.Branch}, {"tag", w.Tag}, {"note", w.Note}} {
		if len(x.text) > longestWord {
			return badWord("%s: %d bytes, at most %d", x.name, len(x.text), longestWord)
		}
		if strings.ContainsFunc(x.text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
			return badWord("%s %.40q: one line of text is expected", x.name, x.text)
		}
	}
	_, err := ParseVerdict(string(w.Verdict))
	return err
}

// Entry is a set of results that belong together. Entries are in the order of time in which they were measured.
type Entry struct {
	// ID follows from the results and the commit alone: whoever adds the same gets the same entry.
	ID string `json:"id"`
	// Measured is when the first of its runs started, to the second, in UTC.
	Measured time.Time `json:"measured"`
	Words
	Runs int `json:"runs"`
}

// timeForm is the time at the beginning of an ID.
const timeForm = "2006-01-02T150405Z"

// newEntry is the entry of some results, of which there is at least one.
func newEntry(words Words, results []bench.Result) Entry {
	first := results[0].StartedAt
	ids := make([]string, len(results))
	for i, r := range results {
		ids[i] = r.ID
		if r.StartedAt.Before(first) {
			first = r.StartedAt
		}
	}
	slices.Sort(ids)
	first = first.UTC().Truncate(time.Second)
	digest := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return Entry{ID: fmt.Sprintf("%s-%s-%x", first.Format(timeForm), commitInID(words.Commit), digest[:3]),
		Measured: first, Words: words, Runs: len(results)}
}

// commitInID is what of a commit stands in an ID, which is a file name too. It never changes, for IDs not to.
func commitInID(commit string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			return r
		}
		return -1
	}, commit)
	if clean == "" {
		return "nocommit"
	}
	return clean[:min(len(clean), 8)]
}

// sortEntries puts entries into the order of time.
func sortEntries(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		if c := a.Measured.Compare(b.Measured); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// Find is the entry whose ID begins with a text. None is [ErrNoEntry], several are [ErrBadWord].
func Find(entries []Entry, id string) (Entry, error) {
	var found []Entry
	for _, e := range entries {
		if e.ID == id {
			return e, nil
		}
		if id != "" && strings.HasPrefix(e.ID, id) {
			found = append(found, e)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Entry{}, noEntry("no entry has an ID that begins with %q: accelbench history list shows the entries", id)
	}
	return Entry{}, badWord("%d entries begin with %q, such as %s and %s: give more of it", len(found), id, found[0].ID, found[1].ID)
}
