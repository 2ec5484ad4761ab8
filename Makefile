# Two commands do all the set-up: `make demo` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
HARD := crash faults postgres

.PHONY: install demo test test-again test-hard lint audit fuzz licences extensions client schema lock crash-matrix faults chaos bench clean

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed; say which: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	@$(BIN)/python -m shopify_imagegen demo $(ARGS)

test: install lint  ## three files at a time: most of them wait for processes
	@$(BIN)/python -m pytest -n 3 --dist loadfile $(addprefix --ignore=tests/,$(HARD)) $(ARGS)

test-again: install lint  ## what the last `make test` saw fail, once more and one at a time
	@$(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(addprefix --ignore=tests/,$(HARD)) $(ARGS)

test-hard: install  ## crashes, faults and PostgreSQL with many processes: some ten minutes more
	@$(BIN)/python -m pytest $(addprefix tests/,$(HARD)) $(ARGS)

lint: install
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

audit: install  ## secrets in the files, known weaknesses in the lock; says so where it cannot look
	@$(BIN)/python tools/audit.py

licences: install  ## docs/licences.md, after a change of the lock
	@$(BIN)/python -m tools.licences

faults: install  ## every fault, then all at once over 300 products, some minutes; writes docs/faults.md
	@$(BIN)/python -m tests.faults.write
	@FAULTS_PRODUCTS=300 $(BIN)/python -m pytest tests/faults $(ARGS)

crash-matrix: install  ## kill -9 at every call of a worker, ten minutes; writes docs/crash-matrix.md
	@CRASH_MATRIX=whole $(BIN)/python -m pytest tests/crash/test_matrix.py $(ARGS)

chaos: install  ## five minutes of load on PostgreSQL while workers are killed, and outages of half a minute
	@CHAOS_S=300 OUTAGE_S=35 $(BIN)/python -m pytest -s tests/postgres $(ARGS)

fuzz: install  ## hostile pictures and requests, some ten minutes of new ones each time
	@FUZZ_SEEDS=20 FUZZ_EXAMPLES=500 $(BIN)/python -m pytest -s --timeout 1800 tests/fuzz $(ARGS)

bench: install  ## webhook answers a second, beside a bare Flask view; docs/performance.md
	@$(BIN)/python -m benchmarks.webhooks $(ARGS)

extensions:  ## type-check, test, build and weigh what runs in Shopify's admin; skips where there is no Node 22
	@PYTHON=$(PYTHON) extensions/tools/all.sh

client: install  ## the GraphQL client, from the operations and the cut schema
	@$(BIN)/python -m ariadne_codegen

lock: install  ## after a change of the dependencies
	@$(BIN)/pip-compile --quiet --extra dev --all-build-deps --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-options --no-header --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache
