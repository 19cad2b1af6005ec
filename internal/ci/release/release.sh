#!/usr/bin/env bash
# Makes the archives of a release, as `make release` calls it: for each architecture of RELEASE_ARCHES one with everything,
# one without cgo and one without a C library, and SHA256SUMS over all. The same commit, Go and C compiler give the same bytes.
#
# VERSION, COMMIT, LDFLAGS  what the Makefile stamps into the binary
# RELEASE_ARCHES            amd64 arm64 unless given
# RELEASE_DIR               where the archives go: bin/release unless given
set -euo pipefail
cd "$(dirname "$0")/../../.."
export LC_ALL=C TZ=UTC
umask 022

# What a binary with cgo may ask of the C library: RHEL 9, Amazon Linux 2023, Ubuntu 22.04, Debian 12 and later have it.
glibc_floor=2.34

die() { echo "make release: $*" >&2; exit 1; }

for tool in go git tar gzip readelf sha256sum; do
	command -v "$tool" >/dev/null || die "$tool is missing: install it with the packages golang, git, tar, gzip, binutils, coreutils"
done
: "${VERSION:?run it by make release}" "${COMMIT:?make release needs a git checkout}" "${LDFLAGS:?run it by make release}"
[ -z "$(git status --porcelain)" ] || die "the tree has changes that no commit has, so nobody could make the same archives: commit them first"
epoch=$(git log -1 --format=%ct)
dir=${RELEASE_DIR:-bin/release}
rm -rf "$dir"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What the user's environment could change in the bytes.
unset CGO_CPPFLAGS CGO_CXXFLAGS CGO_LDFLAGS GOEXPERIMENT GODEBUG
export GOOS=linux GOAMD64=v1 GOARM64=v8.0

# compiler ARCH: the C compiler that makes code for ARCH on this machine.
compiler() {
	local name packages
	case $1 in
	"$(go env GOHOSTARCH)") name=gcc packages="gcc libc6-dev" ;;
	amd64) name=x86_64-linux-gnu-gcc packages="gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;;
	arm64) name=aarch64-linux-gnu-gcc packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
	*) die "RELEASE_ARCHES has $1: it knows amd64 and arm64" ;;
	esac
	command -v "$name" >/dev/null || die "$name is missing: apt-get install $packages (Debian, Ubuntu), or RELEASE_ARCHES without $1"
	echo "$name"
}

# floor BINARY: the newest version of glibc that a symbol of it asks for, empty for none.
floor() {
	local versions
	versions=$(readelf --version-info --wide "$1" | grep -o 'GLIBC_[A-Z0-9._]*' | sort -u || true)
	if grep -q '^GLIBC_[A-Z]' <<<"$versions"; then die "$1 asks for $(grep '^GLIBC_[A-Z]' <<<"$versions" | head -1), of which no version is known"; fi
	sed -n 's/^GLIBC_//p' <<<"$versions" | sort -V | tail -1
}

# licences: those of the modules that a build with the present environment and the given flags links, and Go's own.
licences() {
	local path version folder found
	go list -deps "$@" -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/accelbench | sort -u |
		while read -r path version folder; do
			found=$(find "$folder" -maxdepth 1 -type f \( -iname 'licen[sc]e*' -o -iname 'copying*' -o -iname 'notice*' \) | sort)
			[ -n "$found" ] || die "$path $version has no licence file: it cannot be given on"
			printf '=== %s %s\n\n' "$path" "$version"
			while read -r file; do cat "$file"; echo; done <<<"$found"
		done
	printf '=== Go %s\n\n' "$(go env GOVERSION)"
	cat "$(go env GOROOT)/LICENSE"
}

# archive SUFFIX NEEDS LACKS FLAGS...: builds with the present environment, and packs.
archive() {
	local name=accelbench-$VERSION-linux-$GOARCH$1 needs=$2 lacks=$3
	shift 3
	local root=$work/$name newest
	mkdir -p "$root/docs"
	go build -trimpath "$@" -ldflags "$LDFLAGS -s -w -buildid=" -o "$root/accelbench" ./cmd/accelbench
	newest=$(floor "$root/accelbench")
	if [ -n "$newest" ]; then
		[ "$(printf '%s\n%s\n' "$newest" "$glibc_floor" | sort -V | tail -1)" = "$glibc_floor" ] ||
			die "$name asks for glibc $newest, and the stated floor is $glibc_floor: build it on an older system, such as Debian 12"
		needs="glibc $newest or later"
	fi
	cp LICENSE README.md CHANGELOG.md "$root/"
	cp docs/result.schema.json "$root/docs/"
	licences "$@" >"$root/THIRD_PARTY_LICENSES.txt"
	{
		echo "accelbench $VERSION for linux/$GOARCH"
		echo "commit:     $COMMIT"
		echo "go:         $(go env GOVERSION)"
		if [ "$CGO_ENABLED" = 1 ]; then echo "C compiler: $("$CC" --version | head -1)"; else echo "C compiler: none"; fi
		echo "needs:      $needs"
		echo "lacks:      $lacks"
	} >"$root/BUILD.txt"
	find "$root" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
	chmod 755 "$root/accelbench"
	tar --sort=name --format=ustar --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$work" -cf - "$name" | gzip -n -9 >"$dir/$name.tar.gz"
	echo "$name.tar.gz: needs $needs" >&2
}

for arch in ${RELEASE_ARCHES:-amd64 arm64}; do
	compiler "$arch" >/dev/null
done
for GOARCH in ${RELEASE_ARCHES:-amd64 arm64}; do
	CC=$(compiler "$GOARCH")
	export GOARCH CC
	CGO_ENABLED=1 archive "" "glibc of any version" "nothing"
	CGO_ENABLED=0 archive -nocgo "glibc of any version" "NVML (NVIDIA GPUs are not found), PJRT"
	CGO_ENABLED=0 archive -static "no C library" "NVML (NVIDIA GPUs are not found), PJRT, ONNX Runtime, Neuron runtime" -tags noort
done
(cd "$dir" && sha256sum -- *.tar.gz >SHA256SUMS)
echo "$dir" >&2
