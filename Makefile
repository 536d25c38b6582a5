# Everything installs into .venv; nothing here needs root, and nothing but make and Python 3.11 need be there.

PYTHON ?= $(or $(shell command -v python3.11),python3)
TORCH ?= torch==2.13.*
# An index to take torch from, such as https://download.pytorch.org/whl/cpu; empty: pip's own.
TORCH_INDEX_URL ?=
# Of each of the demo's two jobs; 50000 is the paper's length.
STEPS ?= 10000
# How long the nemesis of `make chaos` rages.
MINUTES ?= 10

BIN := .venv/bin

.PHONY: demo up test chaos stacks check format bench clean

demo: .venv/all.installed
	$(BIN)/bnlab demo --steps $(STEPS)

up: .venv/all.installed
	$(BIN)/bnlab up

# A file's tests stay together: they share what is costly to set up. Half the time they wait for processes.
test: check
	$(BIN)/pytest -n 2 --dist loadfile

chaos: .venv/dev.installed
	BNLAB_TEST_ALL_CELLS=1 BNLAB_TEST_CHAOS_SECONDS=$$(( $(MINUTES) * 60 )) $(BIN)/pytest -s tests/chaos

# Tests of API and worker, on the stacks that `make test` leaves out.
stacks: .venv/dev.installed
	BNLAB_TEST_STACK=sqlite+valkey $(BIN)/pytest tests/api tests/worker
	BNLAB_TEST_STACK=postgresql+redis $(BIN)/pytest tests/api tests/worker

check: .venv/dev.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev.installed .venv-peers/installed
	$(BIN)/python -m benchmarks.step
	$(BIN)/python -m benchmarks.batch_norm
	$(BIN)/python -m benchmarks.cancel
	$(BIN)/python -m benchmarks.broker
	$(BIN)/python -m benchmarks.series
	$(BIN)/python -m benchmarks.streams

clean:
	rm -rf .venv .venv-peers build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# What the series are measured against, whose requirements are not ours.
.venv-peers/installed:
	$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/pip install --quiet 'mlflow>=3' 'trackio>=0.2'
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

.venv/%.installed: .venv/bin/python pyproject.toml
	@echo "installing into .venv: up to 1.6 GB, a minute with the wheels at hand and some without"
	@$(BIN)/pip install --quiet $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) '$(TORCH)'
	@$(BIN)/pip install --quiet --editable '.[$*]'
	@touch $@
