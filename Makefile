# newsbitext: every target sets up what it needs by itself.

PYTHON ?= python3
CONFIG ?= configs/default.yaml
CORPUS ?= corpus
BOILERPLATE ?= ../shared/boilerplate

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTABLE := $(VENV)/.testable

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup corpus test check format format-check lint types layers golden bench bench-boilerplate report clean

help: ## show this list
	@echo "usage: make TARGET [PYTHON=python3] [CONFIG=$(CONFIG)] [CORPUS=$(CORPUS)]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with the pinned dependencies

# A new lock or a new pyproject.toml brings .venv up to date; nothing else touches it.
$(READY): pyproject.toml requirements.lock
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	  echo "error: $(PYTHON): no such program; install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $$("$(PYTHON)" --version 2>&1) is too old: newsbitext needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "error: $(PYTHON) cannot make virtual environments; install its venv module (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "setting up $(VENV); the first time takes minutes"
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Ray is large, and who only makes a corpus has no use for it.
$(TESTABLE): $(READY) tests/engines/ray.lock
	@$(BIN)/python -m pip install --quiet --no-deps --requirement tests/engines/ray.lock
	@touch $@

corpus: $(READY) ## make the corpus of CONFIG in the folder CORPUS
	$(BIN)/newsbitext run $(CONFIG) --output $(CORPUS)

test: $(TESTABLE) ## run every test
	$(BIN)/python -m pytest

check: format-check lint types layers test ## everything that must be green before a review

format: $(READY) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .

format-check: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY) ## look for mistakes in the code
	$(BIN)/ruff check .

types: $(TESTABLE) ## check the types
	$(BIN)/mypy

layers: $(READY) ## check who may import whom
	$(BIN)/lint-imports

golden: $(READY) ## rewrite what tests expect (corpus, settings reference); read the diff
	$(BIN)/python -m pytest tests/golden tests/docs --rewrite-golden

bench: $(READY) .peers ## measure the speed next to other programs; takes 12 minutes on two quiet cores
	$(BIN)/python -m tests.bench $(BENCH)

# Its pins do not go with ours, so it stands apart; without it the bench says so and goes on.
.peers: tests/bench/peers.txt
	-$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $@ --requirement $<
	@mkdir -p $@ && touch $@

bench-boilerplate: $(READY) ## measure boilerplate stripping on the labelled pages in BOILERPLATE
	$(BIN)/python -m tests.bench.boilerplate $(BOILERPLATE)

report: $(READY) ## tell the state of the corpus, write its report.html, and verify it
	$(BIN)/newsbitext status $(CORPUS)
	@echo "open in a browser:"
	$(BIN)/newsbitext report $(CORPUS)
	$(BIN)/newsbitext verify $(CORPUS)

clean: ## remove .venv, caches and build products; the corpus stays
	rm -rf $(VENV) .peers build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
