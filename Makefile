# `make demo` and `make test` need Python >= 3.11 with pip, and make; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
OUT ?= demo-out

# pip fills an environment that has no pip of its own: quicker, and it works where `ensurepip` was left out.
PIP = $(PYTHON) -m pip --python $(1)/bin/python --disable-pip-version-check install --quiet
RUN := $(BIN)/python -m

.PHONY: help demo service django test long bench lint format docs picture reference build clean
.DEFAULT_GOAL := help

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: $(VENV)/.runtime  ## three weekly copies of a messy tracker, imported: a dashboard and two sponsor updates
	$(RUN) trialflow demo --out $(OUT)

service: $(VENV)/.service  ## the example service (FastAPI) over the demo's data, on this machine
	$(RUN) trialflow_service

django: $(VENV)/.django  ## the example site (Django) with an invented tracker, on this machine
	$(BIN)/python examples/django_site/manage.py demo

test: $(VENV)/.dev  ## every test, the examples in README.md and docs/ included
	$(RUN) pytest

long: $(VENV)/.dev  ## the same tests with the big sizes (hours)
	TRIALFLOW_LONG=1 $(RUN) pytest

lint: $(VENV)/.dev  ## ruff, mypy --strict and the import contracts
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## let ruff sort and format
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

docs: $(VENV)/.dev  ## only the examples in README.md and docs/
	$(RUN) pytest README.md docs tests/docs

bench: $(BENCH)/.ready  ## trialflow beside its peers, one process a contender
	$(BENCH)/bin/python benchmarks/run.py $(ARGS)

picture: $(VENV)/.dev  ## make docs/images/dashboard.png anew from the demo's page (needs chromium)
	$(BIN)/python scripts/picture.py

reference: $(VENV)/.dev  ## write the reference parts of docs/cli.md, conformance.md and hooks.md anew
	$(RUN) scripts.reference
	$(RUN) scripts.clauses
	$(RUN) scripts.hook_reference

build: $(VENV)/.dev  ## wheel and source archive in dist/, checked
	rm -rf dist
	$(RUN) build --outdir dist
	$(BIN)/python scripts/check_dist.py dist/*

clean:  ## remove what make made
	rm -rf $(VENV) $(BENCH) $(OUT) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "trialflow needs Python >= 3.11; say make PYTHON=python3.11")'
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml
	$(call PIP,$(VENV)) --editable '.[all]'
	@touch $@

# The package first and by itself: pip takes one that is installed and one in this folder for two that conflict.
$(VENV)/.django: $(VENV)/bin/python pyproject.toml examples/django_site/requirements.txt
	$(call PIP,$(VENV)) --editable '.[all]'
	$(call PIP,$(VENV)) -r examples/django_site/requirements.txt
	@touch $@

$(VENV)/.service: $(VENV)/bin/python pyproject.toml examples/service/pyproject.toml
	$(call PIP,$(VENV)) --editable '.[all]'
	$(call PIP,$(VENV)) --editable examples/service
	@touch $@ $(VENV)/.runtime

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	$(call PIP,$(VENV)) --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

$(BENCH)/.ready: pyproject.toml
	$(PYTHON) -m venv --without-pip $(BENCH)
	$(call PIP,$(BENCH)) --editable '.[all]' $$($(PYTHON) scripts/group.py bench)
	@touch $@
