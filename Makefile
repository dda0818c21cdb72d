# make run, make test, make check: each sets up all it needs. Python 3.11 or newer is all that must be there.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test check fix bench screenshots lock audit clean

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip --disable-pip-version-check install --quiet --require-hashes

help: ## Say what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 14

run: .venv/installed ## Serve on http://127.0.0.1:8000 (PORT and HOST say where else)
	@exec $(PYTHON) manage.py serve

test: .venv/installed-dev ## Run every test (ARGS goes to pytest)
	@CHROMIUM="$$($(PYTHON) -m tests.chromium)" && export CHROMIUM && exec $(PYTHON) -m pytest -n 2 --dist loadgroup $(ARGS)

check: export CRM_DATA_DIR := $(CURDIR)/.venv/check
check: .venv/installed-dev ## Check style, types, imports, templates, migrations and deployment
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) .venv/bin/lint-imports
	$(PYTHON) -m djlint --lint --quiet templates
	$(PYTHON) manage.py makemigrations --check --dry-run
	DEBUG=0 CRM_HTTPS=1 ALLOWED_HOSTS=crm.example.com $(PYTHON) manage.py check --deploy --fail-level WARNING

fix: .venv/installed-dev ## Mend what the tools can mend
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: .venv/installed-dev ## Measure the pages at a million deals (ARGS=parse: the API beside parse-server)
	@exec $(PYTHON) -m tests.bench $(ARGS)

screenshots: .venv/installed-dev ## Picture every page of a running CRM (ARGS="http://127.0.0.1:8000 DIRECTORY")
	@exec $(PYTHON) -m tests.e2e.screenshots $(ARGS)

LOCK := $(PYTHON) -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
lock: .venv/bin/python ## Pin every dependency of pyproject.toml anew
	@$(PYTHON) -m pip --disable-pip-version-check install --quiet uv
	@$(LOCK) --quiet --output-file requirements.txt pyproject.toml
	@$(LOCK) --quiet --output-file requirements-dev.txt --group dev --constraint requirements.txt pyproject.toml

audit: .venv/installed-dev ## Ask PyPI's advisories about the pinned dependencies
	$(PYTHON) -m pip_audit --require-hashes --disable-pip --strict -r requirements.txt

clean: ## Remove what was made; your data in var/ stays
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what requirements.txt names ..."
	@$(PIP) -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing what requirements-dev.txt names ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/bin/python:
	@set -e; \
	for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	    python=; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Python 3.11 or newer is needed. On Debian 12 or newer: apt-get install python3 python3-venv" >&2; exit 1; \
	fi; \
	version="$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "Python's venv is missing. On Debian: apt-get install python$$version-venv" >&2; exit 1; \
	fi; \
	echo "Making .venv with Python $$version ..."; \
	rm -rf .venv; \
	$$python -m venv .venv || { rm -rf .venv; exit 1; }
