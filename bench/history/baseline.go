package history

import (
	"fmt"
	"strings"
)

// LastGood is the way to ask for the newest good entry.
const LastGood = "last-good"

// BaselineForms say how a baseline is asked for.
const BaselineForms = LastGood + ", branch=NAME, tag=NAME or the ID of an entry"

// Baseline is the entry that a comparison starts from, out of entries in the order of time: the newest good one of all, or of a
// branch; the newest of a tag that is not bad; or the one whose ID begins with the text, unless it is bad. A regression that was
// found does not become what the next one is held against. What was asked for and is not there is [ErrNoEntry], a word that asks
// for nothing [ErrBadWord].
func Baseline(entries []Entry, spec string) (Entry, error) {
	key, name, named := strings.Cut(spec, "=")
	if named && name == "" || spec == "" {
		return Entry{}, badWord("baseline %q: it is %s", spec, BaselineForms)
	}
	switch {
	case spec == LastGood:
		return newest(entries, "good", func(e Entry) bool { return e.Verdict == Good })
	case named && key == "branch":
		return newest(entries, "a good one of branch "+name, func(e Entry) bool { return e.Verdict == Good && e.Branch == name })
	case named && key == "tag":
		return newest(entries, "of tag "+name+" and not bad", func(e Entry) bool { return e.Verdict != Bad && e.Tag == name })
	case named:
		return Entry{}, badWord("baseline %q: it is %s", spec, BaselineForms)
	}
	e, err := Find(entries, spec)
	switch {
	case err != nil:
		return Entry{}, fmt.Errorf("baseline %q: it is %s: %w", spec, BaselineForms, err)
	case e.Verdict == Bad:
		return Entry{}, badWord("entry %s is marked bad and is no baseline; accelbench history mark %s good makes it one", e.ID, e.ID)
	}
	return e, nil
}

func newest(entries []Entry, what string, is func(Entry) bool) (Entry, error) {
	for i := len(entries) - 1; i >= 0; i-- {
		if is(entries[i]) {
			return entries[i], nil
		}
	}
	return Entry{}, noEntry("none of %d entries is %s: accelbench history list shows them, accelbench history mark ID VERDICT says what to think of one",
		len(entries), what)
}
