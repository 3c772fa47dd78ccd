# The four commands: make demo · make test · make check · make bench. They need Python 3.11 or newer
# (with venv), make and a package index; everything goes into .venv, nothing else is touched.
#
# Also: make test-long (the big counts), transcripts (what every command prints, written anew),
# bench-quick, clean, and lock, which writes requirements/ anew from pyproject.toml and needs uv
# (`make lock UPGRADE=--upgrade` takes the newest versions).

PYTHON ?= python3
UV ?= uv
WORKERS ?= 2
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# What a user runs, and what a developer runs on top of it: the demo waits for the first only.
RUN := .venv/.run-installed
DEV := .venv/.dev-installed

.PHONY: demo test transcripts test-long check bench bench-quick lock clean

demo: $(RUN)
	@rm -rf build/demo
	@mkdir -p build
	@$(BIN)/depositary demo build/demo

test: $(DEV)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

transcripts: $(DEV)
	@$(BIN)/python tests/papers/every_command.py

test-long: $(DEV)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m long $(ARGS)

check: $(DEV)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(DEV)
	@$(BIN)/python tests/benchmarks/startup.py $(ARGS)
	@$(BIN)/python tests/benchmarks/proof.py $(ARGS)
	@$(BIN)/python tests/benchmarks/clocks.py
	@$(BIN)/python tests/benchmarks/run.py --write docs/benchmarks.md

bench-quick: $(DEV)
	@$(BIN)/python tests/benchmarks/startup.py --rounds 10 $(ARGS)
	@$(BIN)/python tests/benchmarks/run.py --events 5000 --large 10000 --rounds 1
	@$(BIN)/python tests/benchmarks/clocks.py --events 20000 --rounds 5

$(RUN): requirements/run.txt requirements/build.txt pyproject.toml cli/version.py
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("depositary needs Python 3.11 or newer, and this is %d.%d: name another with make PYTHON=..." % sys.version_info[:2])'
	@echo "installing into .venv, from the lock in requirements/ ..." >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --no-deps -r requirements/run.txt -r requirements/build.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "installing what tests and checks need ..." >&2
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

# dev.txt is everything; the other two are parts of it, with the same versions.
LOCK := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --quiet $(UPGRADE)

lock:
	@$(LOCK) pyproject.toml --extra postgres --group dev --output-file requirements/dev.txt >/dev/null
	@$(LOCK) pyproject.toml --constraints requirements/dev.txt --output-file requirements/run.txt >/dev/null
	@$(LOCK) --group build --constraints requirements/dev.txt --output-file requirements/build.txt >/dev/null

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
