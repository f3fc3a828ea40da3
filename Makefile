# Any Python 3.11 or newer: make demo PYTHON=python3.13
PYTHON ?= python3
# Given to the command behind a target: make demo ARGS="--orders 200 --exit"
ARGS ?=
# Test processes at a time.
JOBS ?= 2
# real: fail without Java and Maven. Otherwise what needs them is left out, and said to be.
KAFKA ?= auto

BIN := .venv/bin
SOURCES := manage.py restaurant auth_grpc orders kitchen delivery proto tests
UV_LOCK := $(BIN)/uv pip compile pyproject.toml --universal --fork-strategy fewest \
           --generate-hashes --no-header --quiet

.DEFAULT_GOAL := help
.PHONY: help venv venv-dev demo up test test-compose test-image chaos-compose rolling-compose lint bench fuzz screenshots proto reference lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

venv: .venv/locked ## Make .venv with the locked requirements
venv-dev: .venv/locked-dev ## The same, with what tests and linters need

.venv/locked: requirements.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not there. Name a Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "`$(PYTHON) --version` is too old. Name a Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Installing the locked requirements into .venv; this takes about half a minute."
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/locked-dev: requirements-dev.txt .venv/locked
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: venv ## Open the demo restaurant and place orders until Ctrl-C
	@$(BIN)/python manage.py demo $(ARGS)

up: venv ## Start every process on this machine until Ctrl-C
	@$(BIN)/python manage.py up $(ARGS)

# Both runs are made, also when the first one fails.
test: venv-dev ## Run all tests: SQLite and embedded broker, then PostgreSQL and real Kafka
	@status=0; broker=$(KAFKA); \
	if [ $$broker = auto ]; then \
	  broker=embedded; \
	  if command -v java >/dev/null && command -v mvn >/dev/null; then broker=real; fi; \
	fi; \
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --database=sqlite --kafka=embedded $(ARGS) || status=1; \
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --database=postgres --kafka=$$broker $(ARGS) || status=1; \
	if [ $$broker != real ]; then \
	  echo "LEFT OUT: the tests on a real Kafka broker, and of PostgreSQL by TLS; they need Java 17 and Maven."; \
	fi; \
	if ! command -v npm >/dev/null; then \
	  echo "LEFT OUT: the tests of accessibility; they need Node.js and npm."; \
	fi; \
	if ! command -v promtool >/dev/null; then \
	  echo "LEFT OUT: the tests of alerts and dashboards; they need promtool (Debian's prometheus)."; \
	fi; \
	if ! command -v haproxy >/dev/null; then \
	  echo "LEFT OUT: the tests of the proxy and slow clients; they need haproxy."; \
	fi; \
	if ! command -v redis-server >/dev/null && ! command -v valkey-server >/dev/null; then \
	  echo "LEFT OUT: the tests of Redis by TLS; they need redis-server or valkey-server."; \
	fi; \
	exit $$status

# The handbook has a stack of its own: after the other is down, or they would share the processors.
test-compose: venv-dev ## Build the images, bring docker/compose.yaml up, break its parts, take it down
	@status=0; handbook=tests/compose/test_handbook.py; \
	$(BIN)/python -m pytest tests/compose --ignore=$$handbook $(ARGS) || [ $$? = 5 ] || status=1; \
	$(BIN)/python -m pytest $$handbook $(ARGS) || [ $$? = 5 ] || status=1; \
	exit $$status

test-image: ## Run the quick part of the tests in the image, on its Python
	docker build --file docker/Dockerfile --target test --tag restaurant:test .
	docker run --rm --tmpfs /tmp --read-only restaurant:test $(ARGS)

chaos-compose: venv-dev ## Kill each container in turn under load, and cut one off (5 minutes, own stack)
	@$(BIN)/python -m tests.compose.chaos $(ARGS)

rolling-compose: venv-dev ## Replace every process under load: no request may fail (own stack)
	@$(BIN)/python -m tests.compose.rolling $(ARGS)

lint: venv-dev ## Check form, types, layering and the links of docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(SOURCES)
	$(BIN)/hadolint docker/Dockerfile docker/proxy/Dockerfile
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: venv-dev ## Measure the hot paths against their baselines
	@$(BIN)/python -m tests.benchmarks $(ARGS)

fuzz: venv-dev ## Ask a house whatever its schema allows, and does not: make fuzz ARGS="--minutes 10"
	@$(BIN)/python -m tests.openapi.fuzz $(ARGS)

screenshots: venv-dev ## Draw every page in both themes, on a telephone and a desk
	@$(BIN)/python -m tests.screenshots $(ARGS)

proto: venv-dev ## Generate the Python of the contracts, and docs/reference/asyncapi.yaml
	$(BIN)/python -m proto.generate

reference: venv-dev ## Write the API's schema and its errors into docs/reference
	DEBUG=true $(BIN)/python manage.py spectacular --lang en --file docs/reference/openapi.yaml
	DEBUG=true $(BIN)/python manage.py document_errors

lock: venv-dev ## Renew both locks from pyproject.toml
	$(UV_LOCK) -o requirements.txt
	$(UV_LOCK) --extra dev -c requirements.txt -o requirements-dev.txt

clean: ## Remove all that these targets made
	rm -rf .venv var staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/restaurant-tests"
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
