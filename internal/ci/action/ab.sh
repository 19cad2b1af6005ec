#!/usr/bin/env bash
# Runs base and head interleaved on this runner. Whatever comes out, the steps that follow report it, and the last one ends the
# job with its exit code.
#
# AB_BASE, AB_HEAD                  plan files
# AB_BASE_CMD, AB_HEAD_CMD          or commands, for sh -c
# AB_ROUNDS, AB_TOLERANCE, AB_GATE  empty: the defaults of accelbench ab
# AB_STRICT                         true: undecided is exit code 5
# AB_ARGUMENTS                      further flags of accelbench ab, one a line; no shell reads them
# RUNNER_TEMP, GITHUB_OUTPUT        as GitHub has them
#
# What is said on the way goes to DIR.log, beside the folder: what commands say may hold what is not to be published.
#
# Outputs: dir, where results and reports are; code, the exit code; verdict; plain, true if accelbench compare gives the same
# verdict from what was saved.
set -euo pipefail

command -v accelbench >/dev/null || {
	echo "::error title=accelbench::accelbench is not on the PATH: the step that installs it did not run" >&2
	exit 1
}
dir=$(mktemp -d "$RUNNER_TEMP/accelbench.XXXXXX")

args=(--out "$dir/ab.jsonl" --format markdown)
# flag NAME VALUE: the flag, if it has a value.
flag() { if [ -n "$2" ]; then args+=("$1=$2"); fi; }
flag --base "${AB_BASE:-}"
flag --head "${AB_HEAD:-}"
flag --base-cmd "${AB_BASE_CMD:-}"
flag --head-cmd "${AB_HEAD_CMD:-}"
flag --rounds "${AB_ROUNDS:-}"
flag --tolerance "${AB_TOLERANCE:-}"
flag --gate "${AB_GATE:-}"
if [ "${AB_STRICT:-}" = true ]; then args+=(--strict); fi
plain=true
while IFS= read -r line; do
	if [ -z "$line" ]; then continue; fi
	args+=("$line")
	# These judge while they measure: the same figures without their history may give another verdict.
	case $line in --confirm* | --early* | --max-rounds*) plain=false ;; esac
done <<<"${AB_ARGUMENTS:-}"

set +e
accelbench ab "${args[@]}" 2>&1 >"$dir/report.md" | tee "$dir.log" >&2
code=${PIPESTATUS[0]}
set -e

# The report's first line begins with the verdict.
verdict=none
case $(sed -n '1s/^#* *//p' "$dir/report.md") in
Regressed*) verdict=regressed ;;
Improved*) verdict=improved ;;
Unchanged*) verdict=unchanged ;;
Undecided*) verdict=undecided ;;
esac
echo "accelbench ab: exit code $code, verdict $verdict" >&2
{
	echo "dir=$dir"
	echo "code=$code"
	echo "verdict=$verdict"
	echo "plain=$plain"
} >>"$GITHUB_OUTPUT"
