# Everything a user or developer runs. Each target makes the environment it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo-estate
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: pictures bench-pages bench-room demo test lint docs docs-check bench bench-iam bench-trail bench-detect bench-evidence bench-package bench-pages-data denial lock clean help

help: ## The targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.demo ## Make and scan the example estate; no AWS account needed
	@rm -rf $(DEMO)
	@$(BIN)/sharedline demo --dir $(DEMO)

test: $(VENV)/.dev ## All the tests
	@sh tools/system-packages
	@$(BIN)/python -m pytest -n 2 --dist loadfile -rs $(ARGS)

lint: $(VENV)/.dev ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

docs: $(VENV)/.dev ## Generate the reference pages and what the program keeps of AWS's models
	@$(BIN)/python -m sharedline.docs

docs-check: $(VENV)/.dev ## Fail if generated files are not current
	@$(BIN)/python -m sharedline.docs --check

pictures: $(VENV)/.dev ## Take the pictures of the guide anew, of the example estate
	@test -d $(DEMO) || $(BIN)/sharedline demo --dir $(DEMO)
	@SHAREDLINE_PICTURES=$(DEMO) $(BIN)/python -m pytest tests/web/test_pictures.py

bench: $(VENV)/.dev ## The benchmarks; figures with the machine's load
	@$(BIN)/python -m bench $(ARGS)

bench-iam: $(VENV)/.dev ## The measures of the policy engine in one run
	@$(BIN)/python -m bench.iam $(ARGS)

bench-trail: $(VENV)/.dev ## Ingest of a million CloudTrail events; SHARED_TRAIL_EVENTS for more
	@$(BIN)/python -m bench.trail

bench-detect: $(VENV)/.dev ## Detection rules over a million CloudTrail events
	@$(BIN)/python -m bench.detect

bench-evidence: $(VENV)/.dev ## Appending to and verifying the evidence log
	@$(BIN)/python -m bench.evidence

bench-package: $(VENV)/.dev ## The audit package for 5,000 control parts and 100,000 findings
	@$(BIN)/python -m bench.package

bench-pages: $(VENV)/.dev ## The pages on a million findings, 20 people at once, over HTTP
	@$(BIN)/python -m bench.pages

bench-room: $(VENV)/.dev ## Thirty players who answer at once
	@$(BIN)/python -m bench.room

bench-pages-data: $(VENV)/.dev ## The questions under the pages on a million findings; BENCH_FINDINGS for more
	@$(BIN)/python -m bench.pages_data

denial: $(VENV)/.dev ## Refuse each call of a scan in turn: no answer may get better (ARGS='s3:*')
	@$(BIN)/python -m bench.denial $(ARGS)

lock: $(VENV)/.dev ## Pin the dependencies again, with hashes and without registry addresses
	@sh tools/lock $(BIN)

clean: ## Remove the environment and the example estate
	@rm -rf $(VENV) $(DEMO)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing (a minute or so the first time) …"
	@$(PIP) -r requirements/demo.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need (a few minutes the first time) …"
	@$(PIP) -r requirements/dev.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.demo
