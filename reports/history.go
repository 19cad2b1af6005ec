package reports

import (
	"fmt"
	"strconv"
	"time"

	"github.com/accelbench/accelbench/bench"
	"github.com/accelbench/accelbench/bench/history"
	"github.com/accelbench/accelbench/internal/english"
)

// The names of the forms of a history in JSON.
const (
	HistorySchema      = "accelbench.history/v1"
	HistoryEntrySchema = "accelbench.history-report/v1"
)

// HistoryData is the list of entries in JSON. LastGood is the ID of the entry that --baseline last-good names, empty for none.
type HistoryData struct {
	Schema   string          `json:"schema"`
	LastGood string          `json:"last_good"`
	Entries  []history.Entry `json:"entries"`
}

// HistoryEntryData is an entry with the report of its results in JSON.
type HistoryEntryData struct {
	Schema string        `json:"schema"`
	Entry  history.Entry `json:"entry"`
	Report any           `json:"report"`
}

// History lists the entries of a history, which are in the order of time, the newest first.
func History(entries []history.Entry) Document {
	d := Document{Title: "History", Sheet: historySheet(entries)}
	data := HistoryData{Schema: HistorySchema, Entries: append([]history.Entry{}, entries...)}
	if good, err := history.Baseline(entries, history.LastGood); err == nil {
		data.LastGood = good.ID
	}
	d.Data = data
	if len(entries) == 0 {
		d.Blocks = []Block{Paragraph{Text: "The history has no entries yet: accelbench history add FILE makes one."}}
		return d
	}
	var rows []history.Entry
	for i := range entries {
		rows = append(rows, entries[len(entries)-1-i])
	}
	good := "none is marked good, so that there is no baseline last-good"
	if data.LastGood != "" {
		good = "the baseline last-good is " + data.LastGood
	}
	d.Blocks = []Block{
		Paragraph{Text: fmt.Sprintf("%s, measured %s; %s.", english.Count(len(entries), "entry"), days(entries), good), Strong: true},
		tableOf(rows, []field[history.Entry]{
			{"Entry", Left, func(e history.Entry) string { return e.ID }},
			{"Measured", Left, func(e history.Entry) string { return minute(e.Measured) }},
			{"Commit", Left, func(e history.Entry) string { return orNA(bench.ShortCommit(e.Commit)) }},
			{"Branch", Left, func(e history.Entry) string { return orNA(e.Branch) }},
			{"Tag", Left, func(e history.Entry) string { return orNone(e.Tag) }},
			{"Verdict", Left, func(e history.Entry) string { return string(e.Verdict) }},
			{"Runs", Right, func(e history.Entry) string { return strconv.Itoa(e.Runs) }},
			{"Note", Left, func(e history.Entry) string { return orNone(e.Note) }},
		}),
	}
	return d
}

func historySheet(entries []history.Entry) Sheet {
	return sheetOf(entries, []key[history.Entry]{
		{"entry", func(e history.Entry) any { return e.ID }},
		{"measured", func(e history.Entry) any { return e.Measured }},
		{"commit", func(e history.Entry) any { return e.Commit }},
		{"branch", func(e history.Entry) any { return e.Branch }},
		{"tag", func(e history.Entry) any { return e.Tag }},
		{"verdict", func(e history.Entry) any { return string(e.Verdict) }},
		{"runs", func(e history.Entry) any { return e.Runs }},
		{"note", func(e history.Entry) any { return e.Note }},
	})
}

// HistoryEntry is the report of the results of an entry with what is said of the entry in front.
func HistoryEntry(e history.Entry, report Document) Document {
	words := Table{Columns: []Column{{Name: "Entry"}, {Name: e.ID}}, Rows: [][]string{
		{"Measured", minute(e.Measured)},
		{"Commit", orNA(e.Commit)},
		{"Branch", orNA(e.Branch)},
		{"Tag", orNone(e.Tag)},
		{"Verdict", string(e.Verdict)},
		{"Runs", strconv.Itoa(e.Runs)},
		{"Note", orNone(e.Note)},
	}}
	report.Blocks = append([]Block{words}, report.Blocks...)
	report.Data = HistoryEntryData{HistoryEntrySchema, e, report.Data}
	return report
}

// minute writes a time for readers, in UTC.
func minute(t time.Time) string {
	if t.IsZero() {
		return NA
	}
	return t.UTC().Format("2006-01-02 15:04") + " UTC"
}

// days is the time from the first entry to the last.
func days(entries []history.Entry) string {
	first, last := entries[0].Measured.UTC().Format(time.DateOnly), entries[len(entries)-1].Measured.UTC().Format(time.DateOnly)
	if first == last {
		return "on " + first
	}
	return first + " to " + last
}
