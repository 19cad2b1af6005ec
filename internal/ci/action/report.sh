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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

size() { wc -c <"$1"; }

# title FILE: the first line of a report as plain text, without the escapes of Markdown.
title() { sed -n '1{s/^#* *//;s/\\\(.\)/\1/g;s/@&#8203;/@/g;p}' "$1"; }

# last LOG: what accelbench said last, as a block of code.
last() { grep '^accelbench: ' "$1" | tail -3 | cut -c 1-2000 | sed 's/^/    /' || true; }

if ! [ -s "$report" ]; then
	{
		echo "# Could not compare: accelbench ab ended with exit code $AB_CODE"
		echo
		echo "What it said last:"
		echo
		last "$AB_DIR.log"
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
	form github "$work/annotations"
fi
if [ -s "$work/annotations" ]; then cat "$work/annotations"; fi
# Annotations tell of verdicts. That the job fails for another reason they do not know.
case $AB_CODE/$(if [ -s "$work/annotations" ]; then echo annotated; fi) in
0/* | 4/annotated | 5/annotated) ;;
*)
	what=$(title "$report")
	echo "::error title=accelbench::${what//%/%25} (exit code $AB_CODE)"
	;;
esac

if [ -n "${AB_BASELINE:-}" ]; then
	stored=$AB_DIR/baseline.md
	status=0
	if [ -s "$head" ]; then
		accelbench compare "$AB_BASELINE" "$head" "${how[@]}" --format markdown >"$stored" 2>"$work/baseline.log" || status=$?
	else
		echo "accelbench: head gave no results" >"$work/baseline.log"
	fi
	what=$(if [ -s "$stored" ]; then title "$stored"; else echo "could not be compared"; fi | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/@/@\&#8203;/g')
	{
		echo
		echo "<details><summary>Against stored results, as information: $what</summary>"
		echo
		echo "Stored results are of another day, perhaps of another machine: what differs may be that. This part fails no job (exit code $status)."
		echo
		if [ -s "$stored" ]; then sed 's/^#/##/' "$stored"; else last "$work/baseline.log"; fi
		echo
		echo "</details>"
	} >"$work/stored.md"
fi

# parts LIMIT END: the report, what was stored, and an end, as far as they fit. The verdict in the first line always does.
parts() {
	local limit=$(($1 - ${#2} - 2)) used
	used=$(size "$report")
	if [ "$used" -le "$limit" ]; then
		cat "$report"
		if [ -s "$work/stored.md" ] && [ $((used + $(size "$work/stored.md"))) -le "$limit" ]; then cat "$work/stored.md"; fi
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
