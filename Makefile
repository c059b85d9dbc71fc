# `make` alone prints what there is to do. What takes more than a few lines is
# in scripts/.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS   += --no-print-directory

GO ?= go
# Tools have a module of their own, so that go.mod lists what the product uses.
TOOL := $(GO) tool -modfile=tools/go.mod
# The validation rules' own .proto files; without Go files `go mod tidy` would
# drop the module, so it is pinned here.
PROTOVALIDATE := github.com/bufbuild/protovalidate@v1.2.2

# What `make run` gives to `rollcall serve`, ARGS="--listen :9000", `make bench` to
# `bench run`, ARGS="--quick", and `make install` to ansible-playbook, ARGS="--check"
ARGS ?=
# What `make test` tests: PKG=./subscriber/... TESTFLAGS="-run Watch -v"
PKG ?= ./...
TESTFLAGS ?=
# How long `make fuzz` gives each target.
FUZZTIME ?= 30s
# The commit the API and the schema must stay compatible with; see scripts/base.
BASE ?=

# The image, and the kubeconfig's context, of the targets for Kubernetes.
IMAGE ?= rollcall:dev
IMAGE_TAR ?=
CONTEXT ?=

export GO PROTOVALIDATE PKG TESTFLAGS FUZZTIME BASE IMAGE IMAGE_TAR CONTEXT

##@ Use

.PHONY: run
run: build ## Build everything and start it on http://127.0.0.1:8080, data in ./data (ARGS="--help")
	@exec bin/rollcall serve $(ARGS)

.PHONY: dev
dev: ## The dashboard with hot reload on http://127.0.0.1:5173, against a running server (ROLLCALL=http://127.0.0.1:8080)
	@scripts/install web
	@cd web && npm run --silent dev

.PHONY: build
build: ## Build bin/rollcall; needs Go alone
	@$(GO) build -o bin/ ./cmd/rollcall

##@ Test

.PHONY: test
test: ## Run the product's tests under the race detector, and the page's in browsers (PKG=./gateway/... TESTFLAGS="-run Submit")
	@scripts/test

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (30s)
	@scripts/fuzz

.PHONY: bench
bench: ## Measure taking in and fanning out beside others, half an hour (ARGS="--help")
	@scripts/bench $(ARGS)

##@ Check

.PHONY: check
check: check-shell check-faults check-tidy check-proto check-schema check-gen check-web check-go check-modules ## Everything below

.PHONY: check-shell
check-shell: ## The scripts parse
	@for script in $$(grep -rl "^#!.*bash" scripts .ci); do bash -n "$$script"; done

.PHONY: check-faults
check-faults: ## Each fault of docs/faults can still be put into the code; scripts/fault runs what finds it
	@for patch in docs/faults/*.patch; do git apply --check "$$patch"; done

.PHONY: check-tidy
check-tidy: ## go.mod and go.sum list what is used, in every module
	@$(GO) mod tidy -diff || { echo "go.mod is not tidy: run 'go mod tidy'" >&2; exit 1; }
	@$(GO) -C bench mod tidy -diff || { echo "bench/go.mod is not tidy: run 'go -C bench mod tidy'" >&2; exit 1; }
	@$(GO) -C k8s/test mod tidy -diff || { echo "k8s/test/go.mod is not tidy: run 'go -C k8s/test mod tidy'" >&2; exit 1; }
	@$(GO) -C tools mod tidy -diff || { echo "tools/go.mod is not tidy: run 'go -C tools mod tidy'" >&2; exit 1; }

.PHONY: check-proto
check-proto: third_party ## The API is linted, formatted, and breaks no client of BASE
	@$(TOOL) buf lint
	@$(TOOL) buf format --diff --exit-code proto || { echo "proto/ is not formatted: run 'make fmt'" >&2; exit 1; }
	@scripts/check-proto-breaking

.PHONY: check-schema
check-schema: ## The Cap'n Proto schema still reads the bytes that BASE wrote
	@scripts/check-schema-breaking

.PHONY: check-gen
check-gen: plugins ## gen/ is what proto/ and schema/ generate
	@scripts/check-generated

.PHONY: check-web
check-web: ## The dashboard's types, and web/dist is what its sources build
	@scripts/check-web

.PHONY: check-go
check-go: ## gofumpt and golangci-lint, in every module
	@$(TOOL) golangci-lint fmt --diff || { echo "Go files are not formatted: run 'make fmt'" >&2; exit 1; }
	@$(TOOL) golangci-lint run
	@cd bench && $(GO) tool -modfile=../tools/go.mod golangci-lint run
	@cd k8s/test && $(GO) tool -modfile=../../tools/go.mod golangci-lint run
	@cd tools && $(GO) tool golangci-lint run

.PHONY: check-modules
check-modules: ## The tests of the bench, the tools and the chart
	@scripts/test modules

##@ Kubernetes

.PHONY: image
image: ## Build the image IMAGE (rollcall:dev), by Docker or by buildah; IMAGE_TAR=FILE writes it, too
	@scripts/image

.PHONY: install
install: ## Install NATS and rollcall on the cluster of CONTEXT, or of kubectl's, which is asked about
	@scripts/k8s-playbook "install NATS and rollcall" local-dev.yaml $(ARGS)

.PHONY: uninstall
uninstall: ## Take rollcall and NATS away again; their volumes stay
	@scripts/k8s-playbook "take rollcall and NATS away" uninstall.yaml $(ARGS)

.PHONY: k8s-test
k8s-test: ## Install on the cluster of CONTEXT in namespaces of the test's own, and try what happens to clusters
	@scripts/k8s-test

##@ Change

.PHONY: generate
generate: plugins ## Generate gen/ from proto/ and schema/; needs capnp, and npm for e2e/npm/gen
	@scripts/generate .cache/generated
	@scripts/take-generated .cache/generated

.PHONY: web
web: ## Build web/dist from web/src; needs npm
	@scripts/install web
	@npm run --silent --prefix web build

.PHONY: screenshots
screenshots: ## Make the pictures in docs/dashboard/; needs npm and chromium
	@scripts/install web chromium
	@$(GO) build -o .cache/bin/rollcall ./cmd/rollcall
	@SCREENSHOTS=docs npm run --silent --prefix web test:browser -- test/looks.test.ts

.PHONY: fmt
fmt: third_party ## Format Go and proto files
	@$(TOOL) golangci-lint fmt
	@$(TOOL) buf format -w proto

.PHONY: clean
clean: ## Remove what was built or fetched; data/ stays
	rm -rf .cache bin third_party e2e/npm/node_modules web/node_modules

##@

.PHONY: help
help:
	@colour=; if [[ -t 1 && -z "$${NO_COLOR:-}" ]]; then colour=1; fi; \
	awk -v colour="$$colour" -f scripts/help.awk $(firstword $(MAKEFILE_LIST))

# buf reads the rules from here; the Go module cache has them.
.PHONY: third_party
third_party:
	@scripts/third-party

# The Go plugins are built from the product's go.mod: what they generate must
# fit the runtime the product uses, and the tools' own may be newer.
.PHONY: plugins
plugins: third_party
	@$(GO) build -o .cache/bin/ google.golang.org/protobuf/cmd/protoc-gen-go connectrpc.com/connect/v2/cmd/protoc-gen-connect-go
	@$(GO) -C tools build -o ../.cache/bin/ capnproto.org/go/capnp/v3/capnpc-go
	@scripts/install capnp npm web
