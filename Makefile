# Everything installs into .venv; nothing here needs root, and nothing but make and Python 3.11 need be there.

PYTHON ?= $(or $(shell command -v python3.11),python3)
# Apart from the locks, because which build of torch is right depends on the machine.
TORCH ?= torch==2.13.0
# An index to take torch from, such as https://download.pytorch.org/whl/cpu; empty: pip's own.
TORCH_INDEX_URL ?=
# Of each of the demo's two jobs; 50000 is the paper's length.
STEPS ?= 10000
# Which of the tests `make test` runs; empty: all.
TESTS ?=
# Whether `make test` measures what the tests cover, which takes half as long again; empty: it does not.
COVERED ?= yes
# How long the nemesis of `make chaos` rages.
MINUTES ?= 10
# How many jobs `make retention` takes.
JOBS ?= 500
# How many of its requests `make fuzz` draws at random.
REQUESTS ?= 5000
# How many damaged uploads `make fuzz-data` judges, and how many of them in a child each.
CASES ?= 5000
CHILDREN ?= 100
# Which of them `make engines` takes: words of their names; empty: all.
ONLY ?=
# Whose service `make bits` takes, and a data folder's `datasets` for it; without these it does without Fashion-MNIST.
CHECKOUT ?= .
DATASETS ?=

BIN := .venv/bin

.PHONY: demo up test chaos retention fuzz fuzz-data bits engines screenshots stacks check format lock bench gpu clean

demo: .venv/all.installed
	$(BIN)/bnlab demo --steps $(STEPS)

up: .venv/all.installed
	$(BIN)/bnlab up

# A file's tests stay together: they share what is costly to set up. A third of the time they wait for processes.
# It ends as the tests did, with what they have covered below.
test: check
	@rm -rf .coverage
	$(if $(COVERED),$(BIN)/coverage run -m pytest,$(BIN)/pytest) -n 3 --dist loadfile $(TESTS); tested=$$?; \
	$(if $(COVERED),$(BIN)/coverage combine --quiet && $(BIN)/python -m tests.covered || exit 1;) exit $$tested

chaos: .venv/dev.installed
	BNLAB_TEST_ALL_CELLS=1 BNLAB_TEST_CHAOS_SECONDS=$$(( $(MINUTES) * 60 )) $(BIN)/pytest -s tests/chaos

# A worker takes so many short jobs under retention: it stays within its limits and loses nothing that is retained.
retention: .venv/dev.installed
	BNLAB_TEST_RETENTION_JOBS=$(JOBS) $(BIN)/pytest -s tests/worker/supervise/test_retention.py

# A server with a worker, and what its OpenAPI document allows and forbids: no error of the server, no answer beyond it.
fuzz: .venv/dev.installed
	$(BIN)/python -m tests.fuzz --requests $(REQUESTS)

# Damaged uploads, so many in this process and so many in a child each: a dataset is found, or the file is refused.
fuzz-data: .venv/dev.installed
	$(BIN)/python -m tests.jobs.datasets.judging.fuzz --cases $(CASES) --children $(CHILDREN)

# A checksum of every series of 40 small jobs into OUT. What differs of two such files:
# python -m tests.bits --compare BEFORE AFTER
bits: .venv/dev.installed
	$(BIN)/python -m tests.bits $(OUT) --checkout $(CHECKOUT) $(if $(DATASETS),--datasets $(DATASETS))

# Both engines on what documents can name: how far they are apart, and whether a cut job ends with the same bits.
engines: .venv/dev.installed
	$(BIN)/python -m tests.engines $(ONLY)

# The pages as a browser shows them, of a real run: those of the documentation anew, and with OUT all of them, in both
# themes and three widths, into that folder.
screenshots: .venv/dev.installed
	$(BIN)/python -m tests.screenshots $(if $(OUT),--out $(OUT))

