# What there is to run, each from nothing but Python 3.11 or newer, make and a package registry: `make help`.
# The second time nothing is installed and no network is needed. Tests on the way: `make test ARGS="-k schedule"`.

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
BIN := .venv/bin

.PHONY: help serve test check bench soak screenshots lock setup
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

serve: setup  ## the site with demonstration data on http://127.0.0.1:8000 (PORT=8000)
	@exec $(BIN)/footbridge serve --demo-if-empty --host 127.0.0.1 --port $(PORT) $(ARGS)

test: setup  ## the whole test suite (ARGS="..." goes to pytest)
	@sh .ci/chromium
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

check: setup  ## style, types, import contracts, templates, migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest -q tests/test_house.py

bench: setup  ## the figures of the README, in ratios, on both engines
	@$(BIN)/python -m tests.bench $(ARGS)

soak: setup  ## long runs under load and failure
	@$(BIN)/pytest -m soak -o faulthandler_timeout=0 $(ARGS) || { code=$$?; [ $$code -eq 5 ] || exit $$code; echo "There are no soak tests yet."; }

screenshots: setup  ## the pictures of the README anew, of the demonstration county at a fixed time
	@sh .ci/chromium
	@$(BIN)/python -m tests.browser.screenshots

lock: setup  ## requirements.lock anew from pyproject.toml (with Python 3.11, the oldest that is supported)
	@PYTHON="$(PYTHON)" sh .ci/lock

setup:
	@PYTHON="$(PYTHON)" sh .ci/setup
