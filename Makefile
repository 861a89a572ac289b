# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# In the order of the report; each is a script that leaves a JSON file.
BENCHMARKS := extract nearest pairs snapping isochrone_speed isochrone_truth whole_run map_page growth million reading siting

.PHONY: demo test coverage check format lock benchmarks benchmarks-small clean help

help:
	@echo "make demo    install into .venv, make the demonstration district, print where its map lies"
	@echo "make test    run all tests"
	@echo "make coverage  the same, with a report of the lines that they reach"
	@echo "make check   format, lint, types, import contract"
	@echo "make format  let ruff format and mend what it can"
	@echo "make lock    renew requirements.lock from pyproject.toml"
	@echo "make benchmarks        measure every claim at full size (needs ../shared/data, an hour)"
	@echo "make benchmarks-small  see whether every benchmark runs"
	@echo "make clean   remove .venv and outputs/"

$(VENV)/installed: pyproject.toml requirements.lock
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'care-map needs Python 3.11 or newer: make PYTHON=python3.11')"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1"
	$(PIP) install --constraint requirements.lock --editable ".[all]"
	touch $@

$(VENV)/developed: $(VENV)/installed
	$(PIP) install --constraint requirements.lock --group dev
	touch $@

$(VENV)/measured: $(VENV)/installed
	$(PIP) install --constraint requirements.lock --group benchmark
	touch $@

demo: $(VENV)/installed
	$(BIN)/care-map demo

test: $(VENV)/developed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# Half as long again as the tests alone.
coverage: $(VENV)/developed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --cov --cov-report=term

check: $(VENV)/developed
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/developed
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

benchmarks: $(VENV)/measured
	set -e; for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py --out benchmarks/results/$$name.json; done
	$(BIN)/python benchmarks/report.py

benchmarks-small: $(VENV)/measured
	set -e; for name in $(BENCHMARKS); do $(BIN)/python benchmarks/$$name.py --small --out outputs/benchmarks/$$name.json; done
	$(BIN)/python benchmarks/report.py --results outputs/benchmarks --out outputs/benchmarks/README.md

lock: $(VENV)/developed
	$(PIP) install "uv>=0.9"
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --group dev --group benchmark --no-header --no-annotate --upgrade --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) outputs
