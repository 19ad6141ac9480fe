PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
INSTALL = $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help demo smoke-train test test-slow explore check docs browser clean

help:
	@echo "make demo       install what is needed and run the whole way on real text in the package"
	@echo "make smoke-train  a toy pre-trained, tuned, evaluated and compared (minutes)"
	@echo "make test       install the developer's tools; style, types and tests (minutes)"
	@echo "make test-slow  the tests that take long: ten kills at random moments, big inputs"
	@echo "make explore    the property tests on inputs that were never drawn before"
	@echo "make docs       write the parts of docs/ that come from the code"
	@echo "make browser    install Debian's chromium, which the browser tests open reports with"

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.train: $(VENV)/bin/python pyproject.toml constraints.txt
	$(INSTALL) -e '.[train]'
	@touch $@

$(VENV)/.dev: $(VENV)/.train
	$(INSTALL) -e '.[train,dev]'
	@touch $@

demo: $(VENV)/.train
	$(BIN)/tahdhib demo --out runs/demo

smoke-train: $(VENV)/.train
	PATH="$(CURDIR)/$(BIN):$$PATH" sh recipes/smoke/train.sh

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/pytest -q -n 2 --dist loadscope

test-slow: $(VENV)/.dev
	$(INSTALL) -e '.[train,dev,ray,eval]'
	$(BIN)/pytest -q -m slow

explore: $(VENV)/.dev
	$(BIN)/pytest -q -n 2 --dist loadscope --hypothesis-profile=explore

docs: $(VENV)/.dev
	$(BIN)/python tools/write_reference.py

browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
		{ apt-get update -qq && apt-get install -y -qq chromium chromium-driver fonts-noto-core; }

clean:
	rm -rf $(VENV) build dist runs .pytest_cache .mypy_cache .ruff_cache
