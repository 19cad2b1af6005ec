#!/usr/bin/env bash
# Posts the body of a comment to a pull request, or replaces the one that it posted before. That it cannot is a warning: the
# verdict does not hang on it.
#
# AB_COMMENT  the file of the body, whose last line is the marker by which the former comment is found
# AB_TOKEN    with permission to write to pull requests
# AB_PR       the number of the pull request; empty: that of the event
# GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH   as GitHub has them
set -euo pipefail

warn() { echo "::warning title=accelbench::the comment was not posted: $*"; exit 0; }

for tool in curl jq; do
	command -v "$tool" >/dev/null || warn "$tool is missing on this runner"
done
[ -n "${AB_TOKEN:-}" ] || warn "there is no token"
number=${AB_PR:-$(jq -r '.pull_request.number // .number // empty' "$GITHUB_EVENT_PATH" 2>/dev/null || true)}
case $number in '' | *[!0-9]*) warn "this run belongs to no pull request" ;; esac
marker=$(tail -1 "$AB_COMMENT")
case $marker in '<!-- accelbench: '*' -->') ;; *) warn "$AB_COMMENT ends without the marker" ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The token is in a file, for command lines can be seen by other processes.
(umask 077 && printf 'header = "Authorization: Bearer %s"\nheader = "Accept: application/vnd.github+json"\n' "$AB_TOKEN" >"$work/config")

# call METHOD PATH [BODY]: answers on stdout.
call() {
	local data=()
	if [ $# -gt 2 ]; then data=(--data-binary "@$3" --header "Content-Type: application/json"); fi
	curl --silent --show-error --fail --retry 2 --config "$work/config" --request "$1" "${data[@]}" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$2"
}

jq -Rs '{body: .}' "$AB_COMMENT" >"$work/body.json"
former=
for ((page = 1; page <= 50; page++)); do
	call GET "issues/$number/comments?per_page=100&page=$page" >"$work/page.json" || warn "the comments of #$number cannot be read; does the job have permissions: pull-requests: write?"
	former=$(jq -r --arg marker "$marker" 'map(select(.body | endswith($marker) or endswith($marker + "\n"))) | first | .id // empty' "$work/page.json")
	if [ -n "$former" ] || [ "$(jq length "$work/page.json")" -lt 100 ]; then break; fi
done
if [ -n "$former" ]; then
	call PATCH "issues/comments/$former" "$work/body.json" >/dev/null || warn "the former comment cannot be replaced; runs for forks have no token that may write, and docs/ci.md has the way out"
else
	call POST "issues/$number/comments" "$work/body.json" >/dev/null || warn "runs for forks have no token that may write, and docs/ci.md has the way out; else the job needs permissions: pull-requests: write"
fi
