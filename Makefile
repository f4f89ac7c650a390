# Needs Python 3.11 or newer, git and make; everything else is put into .venv, pinned by requirements.lock.
# All paths are relative, so the folder may be called anything (spaces, Chinese); POSIX sh and GNU make 3.81 will do.

PYTHON ?= python3
JOBS ?= auto
MUTANTS ?= 2
ARGS ?=
SHELL := /bin/sh
STAMP := .venv/.installed

# The stamp holds the folder .venv was made for: scripts in a venv name their folder, so one that was moved is made anew.
MOVED := $(shell if test -f $(STAMP) && test "$$(cat $(STAMP))" != "$$(pwd -P)"; then echo moved; fi)

# uv installs; where pip has been told of a mirror, uv is told the same.
MIRROR = mirror="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$(.venv/bin/python -m pip config list 2>/dev/null \
	| sed -n "s/^[a-z]*\.index-url='\(.*\)'$$/\1/p" | tail -n 1)}}"; \
	if test -n "$$mirror"; then export UV_DEFAULT_INDEX="$$mirror"; fi;
UV = $(MIRROR) .venv/bin/uv --quiet

# Where the environment forbids Python to keep compiled modules, as images of containers do, every process would compile them anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv report check test prove bench docs reference lint format lock release-check lab clean moved

help:  ## show this list
	@echo 'make TARGET, where TARGET is one of'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' Makefile
	@echo 'make PYTHON=python3.12 TARGET sets .venv up with another Python; make test ARGS="-k debt" passes words to pytest'

venv: $(STAMP)  ## set up .venv, or bring it up to date (every other target does this by itself)

report: $(STAMP)  ## evaluate every project in params/ into reports/index.html
	@.venv/bin/ppp batch params -o reports --lang en,zh

check: $(STAMP)  ## say what is wrong with the files in params/, without a report
	@.venv/bin/ppp check params

# Each worker takes a run of neighbours, which share what they have made, and the first to end takes half of what is left.
test: $(STAMP)  ## run the tests, and print how much of ppp they run
ifeq ($(strip $(ARGS)),)
	@.venv/bin/python tools/lines_that_run.py prepare .coverage
	@LINES_RUN="$$(pwd -P)/.coverage" PYTHONPATH="$$(pwd -P)/tools/lines_run" .venv/bin/python -m pytest -n $(JOBS) --dist worksteal; \
		status=$$?; .venv/bin/python tools/lines_that_run.py show .coverage && exit $$status
else
	@.venv/bin/python -m pytest -n $(JOBS) $(ARGS)
endif

prove: $(STAMP)  ## the long proof: every property on thousands of examples, and the tests against mistakes made on purpose (an hour)
	@PPP_PROVE=1 .venv/bin/python -m pytest -n $(JOBS) tests/model tests/test_bad_files.py tests/report/test_faults.py tests/report/test_sweep.py
	@rm -rf mutants && NUMBA_DISABLE_JIT=1 .venv/bin/mutmut run --max-children $(MUTANTS)
	@.venv/bin/python tools/mutants.py

bench: $(STAMP)  ## time everything against its alternatives, one table; ARGS=--quick in a few minutes, ARGS="returns draws" some of it
	@.venv/bin/python benchmarks/run.py $(ARGS)

docs: $(STAMP)  ## build the documentation site into site/index.html, offline; a warning is an error
	@.venv/bin/sphinx-build --quiet --fail-on-warning --keep-going -b html -d build/docs docs site
	@echo site/index.html

reference: $(STAMP)  ## write docs/reference anew from the code, the rule packs and the schema
	@PYTHONPATH=tools .venv/bin/python -m reference

lint: $(STAMP)  ## look for mistakes and untidy layout, changing nothing
	@.venv/bin/ruff check && .venv/bin/ruff format --check

format: $(STAMP)  ## mend what ruff can mend
	@.venv/bin/ruff check --fix; .venv/bin/ruff format

lock:  ## pin anew after a change of pyproject.toml; ARGS=--upgrade takes the newest releases
	@test -x .venv/bin/uv || $(MAKE) --no-print-directory venv
	@$(UV) pip compile pyproject.toml --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -o requirements.lock $(ARGS) >/dev/null
	@.venv/bin/python tools/environment.py

release-check: $(STAMP)  ## try all that a release needs, to the wheel in a clean venv outside the clone; changes nothing
	@$(MIRROR) .venv/bin/python tools/release_check.py

lab: $(STAMP)  ## open the notebooks in JupyterLab
	@.venv/bin/jupyter lab $$(test "$$(id -u)" != 0 || echo --allow-root) --LabApp.default_url=/lab/tree/notebooks/evaluation.ipynb

clean:  ## remove .venv, caches and build files; reports stay
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis .coverage mutants build dist site
	@find ppp tests tools notebooks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} + 2>/dev/null || true

moved:

# The stamp is written last and removed first, so a set-up that was interrupted starts over.
$(STAMP): requirements.lock pyproject.toml $(MOVED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo not there). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@if test "$$(cat $@ 2>/dev/null)" != "$$(pwd -P)"; then \
		echo 'Setting up .venv: 1.3 GB, about a minute on a good line ...' && \
		$(PYTHON) -m venv --clear .venv && \
		awk '/^[^ ]/ {mine = /^uv==/} mine' requirements.lock > .venv/uv.lock && \
		.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock; \
	else echo 'Bringing .venv up to date ...'; fi
	@rm -f $@
	@$(UV) pip sync --python .venv/bin/python --require-hashes --only-binary :all: --compile-bytecode requirements.lock
	@$(UV) pip install --python .venv/bin/python --no-deps --no-build-isolation -e .
	@.venv/bin/python -m compileall -q ppp # once, and also where PYTHONDONTWRITEBYTECODE would have every process do it anew
	@.venv/bin/python -c 'import ppp; ppp.evaluate(ppp.load("params/hospital.yaml"))' # compiles the loops, so that no user waits for it
	@pwd -P > $@
