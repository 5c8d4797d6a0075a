# zhenxing: every target explains itself (`make help`). Needs Python >= 3.11 with venv, and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo
ZHENXING_DATA ?= $(wildcard ../shared/data)
export ZHENXING_DATA
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup demo test test-slow lint types docs bench-setup bench clean

help: ## Show what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(READY) ## Make the virtual environment with exact versions

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "需要 Python 3.11 或更新版本（可用 make PYTHON=python3.12 指定）。"; \
	  echo "Python 3.11 or newer is needed (make PYTHON=python3.12 chooses one)."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "这个 Python 缺少 venv 模块。Debian/Ubuntu 上请先运行：apt install python3-venv"; \
	  echo "This Python has no venv module. On Debian/Ubuntu run first: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY) ## Sample town -> import -> check -> plan -> check-plan -> report, in demo/
	@$(BIN)/python scripts/demo.py $(DEMO)

test: $(READY) ## Run the tests (not those marked slow)
	$(BIN)/python -m pytest -m "not slow" -n 2

test-slow: $(READY) ## Run the tests marked slow
	$(BIN)/python -m pytest -m slow -n 2

lint: $(READY) ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## Check types
	$(BIN)/mypy

docs: $(READY) ## Rewrite the generated pages of docs/
	$(BIN)/python scripts/tables_page.py
	$(BIN)/python scripts/facts_page.py

bench-setup: .venv-bench/.ready ## Make the environment of the benchmark peers (CP-SAT, linopy, ecomplexity, polars, jieba), apart from the program's own

.venv-bench/.ready: pyproject.toml constraints.txt constraints-bench.txt
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --constraint constraints.txt --constraint constraints-bench.txt --editable . ortools linopy ecomplexity polars jieba
	@touch .venv-bench/.ready

bench: $(READY) ## The main table of the plan benchmarks, resumable; MINUTES=25 bounds it
	$(BIN)/python -m benchmarks.plan run --minutes $(or $(MINUTES),600)
	$(BIN)/python -m benchmarks.plan best-known
	$(BIN)/python -m benchmarks.plan report

clean: ## Remove what make made
	rm -rf $(VENV) .venv-bench $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis
