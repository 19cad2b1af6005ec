package history

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/accelbench/accelbench/bench"
)

// database is a history in an SQLite file. It keeps SQLite's rollback journal: a write-ahead log would not work over NFS, and not for
// readers in a directory that they may not write; entries come a few a day.
type database struct{ path string }

const (
	// application marks the file as ours in its header, "ABhi", and version is that of the tables.
	application = 0x41426869
	version     = 1
	busyWait    = 20 * time.Second
)

const tables = `
CREATE TABLE entries (
	id       TEXT PRIMARY KEY,
	measured TEXT NOT NULL, -- RFC 3339, UTC
	"commit" TEXT NOT NULL,
	branch   TEXT NOT NULL,
	tag      TEXT NOT NULL,
	note     TEXT NOT NULL,
	verdict  TEXT NOT NULL,
	runs     INTEGER NOT NULL
);
CREATE TABLE results (
	number INTEGER PRIMARY KEY,
	id     TEXT NOT NULL UNIQUE,
	entry  TEXT NOT NULL REFERENCES entries(id),
	line   TEXT NOT NULL -- a result in JSON, accelbench.result/v1
);
CREATE INDEX results_of_entry ON results(entry);
`

func (d database) Add(words Words, results []bench.Result) (added Entry, known int, err error) {
	if err := words.check(); err != nil {
		return Entry{}, 0, err
	}
	err = d.write("adding to", "rwc", func(tx *sql.Tx) error {
		var fresh []bench.Result
		there := map[string]bool{}
		for _, r := range results {
			var n int
			if err := tx.QueryRow(`SELECT count(*) FROM results WHERE id = ?`, r.ID).Scan(&n); err != nil {
				return err
			}
			there[r.ID] = n > 0
		}
		fresh = unknownResults(results, func(id string) bool { return there[id] })
		known = len(results) - len(fresh)
		if len(fresh) == 0 {
			return nil
		}
		e := newEntry(words, fresh)
		if _, err := tx.Exec(`INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, e.ID, e.Measured.Format(time.RFC3339), e.Commit, e.Branch,
			e.Tag, e.Note, string(e.Verdict), e.Runs); err != nil {
			return err
		}
		for _, r := range fresh {
			line, err := json.Marshal(r)
			if err != nil {
				return fmt.Errorf("encoding result %q: %w", r.ID, err)
			}
			if _, err := tx.Exec(`INSERT INTO results (id, entry, line) VALUES (?, ?, ?)`, r.ID, e.ID, string(line)); err != nil {
				return err
			}
		}
		added = e
		return nil
	})
	if err != nil {
		return Entry{}, 0, err
	}
	return added, known, nil
}

func (d database) Entries() (entries []Entry, err error) {
	err = d.read(func(db *sql.DB) (err error) {
		rows, err := db.Query(`SELECT id, measured, "commit", branch, tag, note, verdict, runs FROM entries`)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var e Entry
			var measured string
			if err := rows.Scan(&e.ID, &measured, &e.Commit, &e.Branch, &e.Tag, &e.Note, &e.Verdict, &e.Runs); err != nil {
				return fmt.Errorf("%w: an entry cannot be read: %w", ErrNotHistory, err)
			}
			if e.Measured, err = time.Parse(time.RFC3339, measured); err != nil {
				return fmt.Errorf("%w: entry %s: its time: %w", ErrNotHistory, e.ID, err)
			}
			if err := e.check(); err != nil {
				return fmt.Errorf("%w: entry %s: %w", ErrNotHistory, e.ID, err)
			}
			entries = append(entries, e)
		}
		return rows.Err()
	})
	sortEntries(entries)
	return entries, err
}

func (d database) Results(id string) (results []bench.Result, warnings []string, err error) {
	err = d.read(func(db *sql.DB) (err error) {
		rows, err := db.Query(`SELECT line FROM results WHERE entry = ? ORDER BY number`, id)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		var lines bytes.Buffer
		for rows.Next() {
			var line []byte
			if err := rows.Scan(&line); err != nil {
				return err
			}
			lines.Write(append(line, '\n'))
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if lines.Len() == 0 {
			return noEntry("entry %q has no results", id)
		}
		results, warnings, err = bench.Read(&lines, "entry "+id)
		return err
	})
	return results, warnings, err
}

func (d database) Mark(id string, verdict Verdict) error {
	return d.write("marking in", "rw", func(tx *sql.Tx) error {
		done, err := tx.Exec(`UPDATE entries SET verdict = ? WHERE id = ?`, string(verdict), id)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, noEntry("there is no entry %q", id))
		}
		return nil
	})
}

// open connects in one of SQLite's modes: rwc makes the file, rw reads and writes one that is there, and only reads it where it may
// not be written.
func (d database) open(mode string) (*sql.DB, error) {
	path, err := filepath.Abs(d.path)
	if err != nil {
		return nil, err
	}
	pragmas := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyWait.Milliseconds()), "foreign_keys(1)", "synchronous(FULL)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+pragmas.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// state tells what is in a file.
type state int

const (
	empty state = iota // nothing yet: a process may have been killed when it had made the file
	ours
)

// querier is a database or a transaction in it.
type querier interface {
	QueryRow(query string, args ...any) *sql.Row
}

// recognise refuses what is no history.
func recognise(q querier) (state, error) {
	var app, have, objects int
	if err := q.QueryRow(`PRAGMA application_id`).Scan(&app); err != nil {
		return empty, err
	}
	if err := q.QueryRow(`PRAGMA user_version`).Scan(&have); err != nil {
		return empty, err
	}
	if err := q.QueryRow(`SELECT count(*) FROM sqlite_master`).Scan(&objects); err != nil {
		return empty, err
	}
	switch {
	case app == 0 && have == 0 && objects == 0:
		return empty, nil
	case app != application:
		return empty, fmt.Errorf("%w: it is an SQLite database of something else", ErrNotHistory)
	case have != version:
		return empty, fmt.Errorf("%w that this program knows: its tables have version %d, this program reads %d; use the accelbench that wrote it, or a newer one",
			ErrNotHistory, have, version)
	}
	return ours, nil
}

func (d database) read(use func(*sql.DB) error) (err error) {
	if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
		return absent(d.path, err)
	}
	db, err := d.open("rw")
	if err != nil {
		return d.explain("reading", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	state, err := recognise(db)
	if err == nil && state == ours {
		err = use(db)
	}
	return d.explain("reading", err)
}

// write changes the history in one transaction, which holds the only lock for writing from its start.
func (d database) write(doing, mode string, use func(*sql.Tx) error) (err error) {
	if _, err := os.Stat(d.path); mode == "rw" && errors.Is(err, fs.ErrNotExist) {
		return absent(d.path, err)
	}
	db, err := d.open(mode)
	if err != nil {
		return d.explain(doing, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return d.explain(doing, inTransaction(db, use))
}

func inTransaction(db *sql.DB, use func(*sql.Tx) error) error {
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	state, err := recognise(tx)
	if err == nil && state == empty {
		_, err = tx.Exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", application, version) + tables)
	}
	if err == nil {
		err = use(tx)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// explain says what SQLite's codes mean here.
func (d database) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	prefix := fmt.Sprintf("%s history %s: ", doing, d.path)
	var code *sqlite.Error
	if !errors.As(err, &code) {
		return fmt.Errorf("%s%w", prefix, err)
	}
	switch code.Code() & 0xff { // the rest is finer
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s%w: the file is no SQLite database; name another with --store: %w", prefix, ErrNotHistory, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s%w: the database is damaged; restore a copy of it: %w", prefix, ErrNotHistory, err)
	case sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%sanother process has been writing for %s; try again: %w", prefix, busyWait, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%sdisk full; the entries before are safe: %w", prefix, err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%sit may not be written; name another with --store: %w", prefix, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%sits directory is not there, or it may not be written; name another with --store: %w", prefix, err)
	}
	return fmt.Errorf("%s%w", prefix, err)
}
