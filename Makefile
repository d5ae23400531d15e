# `make demo` and `make test` set themselves up on a machine that has only
# python3, pip, make, git and curl (Debian's ensurepip is a package of its own, hence --without-pip).
PYTHON ?= python3
# Where compiling is not kept, every program that a test starts compiles all of ours again.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet

.PHONY: demo test broker browser check-code bench proof docs screens words lock clean

# The tests are collected once beside the checks, which use one core: what that compiles, each worker would compile for itself.
# More workers than two cores: half of the tests wait for steel.
test: $(VENV)/dev.done broker browser
	@$(BIN)/pytest --collect-only -qq >/dev/null & $(MAKE) --no-print-directory check-code && wait
	$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

broker:
	@tests/kit/mosquitto.sh

browser:
	@tests/kit/chromium.sh

demo: $(VENV)/run.done
	@$(BIN)/galenic demo

bench: $(VENV)/dev.done
	$(BIN)/galenic bench

proof: $(VENV)/dev.done broker browser
	$(BIN)/python -m tests.proof

docs: $(VENV)/dev.done
	$(BIN)/python -m docs.generate

screens: $(VENV)/dev.done browser
	$(BIN)/pytest tests/console/screens.py

words: $(VENV)/dev.done
	$(BIN)/python -m docs.words $(FORM)

check-code: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@echo "Setting up $(VENV), once ..." >&2
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/run.done: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@$(INSTALL) --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(INSTALL) --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/run.done
	$(INSTALL) --no-compile --require-hashes -r requirements/dev.txt
	@touch $@

# Needs uv (`pip install uv`) on the path. The files it writes name versions and hashes, and no host.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate
lock:
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) pyproject.toml --extra planning --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --group build -o requirements/build.txt
	$(LOCK) --group docs -o requirements/docs.txt
	$(LOCK) --group release -o requirements/release.txt

clean:
	rm -rf $(VENV) .state
