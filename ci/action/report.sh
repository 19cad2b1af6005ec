#!/usr/bin/env bash
# Publishes what ab.sh measured: step summary, annotations, JUnit, JSON, and the body of a comment.
#
# AB_DIR, AB_CODE, AB_PLAIN  the outputs of ab.sh
# AB_NAME                    what the comparison is called, for the marker in the comment
# AB_TOLERANCE, AB_GATE      as ab.sh had them
# AB_BASELINE                stored results of another day, or empty: information, whose exit code counts for nothing
# AB_COMMENT_FILE            where the body of the comment goes; empty: comment.md in AB_DIR
# GITHUB_STEP_SUMMARY, GITHUB_OUTPUT   as GitHub has them
#
# Outputs: report, comment.
set -euo pipefail
: "${AB_DIR:?}" "${AB_CODE:?}" "${AB_PLAIN:?}"

# GitHub refuses a comment of more than 65536 characters, and a summary of more than 1 MiB for all that a step writes.
comment_limit=65536
summary_limit=1048576

report=$AB_DIR/report.md
comment=${AB_COMMENT_FILE:-$AB_DIR/comment.md}
marker="<!-- accelbench: ${AB_NAME:-accelbench} -->"

size() { wc -c <"$1"; }

if ! [ -s "$report" ]; then
	{
		echo "# Could not compare: accelbench ab ended with exit code $AB_CODE"
		echo
		echo "What it said last:"
		echo
		grep '^accelbench: ' "$AB_DIR/log.txt" | tail -3 | cut -c 1-2000 | sed 's/^/    /' || true
	} >"$report"
fi

# What was saved: result lines of both sides in one file, or a file of Go benchmarks a side.
all=() head=
if [ -s "$AB_DIR/ab.base.txt" ] && [ -s "$AB_DIR/ab.head.txt" ]; then
	head=$AB_DIR/ab.head.txt
	all=("$AB_DIR/ab.base.txt" "$head")
elif [ -s "$AB_DIR/ab.jsonl" ]; then
	head=$AB_DIR/head.jsonl
	all=("$AB_DIR/ab.jsonl")
	grep '"side":"head"' "$AB_DIR/ab.jsonl" >"$head" || true
fi

how=()
if [ -n "${AB_TOLERANCE:-}" ]; then how+=(--tolerance "$AB_TOLERANCE"); fi
if [ -n "${AB_GATE:-}" ]; then how+=(--gate "$AB_GATE"); fi

# form NAME FILE: the comparison in another form. Its exit code is that of the verdict, which is known already.
form() {
	accelbench compare "${all[@]}" "${how[@]}" --format "$1" >"$2" || true
	if ! [ -s "$2" ]; then echo "accelbench compare --format $1 gave nothing" >&2; fi
}

if [ "${#all[@]}" -gt 0 ] && [ "$AB_PLAIN" = true ]; then
	form json "$AB_DIR/comparison.json"
	form junit "$AB_DIR/junit.xml"
	form github "$AB_DIR/annotations.txt"
fi
if [ -s "$AB_DIR/annotations.txt" ]; then
	cat "$AB_DIR/annotations.txt"
elif [ "$AB_CODE" -ne 0 ]; then
	title=$(sed -n '1s/^#* *//p' "$report")
	title=${title//\\/} # the escapes of Markdown
	echo "::error title=accelbench::${title//%/%25}"
fi

if [ -n "${AB_BASELINE:-}" ]; then
	stored=$AB_DIR/baseline.md
	status=0
	if [ -s "$head" ]; then
		accelbench compare "$AB_BASELINE" "$head" "${how[@]}" --format markdown >"$stored" 2>"$AB_DIR/baseline.log" || status=$?
	else
		echo "accelbench: head gave no results" >"$AB_DIR/baseline.log"
	fi
	title=$(if [ -s "$stored" ]; then sed -n '1s/^#* *//p' "$stored"; else echo "could not be compared"; fi)
	{
		echo
		echo "<details><summary>Against stored results, as information: $title</summary>"
		echo
		echo "Stored results are of another day, perhaps of another machine: what differs may be that. This part fails no job (exit code $status)."
		echo
		if [ -s "$stored" ]; then sed 's/^#/##/' "$stored"; else grep '^accelbench: ' "$AB_DIR/baseline.log" | tail -3 | cut -c 1-2000 | sed 's/^/    /' || true; fi
		echo
		echo "</details>"
	} >"$AB_DIR/stored.md"
fi

# parts LIMIT END: the report, what was stored, and an end, as far as they fit. The verdict in the first line always does.
parts() {
	local limit=$(($1 - ${#2} - 2)) used
	used=$(size "$report")
	if [ "$used" -le "$limit" ]; then
		cat "$report"
		if [ -s "$AB_DIR/stored.md" ] && [ $((used + $(size "$AB_DIR/stored.md"))) -le "$limit" ]; then cat "$AB_DIR/stored.md"; fi
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
