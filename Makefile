# All commands of Farmhand. The first two are enough to try and change it.
.DEFAULT_GOAL := help
# Where it is set, each of a dozen processes compiles the whole product anew and takes three times as long to start.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run verify machines image publish test proof bench screenshots pictures map messages floors format lock environment

help:  ## List all commands
	@sed -n 's/^\([a-z]*\):.*## */  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run:  ## Start the whole product on this computer; Ctrl-C stops it (FARMHAND_HOME, FARMHAND_PORT)
	@./bootstrap.sh requirements.txt
	@.venv/bin/python -m tfci.management.up

verify:  ## Check that the ledger adds up, while `make run` runs (FARMHAND_HOME)
	@.venv/bin/python -m tfci.management.up.command verify

machines: environment  ## Prepare real VMs on this computer: system packages and the VM image
	@images/machine/prepare.sh
	@.venv/bin/python images/machine/build.py $(IMAGE)

IMAGE = $(if $(ENGINES),--engines $(ENGINES)) $(if $(FRESH),--fresh) $(if $(KERNEL),--kernel $(KERNEL)) $(if $(RAW),--raw)

image: environment  ## Build only the VM image (ENGINES=folder, FRESH=1: newest packages, KERNEL=built-in: own kernel, RAW=1: full VM)
	@.venv/bin/python images/machine/build.py $(IMAGE)

publish:  ## Build the grid's image with Docker and publish it to the flist hub (HUB_TOKEN, NAME, ENGINES, RAW=1: full VM)
	@images/machine/publish.sh $(ENGINES)

PYTEST = env=$$(tests/chromium/get.sh) && eval "$$env" && .venv/bin/python -m pytest

# Django's settings are read for the types of its models; nothing is connected to.
TYPES = SECRET_KEY=- FARMHAND_KEYS=- DATABASE_URL=dbname=- FARMHAND_VALKEY=redis://- .venv/bin/mypy

environment:
	@./bootstrap.sh requirements-dev.txt

test: environment  ## Check style, architecture and types, and run all tests except long ones
	@if [ "$$(id -u)" = 0 ] || command -v qemu-system-x86_64 >/dev/null; then $(MAKE) --no-print-directory machines \
		|| echo "Tests of virtual machines are skipped; with CI=true they fail."; fi
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/djangofmt --quiet --check templates
	.venv/bin/lint-imports --no-cache
	$(TYPES)
	$(PYTEST) -n 3 --dist loadgroup -m "not proof and not screens"

proof: environment  ## Check coverage floors and run long tests: chaos with 500 jobs, thousands of VM lifecycles
	.venv/bin/python -m tests.floors
	$(PYTEST) -m proof --timeout=0

bench: environment  ## Measure performance by phase
	.venv/bin/python -m tests.bench

screenshots: environment  ## Take screenshots of every page in both themes, wide and phone, full and empty: var/screenshots/
	rm -rf var/screenshots
	$(PYTEST) -q -n 2 -m screens tests/screens/test_screens.py
	.venv/bin/python -m tests.screens.sheet

pictures: environment  ## Take the pictures of README and manual: docs/images/
	$(PYTEST) -q -m screens tests/screens/test_pictures.py

messages: environment  ## Write the texts to translate: locale/farmhand.pot
	.venv/bin/python -m tests.translation

floors: environment  ## Check branch coverage of rules, reasons, VM lifecycle and ledger
	.venv/bin/python -m tests.floors

map: environment  ## Generate the tree, the picture and the reasons in docs/ from the source
	.venv/bin/python -m tests.map

format: environment  ## Format the source
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/djangofmt --quiet templates

COMPILE = .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet

lock: environment  ## Regenerate the lock files from pyproject.toml (UPGRADE=1: newest versions)
	$(COMPILE) $(if $(UPGRADE),--upgrade) -o requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group dev -c requirements.txt -o requirements-dev.txt
