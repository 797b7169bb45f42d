# cccc: everything starts here. `make run` opens the control center, `make test` proves that it works.
# A clean clone with Python 3.11 or newer and make is enough; what was done once is not done again.

SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# The newest Python that has what a virtual environment needs. A name in PATH is not enough: it may be a shim
# whose version is not installed.
IS_GOOD := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	if $$python -c '$(IS_GOOD)' >/dev/null 2>&1; then echo $$python; break; fi; done)

.PHONY: help run serve test lint format bench locales docs screenshots clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 14

run: $(VENV)/.installed  ## the control center (without a terminal: the headless proxy); ARGS="--port 9000"
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/cccc $(ARGS); else exec $(BIN)/cccc --serve $(ARGS); fi

serve: $(VENV)/.installed  ## the headless proxy
	@exec $(BIN)/cccc --serve $(ARGS)

test: $(VENV)/.developing tests/node_modules/.installed  ## all tests; ARGS="tests/wire -x" for some
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(VENV)/.developing  ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.developing  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.developing  ## how fast the proxy is, beside the least a proxy can do and beside its peers; ARGS="--quick --only small"
	$(BIN)/python -m benchmarks $(ARGS)

locales: $(VENV)/.developing  ## bring the catalogues up to date with the source, and list what is not translated
	$(BIN)/python -m tests.catalogue

docs: $(VENV)/.developing  ## bring the pages of docs/ up to date that are made from the code
	$(BIN)/python -m tests.made_pages

screenshots: $(VENV)/.developing  ## the pictures of the README, themes too
	$(BIN)/python -m screenshots

clean:  ## remove what was built and installed
	rm -rf $(VENV) tests/node_modules dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n '$(PYTHON)' || { echo 'cccc needs Python 3.11 or newer with venv (on Debian: apt install python3-venv).' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.developing: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

# The real `claude` and `codex`. Without npm their tests say that they are skipped (and fail when CI is set).
tests/node_modules/.installed: $(wildcard tests/package-lock.json)
	@if ! command -v npm >/dev/null; then \
		echo 'No npm here: the tests with the real claude and codex are skipped.'; \
	elif [ -f tests/package-lock.json ]; then \
		npm ci --prefix tests --no-audit --no-fund --loglevel=error && touch $@; \
	fi
