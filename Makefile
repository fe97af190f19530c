# Every target sets up what it needs: Python >= 3.11 and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# A run starts dozens of processes: without byte code each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# One worker more than there are cores: some tests wait for a minute of the clock to begin.
WORKERS := $(shell expr 1 + $$($(PYTHON) -c 'import os; print(os.cpu_count() or 1)'))

.DEFAULT_GOAL := help
.PHONY: help demo test check fmt setup docs pictures lock postgres soak torture laws

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: setup ## scan half a year of an invented institute, and say whom to look at
	@$(BIN)/nightporter demo demo

test: setup postgres ## run every check and every test
	@$(MAKE) --no-print-directory check
	@# There are more workers than cores: threads of polars would only wait for each other.
	@# What engine.own_arenas does for a command, a variable does for a worker.
	@POLARS_MAX_THREADS=1 MALLOC_ARENA_TEST=64 $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

soak: setup ## kill the real process 200 times at random instants, and look for what it lost
	@$(BIN)/python -m bench.soak

torture: setup ## read every hostile log file, and print what became of each of its lines
	@$(BIN)/python -m tests.torture

laws: setup ## hold the laws of ingest and of nights to many more invented logs
	@NIGHTPORTER_LAWS=20 $(BIN)/python -m pytest --numprocesses auto tests/test_ingest_laws.py tests/test_night_laws.py

check: setup ## format, lint, SQL look, types, import contract
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/sqlfluff lint --processes 2 detectors nightporter/rules/templates
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fmt: setup ## format code and detectors
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix detectors nightporter/rules/templates

docs: setup ## write the generated parts of README.md and docs/ anew, and check the docs
	@$(BIN)/python -m pytest tests/test_demo.py tests/test_docs.py --update-golden

pictures: demo ## take docs/report-*.png anew (chromium and pngquant on PATH)
	@$(call shoot,desktop,1280x1480,1)
	@$(call shoot,phone,390x1400,2)

shoot = chromium --headless --no-sandbox --disable-gpu --user-data-dir=demo/cache/chromium --hide-scrollbars \
  --window-size=$(subst x,$(comma),$(2)) --force-device-scale-factor=$(3) --screenshot=docs/report-$(1).png \
  file://$(CURDIR)/$$(ls -d demo/reports/*/ | tail -1)index.html && pngquant --force --ext .png docs/report-$(1).png
comma := ,

setup: $(READY) ## make .venv with what the lock names

$(READY): pyproject.toml requirements-dev.lock
	@echo "setting up $(VENV) (once; about a minute)"
	@rm -rf $(VENV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nightporter needs Python >= 3.11, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@# uv takes seconds where pip takes a minute; pip knows proxies and certificates that uv may not.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock \
	  || $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The scheduled night is tested on a real PostgreSQL. CI's machine is given one; a person's is
# left as it is. Its own cluster is not wanted: the tests make one and throw it away.
postgres:
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; then :; \
	elif [ -n "$$CI" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing the package postgresql for the tests"; \
	  mkdir -p /etc/postgresql-common; \
	  echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  { apt-get -qq update && apt-get -qq install --yes --no-install-recommends \
	    -o Dpkg::Options::=--force-confold postgresql; } > /dev/null 2>&1 \
	  || echo "that failed: the scheduled night will be tested on SQLite"; \
	else echo "PostgreSQL is not installed: the scheduled night will be tested on SQLite"; fi

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url

lock: ## write both lock files anew from pyproject.toml
	$(LOCK) --extra dev --output-file requirements-dev.lock pyproject.toml
	$(LOCK) --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
