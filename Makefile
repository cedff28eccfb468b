# Bare `make` lists what there is. Every target sets itself up: a clean clone needs Python 3.11 and make, nothing else.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

DEMO_AS_OF := 2026-01-19T09:00:00+09:00

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(INSTALLED) ## make .venv with the locked dependencies

demo: $(INSTALLED) ## build, check and send the example issue into var/outbox/, offline
	@# Exit code 3: done, with findings. The example blog has broken posts on purpose.
	@$(BIN)/digest run --as-of $(DEMO_AS_OF) || [ $$? -eq 3 ]
	@echo "Here, \`digest\` is $(BIN)/digest, and \`make preview\` opens the studio on this issue."

preview: $(INSTALLED) ## open the studio on the example issue
	@$(BIN)/digest preview --as-of $(DEMO_AS_OF)

test: $(INSTALLED) ## run all tests (DIGEST_REQUIRE=browser,postgres makes a skip a failure)
	$(BIN)/python -m pytest -n auto

golden: $(INSTALLED) ## record the golden issue of every design and language again; read the difference before you commit it
	DIGEST_RECORD_GOLDEN=1 $(BIN)/python -m pytest tests/golden

torture: $(INSTALLED) ## kill the sender 1,000 times on each database, fail hosts in fifty rounds, live through twenty years
	$(BIN)/python -m pytest tests/kill tests/schedule -m torture -s

lint: $(INSTALLED) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(INSTALLED) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(INSTALLED) ## mypy, strict
	$(BIN)/mypy

contracts: $(INSTALLED) ## who may import whom
	$(BIN)/lint-imports

coverage: $(INSTALLED) ## run all tests and tell what they covered (90 % at least; a third slower)
	$(BIN)/python -m pytest -n auto --cov --cov-report=term-missing:skip-covered

check: lint types contracts ## all that is not a test

bench: $(INSTALLED) ## measure; ratios side by side in one run
	$(BIN)/python -m tests.bench

screenshots: $(INSTALLED) ## take the pictures of the README anew (needs Chromium)
	$(BIN)/python -m tests.screenshots

wheel: $(INSTALLED) ## build dist/*.whl
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .

lock: $(INSTALLED) ## resolve the dependencies again, with hashes and without naming an index
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --all-extras --group dev pyproject.toml -o requirements.lock

clean: ## remove what can be made again (not var/, which is what happened)
	rm -rf dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.*

.PHONY: help setup demo preview test golden torture lint format types contracts coverage check bench screenshots wheel lock clean
