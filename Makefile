# make run    builds and runs the quick suite on this machine
# make test   runs all tests
# make check  is what every commit passes

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null)
DIRTY   ?= $(shell test -z "$$(git status --porcelain 2>/dev/null)" && echo false || echo true)

PKG     := github.com/accelbench/accelbench
BIN     := bin/accelbench
# NVML's functions are bound when they are first called: a binary linked with -z now dies where the driver is missing.
LDFLAGS := -X main.version=$(VERSION) -X main.commit=$(COMMIT) -X main.dirty=$(DIRTY) -extldflags=-Wl,-z,lazy
# go-nvml binds deprecated calls on purpose.
export CGO_CFLAGS := -O2 -Wno-deprecated-declarations
# The version is stamped above; without this the tool would read git a second time.
export GOFLAGS := -buildvcs=false

GOLANGCI_VERSION := v2.12.2
STATICCHECK_VERSION := v0.7.0
TOOLS   := $(CURDIR)/bin/tools
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
STATICCHECK := $(TOOLS)/staticcheck-$(STATICCHECK_VERSION)
FUZZTIME ?= 10s
# What race and nocgo test.
PACKAGES ?= ./...

.PHONY: all build run test race nocgo fmt vet cross lint staticcheck arch check fuzz golden bench generate onnxruntime release clean

all: build

build:
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/accelbench

# Exit code 3 means that something was invalid on a noisy machine: the report says what, and the run itself worked.
run:
	@$(MAKE) -s build >&2
	@$(BIN) run --quick; code=$$?; \
	if [ $$code -eq 3 ]; then echo "make run: some measurements are invalid or failed on this machine; the findings above say why" >&2; \
	else exit $$code; fi

# The library of the onnxruntime engine, into the user's cache: the one thing that is ever downloaded, and only by this.
onnxruntime:
	@$(MAKE) -s build >&2
	@$(BIN) setup onnxruntime

test:
	go test -ldflags '-extldflags=-Wl,-z,lazy' ./...

race:
	go test -race -short -ldflags '-extldflags=-Wl,-z,lazy' $(PACKAGES)

nocgo:
	CGO_ENABLED=0 go build -o bin/accelbench-nocgo ./cmd/accelbench
	CGO_ENABLED=0 go test -short $(PACKAGES)

fmt:
	@out=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); test -z "$$out" || { echo "gofmt: $$out"; exit 1; }

vet:
	go vet ./...

# What else has to compile.
cross:
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go vet ./...
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go build -o /dev/null ./cmd/accelbench

lint: $(GOLANGCI)
	$(GOLANGCI) run ./...

$(GOLANGCI):
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) GOFLAGS= CGO_CFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

# The largest of the linters, built in seconds where golangci-lint takes minutes.
staticcheck: $(STATICCHECK)
	$(STATICCHECK) ./...

$(STATICCHECK):
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) GOFLAGS= CGO_CFLAGS= go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	mv $(TOOLS)/staticcheck $@

# The rooms' one-way street, and no cgo below cmd except behind devices/nvml.
arch:
	go test -count=1 ./internal/arch

check: fmt vet cross lint arch race nocgo test

fuzz:
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
		echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p || exit 1; done; done

# Regenerates the golden files of the tests, and the golden values of the workloads (about ten minutes on two cores).
golden:
	go test ./reports/... ./bench/compare/promise -update
	go test ./bench/ab -run TestStopping -update
	go run ./cmd/golden -dir workloads/golden

bench:
	go test -run '^$$' -bench . -benchtime 2s -timeout 30m ./devices/engine/... ./bench/load/...

generate:
	go generate ./...

# The archives of a release, the same to the byte whoever makes them; docs/ci.md says what is in which. Needs
# aarch64-linux-gnu-gcc for arm64, or RELEASE_ARCHES=amd64.
release:
	@VERSION='$(VERSION)' COMMIT='$(COMMIT)' LDFLAGS='$(LDFLAGS)' internal/ci/release/release.sh

clean:
	rm -rf bin