# Tests of API and worker, on the stacks that `make test` leaves out.
stacks: .venv/dev.installed
	BNLAB_TEST_STACK=sqlite+valkey $(BIN)/pytest tests/api tests/worker
	BNLAB_TEST_STACK=postgresql+redis $(BIN)/pytest tests/api tests/worker

check: .venv/dev.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/oxlint --deny-warnings api/pages/static
	$(BIN)/djlint --lint --check api/pages/templates

format: .venv/dev.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The locks anew, of the newest releases in the ranges of pyproject.toml; `locks/dev.txt` decides, so that all agree.
LOCK = .venv-lock/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--fork-strategy fewest --override locks/overrides.txt --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command 'make lock'
lock: .venv-lock/installed
	$(LOCK) --extra dev --output-file locks/dev.txt
	$(LOCK) --extra all --constraint locks/dev.txt --output-file locks/all.txt
	$(LOCK) --extra server --extra predict --constraint locks/dev.txt --output-file locks/server.txt
	$(LOCK) --extra worker --constraint locks/dev.txt --output-file locks/worker.txt

bench: .venv/dev.installed .venv-peers/installed
	$(BIN)/python -m benchmarks.step
	$(BIN)/python -m benchmarks.pair
	$(BIN)/python -m benchmarks.trackers
	$(BIN)/python -m benchmarks.performance
	$(BIN)/python -m benchmarks.batch_norm
	$(BIN)/python -m benchmarks.cancel
	$(BIN)/python -m benchmarks.broker
	$(BIN)/python -m benchmarks.load
	$(BIN)/python -m benchmarks.series
	$(BIN)/python -m benchmarks.streams
	$(BIN)/python -m benchmarks.upload
	$(BIN)/python -m benchmarks.predict
	$(BIN)/python -m benchmarks.experiment
	$(BIN)/python -m benchmarks.pages

# On a machine with a GPU: no .venv, nothing is installed, and at most 8 minutes. PYTHON has torch for CUDA, numpy,
# pydantic and pytest, and for one test more what requirements-gpu.txt lists. It ends as the tests did.
gpu: PYTHON := $(if $(filter file,$(origin PYTHON)),python3,$(PYTHON))
gpu:
	@$(PYTHON) -c 'import sys, torch; \
	release = tuple(int(part) for part in torch.__version__.split(".")[:2]); \
	sys.exit(None if release >= (2, 11) and torch.cuda.is_available() else \
	f"torch 2.11 or later with a CUDA device is needed, this is {torch.__version__}: PYTHON=... names another Python")'
	@timeout -k 5 200 $(PYTHON) -m pytest -m gpu -p no:cacheprovider -W default --confcutdir tests/gpu tests/gpu; tested=$$?; \
	timeout -k 5 250 $(PYTHON) -m benchmarks.gpu --seconds 220 && exit $$tested

clean:
	rm -rf .venv .venv-peers .venv-lock build *.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# What the series and a recorded step are measured against, whose requirements are not ours. Aim has wheels for some
# Pythons alone: without them it is named as not measured.
.venv-peers/installed: Makefile
	$(PYTHON) -m venv --clear .venv-peers
	@.venv-peers/bin/pip install --quiet $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) '$(TORCH)'
	@.venv-peers/bin/pip install --quiet 'mlflow>=3' 'psutil>=6' 'tensorboard>=2.20' 'trackio>=0.2' 'wandb>=0.22'
	@.venv-peers/bin/pip install --quiet --only-binary aim,aimrocks,aimrecords 'aim>=3' || echo "there is no Aim for this Python"
	@touch $@

.venv-lock/installed:
	$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/pip install --quiet 'uv>=0.9'
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

# Torch first, then everything else in the releases that a lock names, checked by its hashes: a job's bits depend on them.
.venv/%.installed: .venv/bin/python pyproject.toml locks/%.txt
	@echo "installing into .venv: up to 1.6 GB, a minute with the wheels at hand and some without"
	@$(BIN)/pip install --quiet $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL)) '$(TORCH)'
	@$(BIN)/pip install --quiet --require-hashes --requirement locks/$*.txt
	@$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@
