# Everything that one does with Farmhand. The first two are enough to try it and to change it.
.DEFAULT_GOAL := help
.PHONY: help run machines image publish test proof bench screenshots map floors format lock environment

help:  ## This list
	@sed -n 's/^\([a-z]*\):.*## */  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run:  ## The whole product on this machine; Ctrl-C ends it (FARMHAND_HOME, FARMHAND_PORT)
	@./bootstrap.sh requirements.txt
	@.venv/bin/python -m tfci.management.up

machines: environment  ## Real VMs on this computer: what they need of the system, and their image
	@images/machine/prepare.sh
	@.venv/bin/python images/machine/build.py $(IMAGE)

IMAGE = $(if $(ENGINES),--engines $(ENGINES)) $(if $(FRESH),--fresh) $(if $(KERNEL),--kernel $(KERNEL)) $(if $(RAW),--raw)

image: environment  ## The image of a machine alone (ENGINES=folder, FRESH=1: today's packages, KERNEL=built-in: ours)
	@.venv/bin/python images/machine/build.py $(IMAGE)

publish:  ## The grid's image, built with Docker and sent to the flist hub (HUB_TOKEN, NAME, ENGINES, RAW=1: a full VM's)
	@images/machine/publish.sh $(ENGINES)

PYTEST = env=$$(tests/chromium/get.sh) && eval "$$env" && .venv/bin/python -m pytest

# Django's settings are read for the types of its models; nothing is connected to.
TYPES = SECRET_KEY=- FARMHAND_KEYS=- DATABASE_URL=dbname=- FARMHAND_VALKEY=redis://- .venv/bin/mypy

environment:
	@./bootstrap.sh requirements-dev.txt

test: environment  ## Style, architecture, types and all tests but the long ones
	@if [ "$$(id -u)" = 0 ] || command -v qemu-system-x86_64 >/dev/null; then $(MAKE) --no-print-directory machines \
		|| echo "Tests of virtual machines are skipped; with CI=true they fail."; fi
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/djangofmt --quiet --check templates
	.venv/bin/lint-imports --no-cache
	$(TYPES)
	$(PYTEST) -n 2 --dist loadgroup -m "not proof and not screens"

proof: environment  ## Coverage floors and the long tests: chaos with 500 jobs, a machine's life in thousands of runs
	.venv/bin/python -m tests.floors
	$(PYTEST) -m proof

bench: environment  ## How fast it is, leg by leg
	.venv/bin/python -m tests.bench

screenshots: environment  ## Every page in both themes, wide and on a phone, full and empty: var/screenshots/
	rm -rf var/screenshots
	$(PYTEST) -q -n 2 -m screens
	.venv/bin/python -m tests.screens.sheet

floors: environment  ## Branch coverage of rules, reasons, a VM's life and the ledger
	.venv/bin/python -m tests.floors

map: environment  ## The tree, the picture and the reasons in docs/ that are made from the source
	.venv/bin/python -m tests.map

format: environment  ## Put the source into its form
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/djangofmt --quiet templates

COMPILE = .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet

lock: environment  ## Write the lock files anew from pyproject.toml (with UPGRADE=1: the newest versions)
	$(COMPILE) $(if $(UPGRADE),--upgrade) -o requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --group dev -c requirements.txt -o requirements-dev.txt
