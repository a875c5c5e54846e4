# Lifeboat. No target needs root.
#   make practice   the wizard on the practice world
#   make test       lint, types, import rules, tests
#   make setup      .venv with everything, so that .venv/bin/lifeboat runs
#   make bench      figures, as ratios to peers in the same run
#   make bundle     build/bundle, which installs without a network

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# Tests run side by side; each has servers and folders of its own. In their order, so that long ones do not come last.
WORKERS ?= 4
# Tests start hundreds of processes; each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup practice test lint types imports bench bundle lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) VENV=$(VENV) sh .ci/venv
	@touch $(STAMP)

practice: setup
	$(BIN)/lifeboat --practice

test: setup lint types imports
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m tests.bench

bundle: setup
	$(BIN)/python .ci/bundle.py build/bundle

lock:
	uv pip compile --generate-hashes --universal --no-header --no-emit-index-url --no-annotate \
	  --extra practice --extra dev --extra credssp --python-version 3.11 pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) build dist
