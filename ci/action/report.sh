#!/usr/bin/env bash
# Publishes what ab.sh measured: step summary, annotations, JUnit, JSON, and the body of a comment.
#
# DIR, CODE, PLAIN   the outputs of ab.sh
# NAME               what the comparison is called, for the marker in the comment
# TOLERANCE, GATE    as ab.sh had them
# BASELINE           stored results of another day, or empty: information, whose exit code counts for nothing
# COMMENT_FILE       where the body of the comment goes; empty: comment.md in DIR
# GITHUB_STEP_SUMMARY, GITHUB_OUTPUT   as GitHub has them
#
# Outputs: report, comment.
set -euo pipefail
: "${DIR:?}" "${CODE:?}" "${PLAIN:?}"

# GitHub refuses a comment of more than 65536 characters, and a summary of more than 1 MiB for all that a step writes.
comment_limit=65536
summary_limit=1048576

report=$DIR/report.md
comment=${COMMENT_FILE:-$DIR/comment.md}
marker="<!-- accelbench: ${NAME:-accelbench} -->"

size() { wc -c <"$1"; }

if ! [ -s "$report" ]; then
	{
		echo "# Could not compare: accelbench ab ended with exit code $CODE"
		echo
		echo "What it said last:"
		echo
		grep '^accelbench: ' "$DIR/log.txt" | tail -3 | cut -c 1-2000 | sed 's/^/    /' || true
	} >"$report"
fi

# What was saved: result lines of both sides in one file, or a file of Go benchmarks a side.
base=() all=() head=
if [ -s "$DIR/ab.base.txt" ] && [ -s "$DIR/ab.head.txt" ]; then
	base=("$DIR/ab.base.txt") all=("${base[@]}" "$DIR/ab.head.txt") head=$DIR/ab.head.txt
elif [ -s "$DIR/ab.jsonl" ]; then
	all=("$DIR/ab.jsonl")
	head=$DIR/head.jsonl
	grep '"side":"head"' "$DIR/ab.jsonl" >"$head" || true
fi

how=()
if [ -n "${TOLERANCE:-}" ]; then how+=(--tolerance "$TOLERANCE"); fi
if [ -n "${GATE:-}" ]; then how+=(--gate "$GATE"); fi

# form NAME FILE: the comparison in another form. Its exit code is that of the verdict, which is known already.
form() {
	accelbench compare "${all[@]}" "${how[@]}" --format "$1" >"$2" || true
	if ! [ -s "$2" ]; then echo "accelbench compare --format $1 gave nothing" >&2; fi
}

if [ "${#all[@]}" -gt 0 ] && [ "$PLAIN" = true ]; then
	form json "$DIR/comparison.json"
	form junit "$DIR/junit.xml"
	form github "$DIR/annotations.txt"
fi
if [ -s "$DIR/annotations.txt" ]; then
	cat "$DIR/annotations.txt"
elif [ "$CODE" -ne 0 ]; then
	title=$(sed -n '1s/^#* *//p' "$report")
	echo "::error title=accelbench::${title//%/%25}"
fi

if [ -n "${BASELINE:-}" ]; then
	stored=$DIR/baseline.md
	status=0
	if [ -s "$head" ]; then
		accelbench compare "$BASELINE" "$head" "${how[@]}" --format markdown >"$stored" 2>"$DIR/baseline.log" || status=$?
	else
		echo "accelbench: head gave no results" >"$DIR/baseline.log"
	fi
	title=$(if [ -s "$stored" ]; then sed -n '1s/^#* *//p' "$stored"; else echo "could not be compared"; fi)
	{
		echo
		echo "<details><summary>Against stored results, as information: $title</summary>"
		echo
		echo "Stored results are of another day, perhaps of another machine: what differs may be that. This part fails no job (exit code $status)."
		echo
		if [ -s "$stored" ]; then sed 's/^#/##/' "$stored"; else grep '^accelbench: ' "$DIR/baseline.log" | tail -3 | cut -c 1-2000 | sed 's/^/    /' || true; fi
		echo
		echo "</details>"
	} >"$DIR/stored.md"
fi

# parts LIMIT END: the report, what was stored, and an end, as far as they fit. The verdict in the first line always does.
parts() {
	local limit=$(($1 - ${#2} - 300)) used
	used=$(size "$report")
	if [ "$used" -le "$limit" ]; then
		cat "$report"
		if [ -s "$DIR/stored.md" ] && [ $((used + $(size "$DIR/stored.md"))) -le "$limit" ]; then cat "$DIR/stored.md"; fi
	else
		head -1 "$report" | cut -c 1-2000
		printf '\nThe report has %s bytes, more than can be shown here; it is among the files of this run.\n' "$used"
	fi
	printf '\n%s\n' "$2"
}

parts "$comment_limit" "$marker" >"$comment"
written=$(size "$GITHUB_STEP_SUMMARY" 2>/dev/null || echo 0)
parts $((summary_limit - written)) "" >>"$GITHUB_STEP_SUMMARY"
{
	echo "report=$report"
	echo "comment=$comment"
} >>"$GITHUB_OUTPUT"
