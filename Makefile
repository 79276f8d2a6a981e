# Everything that a user types. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
FED := .venv/bin/fed
STACK ?= dev
SOURCES := federation stacks fed sandbox tests package examples benchmarks docs/site_pages.py __main__.py
COVERAGE = $(if $(CI)$(COVER),--cov --cov-report=term:skip-covered --durations=20) $(if $(CI),--cov-fail-under=$(FLOOR))
FLOOR := 95
TOOLS := .venv/mutants
STAMP := .venv/.installed-$(shell cat requirements-dev.txt pyproject.toml | sha256sum | cut -c1-16)

.PHONY: help install toolchain up down status plan test test-fast soak losses mutants check docs format bench lock

# Else each worker and each command of the tests compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

install: $(STAMP) ## Make .venv with everything that is locked

$(STAMP):
	@echo "installing the locked Python packages into .venv (about a minute the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed; set PYTHON=")'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@PYTHONWARNINGS=ignore $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f .venv/.installed-*; touch $@

$(TOOLS): $(STAMP) requirements-mutants.txt
	@echo "installing mutmut into $(TOOLS)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade --target $(TOOLS) -r requirements-mutants.txt
	@touch $@

toolchain: install ## Build or find Pulumi, its Kubernetes provider, Kubernetes, etcd and kwok (21 minutes the first time, on 2 cores)
	@$(PY) -m sandbox.toolchain

up: install ## Bring a stack up in the sandbox: preview, update, status (STACK=dev)
	@$(FED) sandbox up
	@eval "$$($(FED) sandbox env)" && $(FED) up --create --yes --stack $(STACK)

down: ## Remove the sandbox: processes, ports, state
	@if test -x $(FED); then $(FED) sandbox down; else echo "nothing is installed, so nothing runs"; fi

status: install ## Show what stands in each member and in DNS (STACK=dev)
	@eval "$$($(FED) sandbox env)" && $(FED) status --stack $(STACK)

plan: install ## Show what each member gets and why, beside what stands (STACK=dev)
	@$(FED) plan --stack $(STACK)

test: export ALL_EXAMPLES := 1
test: install ## Run all tiers of tests; COVER=1, or CI=true, also shows which lines of federation and fed they run
	@if $(PY) -m sandbox.toolchain; then $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(COVERAGE); else \
	  $(PY) -m pytest -n 3 --dist loadfile -m "not sandbox" $(COVERAGE); result=$$?; \
	  echo "THE SANDBOX TIER DID NOT RUN: its toolchain is not there, for the reason above."; \
	  if test -n "$$CI"; then exit 1; else exit $$result; fi; fi

test-fast: install ## Run the tests that need no engine and no cluster, property tests with fewer examples
	@$(PY) -m pytest -n 2 --dist loadfile -m "not sandbox"

soak: install ## The long tests, and a hundred random edits with an update after each; KILLS=200 kills updates instead
	@if test -n "$(KILLS)"; then KILLS=$(KILLS) $(PY) -m pytest tests/sandbox/stack/soak_kills.py -s; else \
	  SOAK_EDITS=$${SOAK_EDITS:-100} $(PY) -m pytest --soak tests/sandbox/stack/test_soak.py -s && \
	  $(PY) -m pytest --soak -m soak; fi

losses: install ## Try every edit that docs/safety.md calls refused, on real clusters
	@$(PY) -m pytest -n0 tests/sandbox/stack/soak_losses.py

mutants: $(TOOLS) ## Change the planner's decisions one by one, and name each change that no test notices
	@PYTHONPATH=$(TOOLS) $(PY) -m tests.mutants.run

check: install docs ## Format, lint, types, documentation
	@.venv/bin/ruff format --check $(SOURCES)
	@.venv/bin/ruff check $(SOURCES)
	@.venv/bin/mypy

docs: install ## Build the documentation into site/, and check its links
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

format: install ## Put the code into its format
	@.venv/bin/ruff format $(SOURCES)
	@.venv/bin/ruff check --fix $(SOURCES)

bench: install ## Measure against peers in the same run
	@for each in benchmarks/*.py; do $(PY) "$$each" || exit 1; done

lock: install ## Lock the requirements anew, with hashes and no address
	@$(PY) -m pip install --quiet pip-tools
	@for each in requirements requirements-dev requirements-mutants; do \
	  .venv/bin/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	    --no-emit-find-links --no-emit-options --no-header --strip-extras --allow-unsafe \
	    --output-file $$each.txt $$each.in || exit 1; done
