# otelaudit: run `make help`.

GO       ?= go
TOOL     := $(GO) tool -modfile=internal/tools/go.mod
OTELCOL  := bin/otelcol-audit
SOURCES  := $(shell git ls-files --cached --others --exclude-standard '*.go' '*.sql' '*.yaml' '*.json' 'go.mod' 'go.sum' 2>/dev/null | grep -v '^examples/')
FUZZTIME ?= 30s
BENCH    ?= .

export GOFLAGS += -buildvcs=false

.DEFAULT_GOAL := help

.PHONY: help
help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

.PHONY: run
run: build ## Show the whole product on real input; ONESHOT=1 ends after the tables
	$(GO) run ./examples/quickstart

.PHONY: build
build: $(OTELCOL) ## Build the collector, bin/otelcol-audit

$(OTELCOL): builder-config.yaml $(SOURCES)
	$(TOOL) builder --config builder-config.yaml
	@mkdir -p bin
	mv dist/otelcol-audit $(OTELCOL)
	@touch $(OTELCOL)

.PHONY: test
test: build custom-collector apps ## Unit, race and integration tests on a real ClickHouse, and every example validated
	$(GO) test ./internal/query
	$(GO) test -race -timeout 20m ./...

.PHONY: custom-collector
custom-collector: ## Build the example of a collector of one's own, and have it accept the quickstart's configuration
	cd examples/custom-collector && $(GO) tool -modfile=../../internal/tools/go.mod builder --config builder-config.yaml
	examples/custom-collector/dist/otelcol-custom validate --config examples/quickstart/collector.yaml

.PHONY: apps
apps: examples/apps/javascript/node_modules/.package-lock.json ## Install what the examples of applications need (npm)

examples/apps/javascript/node_modules/.package-lock.json: examples/apps/javascript/package-lock.json
	@if command -v npm >/dev/null; then cd examples/apps/javascript && npm ci --no-audit --no-fund; \
	else echo "npm is not installed: the example in JavaScript is not run"; fi

.PHONY: lint
lint: ## Check style, vulnerable patterns and formatting
	$(TOOL) golangci-lint run ./...
	cd bench && $(GO) vet ./...
	cd internal/kafkalocal && $(GO) vet ./...

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities in what is called (asks the vulnerability database)
	$(TOOL) govulncheck ./...

.PHONY: generate
generate: ## Make the generated files again
	$(GO) generate ./...
	$(TOOL) gofumpt -w $$(git ls-files '*.go')

.PHONY: fuzz
fuzz: ## Run every fuzz test for FUZZTIME (30s)
	@$(GO) list ./... | while read -r package; do \
		$(GO) test -list '^Fuzz' "$$package" | grep '^Fuzz' | while read -r target; do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$package" || exit 1; \
		done || exit 1; \
	done

.PHONY: bench
bench: ## Run the benchmarks (BENCH=regexp)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

.PHONY: compare
compare: bench/compare/dist-ours/otelcol-ours bench/compare/dist-theirs/otelcol-contrib ## Run our collector and contrib's components side by side (ARGS="-clients 128")
	cd bench && $(GO) run ./compare $(ARGS)

bench/compare/dist-ours/otelcol-ours: bench/compare/configs/ours.builder.yaml $(SOURCES)
	cd bench/compare && $(GO) tool -modfile=../../internal/tools/go.mod builder --config configs/ours.builder.yaml
	@touch $@

bench/compare/dist-theirs/otelcol-contrib: bench/compare/configs/theirs.builder.yaml
	cd bench/compare && $(GO) tool -modfile=../../internal/tools/go.mod builder --config configs/theirs.builder.yaml

.PHONY: clickhouse
clickhouse: ## Start a real ClickHouse on this machine, until Ctrl-C
	$(GO) run ./internal/clickhouselocal/cmd/clickhouse

.PHONY: clean
clean: ## Remove what was built, and all local data; .cache/clickhouse, the download, stays
	rm -rf bin dist bench/compare/dist-ours bench/compare/dist-theirs examples/custom-collector/dist .cache/quickstart .cache/clickhouse-data
