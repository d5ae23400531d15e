# `make demo` and `make test` set themselves up on a machine that has only
# python3, pip, make, git and curl (Debian's ensurepip is a package of its own, hence --without-pip).
PYTHON ?= python3
# Where compiling is not kept, every program that a test starts compiles all of ours again.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
# What is imported is compiled when it first is, and nobody waits for the rest.
INSTALL := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet --no-compile
DEV := $(VENV)/run.done $(VENV)/dev.done
# The two parts of the environment, and the checks and the collecting, go at once.
MAKEFLAGS += --jobs=2

.PHONY: demo test collected broker browser check-code bench proof docs screens words lock clean

# More workers than two cores: half of the tests wait for steel.
test: check-code collected broker browser
	$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

# Collected once, beside the checks: what that compiles, each worker would compile for itself. What is wrong is said by the run.
collected: $(DEV)
	@$(BIN)/pytest --collect-only -qq >/dev/null || true

broker:
	@tests/kit/mosquitto.sh

browser: | broker
	@tests/kit/chromium.sh

demo: $(VENV)/run.done
	@$(BIN)/galenic demo

bench: $(DEV)
	$(BIN)/galenic bench

proof: $(DEV) broker browser
	$(BIN)/python -m tests.proof

docs: $(DEV)
	$(BIN)/python -m docs.generate

screens: $(DEV) browser
	$(BIN)/pytest tests/console/screens.py

words: $(DEV)
	$(BIN)/python -m docs.words $(FORM)

check-code: $(DEV)
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

# Put in while the other part is, so it holds nothing that the other one pins.
$(VENV)/dev.done: requirements/dev.txt | $(VENV)/bin/python
	@$(INSTALL) --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

# Needs uv (`pip install uv`) on the path. The files it writes name versions and hashes, and no host.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate
lock:
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) --group build -o requirements/build.txt
	$(LOCK) pyproject.toml --extra planning --group dev -c requirements/run.txt -c requirements/build.txt -o requirements/all.txt
	grep -vxF -f requirements/run.txt -f requirements/build.txt requirements/all.txt >requirements/dev.txt
	rm requirements/all.txt
	$(LOCK) --group docs -o requirements/docs.txt
	$(LOCK) --group release -o requirements/release.txt

clean:
	rm -rf $(VENV) .state
