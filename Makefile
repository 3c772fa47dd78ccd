# The four commands: make demo · make test · make check · make bench. They need Python 3.11 or newer
# (with venv), make and a package index; everything goes into .venv, nothing else is touched.
#
# Also: make serve (the story in a browser), quick (what a minute can test), fix (format and lint),
# cover (which lines the tests run), mutants (which changes they notice), test-long (the big counts,
# and ten times the examples of every property), transcripts (what every command prints, written
# again), bench-quick, clean, and lock, which writes requirements/ from pyproject.toml and needs uv
# (`make lock UPGRADE=--upgrade` takes the newest versions).

PYTHON ?= python3
UV ?= uv
WORKERS ?= 2
ARGS ?=
# What make mutants changes, and for how long: folders or modules, seconds.
PATHS ?= domain projections
LIMIT ?= 3600
# What make quick runs: no servers, no installations, no benchmarks, and not the questions of every
# command.
QUICK := tests/decisions tests/stores tests/papers/test_golden.py tests/readings/test_scenarios.py \
	tests/house --deselect tests/house/test_package.py --deselect tests/house/test_benchmarks.py \
	--deselect tests/house/test_keys.py

ROOMS := events domain projections cli
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# What a user runs, and what a developer runs on top of it: the demo waits for the first only.
RUN := .venv/.run-installed
DEV := .venv/.dev-installed

# Tests are compiled once, and not by every worker in every run: half of what collecting takes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo serve test quick fix cover mutants transcripts test-long check bench bench-quick lock clean

demo: $(RUN)
	@rm -rf build/demo
	@mkdir -p build
	@$(BIN)/depositary demo build/demo
	@echo; echo "in a browser: make serve"

# The story in a browser; ARGS='--port 8000' for another port.
serve: $(DEV)
	@[ -e build/demo/depositary.toml ] || $(BIN)/depositary demo build/demo >/dev/null
	@exec $(BIN)/depositary --ledger build/demo serve $(ARGS)

test: $(DEV)
	@$(BIN)/python -m compileall -q -j $(WORKERS) $(ROOMS) # once, and not by each worker
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

quick: $(DEV)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not servers and not long" \
		--hypothesis-profile=quick $(QUICK) $(ARGS)

fix: $(DEV)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# A table a room; the lines that no test runs are in build/coverage/index.html.
cover: $(DEV)
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m coverage run -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)
	@$(BIN)/python -m coverage combine -q
	@for room in $(ROOMS); do \
		printf '\n%s\n' "$$room"; \
		$(BIN)/python -m coverage report --include="$$room/*" --skip-covered; \
	done
	@$(BIN)/python -m coverage html -q

# make mutants PATHS=domain/claims/ranking.py LIMIT=600; docs/mutants.md says of those that live why.
mutants: $(DEV)
	@timeout -s INT $(LIMIT) $(BIN)/python -m tests.mutants $(PATHS) || test $$? -eq 124

transcripts: $(DEV)
	@$(BIN)/python tests/papers/every_command.py

test-long: $(DEV)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m long $(ARGS)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal --hypothesis-profile=long \
		tests/properties tests/readings $(ARGS)

check: $(DEV)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/codespell docs README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
	@$(BIN)/python -m tests.papers.prose

bench: $(DEV)
	@$(BIN)/python tests/benchmarks/startup.py $(ARGS)
	@$(BIN)/python tests/benchmarks/proof.py $(ARGS)
	@$(BIN)/python tests/benchmarks/clocks.py
	@$(BIN)/python tests/benchmarks/across.py
	@$(BIN)/python tests/benchmarks/pages.py
	@$(BIN)/python tests/benchmarks/run.py --write docs/benchmarks.md

bench-quick: $(DEV)
	@$(BIN)/python tests/benchmarks/startup.py --rounds 10 $(ARGS)
	@$(BIN)/python tests/benchmarks/run.py --events 5000 --large 10000 --rounds 1
	@$(BIN)/python tests/benchmarks/clocks.py --events 20000 --rounds 5
	@$(BIN)/python tests/benchmarks/across.py --events 20000 --acts 10000 --rounds 2

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
	@$(LOCK) pyproject.toml --extra postgres --extra tables --extra web --group dev --output-file requirements/dev.txt >/dev/null
	@$(LOCK) pyproject.toml --constraints requirements/dev.txt --output-file requirements/run.txt >/dev/null
	@$(LOCK) --group build --constraints requirements/dev.txt --output-file requirements/build.txt >/dev/null

clean:
	rm -rf .venv build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
