# make shows the targets. Everything that a target needs beyond Go it installs from Debian when it is root, or names otherwise.

# Tests and tools compile the project's own packages without inlining, which halves the time for package ent, and without paths, so that every
# clone of the repository shares one build cache. What others wrote keeps it: the embedded database takes three times as long without.
FAST := -trimpath -gcflags=dongxiao/...=-l
FAST_TOOLS := GOFLAGS="$$GOFLAGS $(FAST)"
# make lint vets the code, with more checks than go test has, so the tests need not do it too. Four tests of a package at once, whatever the machine:
# many wait for a server to come back or for a lease to run out rather than compute.
GOTEST := go test $(FAST) -vet=off -parallel=4
RUNTESTS := go run $(FAST) ./internal/testkit/runtests --

# What to test: make test PACKAGES=./domain/...
PACKAGES ?= ./...

# Packages that are tested once more under the race detector, with fewer checks of each property: these find no races. It compiles everything a second
# time, so packages that stand on ent run only their tests with Race in the name; those are found by themselves.
RACE_PACKAGES := $(addprefix ./,graph/transport internal/batch internal/clock internal/ids internal/pubsub internal/wechat internal/wechatpay internal/wechatsim rest/health)
RACE_TESTS = $(filter-out $(addsuffix /,$(RACE_PACKAGES)),$(sort $(addprefix ./,$(dir $(shell git grep -lE '^func Test[A-Za-z0-9]*Race' -- '*_test.go')))))

# How long each fuzz test runs, and how often make soak kills a server.
FUZZTIME ?= 10s
KILLS ?= 20

GOLANGCI_LINT ?= $(shell command -v golangci-lint)

.PHONY: help run demo build test check lint generate generated tidy bench clients soak cover fuzz

help: ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

run: ## Run the server with the demo brand on http://127.0.0.1:8080
	go run .

demo: ## Load the demo brand into the development database
	go run . demo

build: ## Build the program ./dongxiao
	go build -trimpath -o dongxiao .

test: ## Test everything on MariaDB and Redis and on the embedded servers, then the races with the race detector
	$(RUNTESTS) $(GOTEST) -timeout=20m $(PACKAGES)
	$(RUNTESTS) $(GOTEST) -race -short -timeout=20m $(RACE_PACKAGES)
	$(if $(RACE_TESTS),$(RUNTESTS) $(GOTEST) -race -timeout=20m -run=Race $(RACE_TESTS))

check: generated tidy lint test ## Do all that a change must pass: generate, tidy, lint and test

lint: ## Check the format, then run golangci-lint, or go vet and staticcheck where it is not installed
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')) && test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
ifeq ($(GOLANGCI_LINT),)
	go vet $(FAST) ./...
	$(FAST_TOOLS) go tool staticcheck ./...
else
	$(GOLANGCI_LINT) run
endif

generate: ## Write all generated code anew
	$(FAST_TOOLS) go generate ./...

generated: ## Fail when the generated code is not what go generate writes
	@state() { git diff HEAD | git hash-object --stdin; git status --porcelain; }; \
	before=$$(state) && $(MAKE) generate && test "$$before" = "$$(state)" || { git status --short; echo "go generate changed the tree: commit what it writes"; exit 1; }

tidy: ## Fail when go mod tidy would change go.mod or go.sum
	go mod tidy -diff

bench: ## Run the benchmarks: make bench BENCH=name SECONDS=5 for one of them
	go run -trimpath ./bench $(if $(BENCH),-bench=$(BENCH)) $(if $(SECONDS),-seconds=$(SECONDS))

clients: ## Generate, compile and try the TypeScript clients (needs Node 18 or later and npm)
	npm --prefix clients ci
	npm --prefix clients run generate
	npm --prefix clients test

soak: ## Run the fault tests with KILLS=20 kills each
	DONGXIAO_TEST_KILLS=$(KILLS) $(RUNTESTS) $(GOTEST) -count=1 -timeout=0 -v -run='Kill' $(PACKAGES)

cover: ## Tell how much of the code the tests reach, function by function in coverage.out
	$(RUNTESTS) $(GOTEST) -timeout=30m -coverprofile=coverage.out $(PACKAGES)
	go tool cover -func=coverage.out | tail -n 1

fuzz: ## Run every fuzz test for FUZZTIME=10s
	@git grep -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | while IFS=: read -r file function; do \
		$(GOTEST) -run='^$$' -fuzz="^$${function#func }$$" -fuzztime=$(FUZZTIME) "./$$(dirname "$$file")" || exit 1; done
