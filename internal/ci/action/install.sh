#!/usr/bin/env bash
# Puts accelbench on the PATH of the steps that follow: the release AB_VERSION, its digest verified, or without AB_VERSION this
# checkout of the project, built.
#
# AB_VERSION           a release's tag, v1.2.3; empty: build
# AB_VARIANT           of the release: empty, nocgo or static
# AB_SHA256            of the archive, if it is to be held to a digest that was known before; else the release's own SHA256SUMS counts
# ACCELBENCH_RELEASES  where releases are; by default those of the action's own repository
# AB_ACTION_PATH, AB_ACTION_REPOSITORY, AB_ACTION_REF        the action's own checkout, repository and ref
# GITHUB_SERVER_URL, GITHUB_PATH, RUNNER_TEMP                as GitHub has them
set -euo pipefail

die() { echo "::error title=accelbench::installing accelbench: $*" >&2; exit 1; }

bin=$RUNNER_TEMP/accelbench-bin
mkdir -p "$bin"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "${AB_VERSION:-}" ]; then
	command -v go >/dev/null || die "building needs Go: add actions/setup-go, or name a release with the input version"
	command -v make >/dev/null || die "building needs make: install it, or name a release with the input version"
	# A downloaded action is no git checkout: which commit it is of is not known, only its ref.
	GOTOOLCHAIN=auto make -s -C "$AB_ACTION_PATH" build BIN="$work/accelbench" VERSION="${AB_ACTION_REF:-devel}" COMMIT= DIRTY= >&2 || die "make build failed; the lines above say why"
	install -m 755 "$work/accelbench" "$bin/accelbench"
else
	case $AB_VERSION in *[!A-Za-z0-9._+-]*) die "the input version is no tag: $AB_VERSION" ;; esac
	case ${AB_VARIANT:=} in '' | nocgo | static) ;; *) die "the input variant is $AB_VARIANT: it may be nocgo, static or empty" ;; esac
	case $(uname -s)/$(uname -m) in
	Linux/x86_64) arch=amd64 ;;
	Linux/aarch64 | Linux/arm64) arch=arm64 ;;
	*) die "there is no release for $(uname -s) on $(uname -m): leave the input version out, and it is built" ;;
	esac
	archive=accelbench-$AB_VERSION-linux-$arch${AB_VARIANT:+-$AB_VARIANT}.tar.gz
	from=${ACCELBENCH_RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/$AB_ACTION_REPOSITORY/releases/download}/$AB_VERSION
	for file in SHA256SUMS "$archive"; do
		curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$from/$file" || die "$from/$file cannot be had"
	done
	if [ -n "${AB_SHA256:-}" ]; then
		echo "$AB_SHA256  $archive" >"$work/expected"
	else
		grep -F "  $archive" "$work/SHA256SUMS" >"$work/expected" || die "SHA256SUMS of $AB_VERSION does not name $archive"
	fi
	(cd "$work" && sha256sum --check --strict --quiet expected) >&2 || die "$archive is not the file that its digest is of"
	tar -xzf "$work/$archive" -C "$work" --no-same-owner
	install -m 755 "$work/${archive%.tar.gz}/accelbench" "$bin/accelbench"
fi
"$bin/accelbench" --version
echo "$bin" >>"$GITHUB_PATH"
