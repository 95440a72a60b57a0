# The few commands of the template's own development: `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
TEMPLATE := {{cookiecutter.project_slug}}

# Two workers are right for two cores; `make test WORKERS=auto` takes all there are.
WORKERS ?= 2
TESTS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-every test-containers mutate lint format pins clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/installed  ## render a project with the defaults and serve it; Ctrl-C ends it
	@exec $(BIN)/python bin/demo.py

test: $(VENV)/installed  ## run the whole suite; a part of it: make test TESTS=tests/test_static.py
	$(BIN)/python -W error -m pytest --numprocesses $(WORKERS) $(TESTS)

test-every: $(VENV)/installed  ## prove all combinations; a part: SHARD=3/8, for a while: MINUTES=8, anew: FORCE=1; RECORD=1 writes what came of it into README.md
	$(BIN)/python bin/every.py --workers $(WORKERS) $(if $(SHARD),--shard $(SHARD)) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(FORCE),--force) $(if $(RECORD),--record)

mutate: $(VENV)/installed  ## break the template in known ways, and see that the tests notice
	$(BIN)/python bin/mutate.py

test-containers: $(VENV)/installed  ## build and run the containers of a project, if a Docker engine is there
	$(BIN)/python -W error -m pytest -rs tests/containers

lint: $(VENV)/installed  ## check the template's own code, tests and workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --no-progress --quiet .github/workflows

format: $(VENV)/installed  ## format the template's own code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pins: $(VENV)/installed  ## write constraints.txt anew, with the newest versions
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--no-header --no-annotate --group dev --output-file constraints.txt

clean:  ## remove the environment, the demo and the caches
	rm -rf $(VENV) demo .cache .pytest_cache .ruff_cache .mypy_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew only when the pins change. constraints.txt names the tools and all that they need, so it is also
# what is installed; tests/test_house.py checks that it holds what pyproject.toml asks for.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is" \
			"$$($(PYTHON) --version 2>&1). Name another one: make PYTHON=python3.13" >&2; exit 1; }
	@if command -v uv >/dev/null; then \
		uv venv --quiet --clear --python "$$(command -v $(PYTHON))" $(VENV) && \
		VIRTUAL_ENV=$(VENV) uv pip install --quiet --requirements constraints.txt; \
	else \
		$(PYTHON) -m venv --clear $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement constraints.txt; \
	fi
	@touch $@
