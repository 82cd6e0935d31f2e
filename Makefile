# Every target makes .venv by itself; all that a fresh machine needs is make and Python 3.11 or later.
# To choose the interpreter: make test PYTHON=/path/to/python3.12

CAN_RUN := import sys; sys.exit(sys.version_info < (3, 11))

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$p -c '$(CAN_RUN)' >/dev/null 2>&1; then echo $$p; break; fi; done)
endif

BIN := .venv/bin

# Figures are written to files, on machines without a display too.
export MPLBACKEND := Agg
# Processes do the parallel work here. BLAS's own threads wait for each other beside them: with other
# work on the machine, two tests with many small matrices took 124 s, and 23 s with one thread.
export OPENBLAS_NUM_THREADS := 1

.DELETE_ON_ERROR:
.PHONY: help demo test lint bench bench-peers readme deck gallery validate coverage notebooks clean

help:
	@echo "make demo      a first look, a minute or two, no arguments"
	@echo "make test      lint, then the whole test suite"
	@echo "make lint      ruff, ruff format, mypy, import contracts"
	@echo "make bench     how fast the engine is on this machine"
	@echo "make bench-peers  one question to sengu and to other tools, in an environment of its own"
	@echo "make deck      docs/deck.md anew: a picture and figures for each failure of the talk"
	@echo "make gallery   docs/gallery anew: ten questions of a design review, ten minutes"
	@echo "make validate  the models against measurements of the real programs"
	@echo "make coverage  how often the intervals of yearly downtime hold the truth, ten minutes"
	@echo "make notebooks the notebooks run anew, their outputs kept"
	@echo "make clean     remove .venv, caches and output"

.venv/.installed: pyproject.toml constraints.txt
	@$(or $(PYTHON),false) -c '$(CAN_RUN)' || { \
		echo "sengu needs Python 3.11 or later; found: $$($(or $(PYTHON),python3) --version 2>&1)." >&2; \
		echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; \
		exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e ".[dev]"
	@touch $@

demo: .venv/.installed
	@$(BIN)/python -m experiments.demo

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# pytest comes last, so that its closing line is the last line.
test: lint
	$(BIN)/pytest

bench: .venv/.installed
	@$(BIN)/python -m experiments.bench
	@$(BIN)/python -m experiments.scaling
	@$(BIN)/python -m experiments.memory

# Other tools have other needs: they get an environment of their own.
.venv-peers/.installed: pyproject.toml peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install -q -e . -r peers.txt
	@touch $@

bench-peers: .venv-peers/.installed
	@.venv-peers/bin/python -m experiments.peers.table

readme: .venv/.installed
	@$(BIN)/python -m experiments.readme

gallery: .venv/.installed
	@$(BIN)/python -m experiments.gallery.page

deck: .venv/.installed
	@$(BIN)/python -m experiments.deck.page

validate: .venv/.installed
	@$(BIN)/python -m experiments.validate

coverage: .venv/.installed
	@$(BIN)/python -m experiments.coverage
	@$(BIN)/python -m experiments.stopping_coverage

notebooks: .venv/.installed
	@$(BIN)/python -m tests.notebook.execution

clean:
	rm -rf .venv .venv-peers build dist *.egg-info demo-output .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
	find sim models experiments tests -name __pycache__ -type d -prune -exec rm -rf {} +
