#!/usr/bin/env bash
# Puts accelbench on the PATH of the steps that follow: the release VERSION, its digest verified, or without VERSION this
# checkout of the project, built.
#
# VERSION                 a release's tag, v1.2.3; empty: build
# VARIANT                 of the release: empty, nocgo or static
# SHA256                  of the archive, if it is to be held to a digest that was known before; else the release's own SHA256SUMS counts
# ACCELBENCH_RELEASES     where releases are; by default those of the action's own repository
# GITHUB_ACTION_PATH, GITHUB_ACTION_REPOSITORY, GITHUB_ACTION_REF, GITHUB_SERVER_URL, GITHUB_PATH, RUNNER_TEMP   as GitHub has them
set -euo pipefail

die() { echo "::error title=accelbench::installing accelbench: $*" >&2; exit 1; }

bin=$RUNNER_TEMP/accelbench-bin
mkdir -p "$bin"

if [ -z "${VERSION:-}" ]; then
	command -v go >/dev/null || die "building needs Go: add actions/setup-go, or name a release with the input version"
	command -v make >/dev/null || die "building needs make: install it, or name a release with the input version"
	# A downloaded action is no git checkout: which commit it is of is not known, only its ref.
	GOTOOLCHAIN=auto make -s -C "$GITHUB_ACTION_PATH" build BIN="$bin/accelbench" VERSION="${GITHUB_ACTION_REF:-devel}" COMMIT= DIRTY= >&2 || die "make build failed; the lines above say why"
else
	case $VERSION in *[!A-Za-z0-9._+-]*) die "the input version is no tag: $VERSION" ;; esac
	case ${VARIANT:=} in '' | nocgo | static) ;; *) die "the input variant is $VARIANT: it may be nocgo, static or empty" ;; esac
	case $(uname -s)/$(uname -m) in
	Linux/x86_64) arch=amd64 ;;
	Linux/aarch64 | Linux/arm64) arch=arm64 ;;
	*) die "there is no release for $(uname -s) on $(uname -m): leave the input version out, and it is built" ;;
	esac
	archive=accelbench-$VERSION-linux-$arch${VARIANT:+-$VARIANT}.tar.gz
	from=${ACCELBENCH_RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_ACTION_REPOSITORY/releases/download}/$VERSION
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	for file in SHA256SUMS "$archive"; do
		curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$from/$file" || die "$from/$file cannot be had"
	done
	if [ -n "${SHA256:-}" ]; then
		echo "$SHA256  $archive" >"$work/expected"
	else
		grep -F "  $archive" "$work/SHA256SUMS" >"$work/expected" || die "SHA256SUMS of $VERSION does not name $archive"
	fi
	(cd "$work" && sha256sum --check --strict --quiet expected) >&2 || die "$archive is not the file that its digest is of"
	tar -xzf "$work/$archive" -C "$work" --no-same-owner
	install -m 755 "$work/${archive%.tar.gz}/accelbench" "$bin/accelbench"
fi
"$bin/accelbench" --version
echo "$bin" >>"$GITHUB_PATH"
