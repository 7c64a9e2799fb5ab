"""The manual says what the code does: its links, names, numbers and commands are held to their sources."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from billing import budgets, pricing
from practice.chain import prices as chain
from runners import engine
from runners.agents import reports, schemas
from runners.connections import polling
from runners.jobs import backoff, wait_stats
from runners.models import VM, Pool
from runners.reasons import catalogue
from runners.servers import lifecycle as server_lifecycle
from runners.tasks import upkeep
from runners.vms import garbage_collection, job_watch, lifecycle, liveness, orders, registration
from runners.web import webhooks
from tests.map.reasons import page as page_of_reasons
from tests.map.tree import tree
from tfci.celery import SCHEDULE, app
from tfci.forges import kinds
from tfci.forges.gitea.client import FLOOR
from tfci.forges.gitea.scopes import SCOPES
from tfci.forges.models import Connection
from tfci.grid import nodes
from tfci.grid.ports import Prices
from tfci.management.up.processes import COMMANDS
from tfci.pages.views import labels, manual
from tfci.templatetags.components import state_word

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "images/README.md"])
LINK = re.compile(r"\]\(([^)\s]+)\)")
TEST = re.compile(r"\btests/[\w/]+(?:\.py\b|/)")  # a file or a folder
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def text(name: str) -> str:
    return (DOCS / name).read_text()


def rows(page: str, first_cell: str) -> dict[str, list[str]]:
    """The rows of a page's tables whose first cell looks so: what the pattern found -> all cells."""
    found = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and (match := re.fullmatch(first_cell, cells[0].strip())):
            found[match[1]] = cells
    return found


def said(span: timedelta) -> str:
    """A time as the manual writes it."""
    for unit in ("hour", "minute", "second"):
        count = span / timedelta(**{f"{unit}s": 1})
        if count >= 1 and count == int(count):
            return f"{int(count)} {unit}{'s' if count > 1 else ''}"
    raise ValueError(span)


# Links and pages


def headings(page: Path) -> set[str]:
    lines = FENCE.sub("", page.read_text()).splitlines()
    titles = [line.lstrip("# ").lower() for line in lines if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not re.match(r"https?:", link):
            assert target.exists(), link
            assert not heading or heading in headings(target), link


def test_every_page_of_the_manual_is_in_its_table_of_contents():
    listed = {(DOCS / link).resolve() for link in LINK.findall(text("SUMMARY.md"))}
    pages = {*DOCS.glob("*.md"), *DOCS.glob("design/*.md"), DOCS / "decisions/README.md"}
    assert pages - {DOCS / "SUMMARY.md"} <= listed


def test_the_table_of_contents_is_arranged_by_what_a_reader_needs():
    """Tutorials, how-to guides, reference, explanation: https://diataxis.fr."""
    parts = re.findall(r"^## (.+)", text("SUMMARY.md"), re.M)
    guides = ["How-to guides", "How-to guides for operators"]
    assert parts == ["Tutorials", *guides, "Reference", "Explanation", "Development"]


def test_no_page_is_listed_twice():
    listed = LINK.findall(text("SUMMARY.md"))
    assert [link for link in listed if listed.count(link) > 1] == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_begins_with_what_one_can_do_after_it(page):
    first = page.read_text().partition("\n\n")[2]
    assert page.name == "SUMMARY.md" or re.match(r"After (reading )?this (page|tutorial)", first)


def test_every_decision_is_listed():
    listed = set(LINK.findall(text("decisions/README.md")))
    assert {page.name for page in DOCS.glob("decisions/*.md")} - {"README.md"} == listed


def test_every_test_that_a_decision_names_is_there():
    named = {path for page in DOCS.glob("decisions/*.md") for path in TEST.findall(page.read_text())}
    assert len(named) > 10
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_command_is_one_of_the_makefile(name):
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"\bmake (\w+)", (ROOT / name).read_text())) <= set(targets)


def test_the_readme_shows_places_that_there_are():
    places = re.findall(r"^    ([\w/]+/) ", (ROOT / "README.md").read_text(), re.M)
    assert len(places) > 10
    assert [place for place in places if not (ROOT / place).is_dir()] == []


# The layout


def test_the_layout_shows_the_tree_as_it_is():
    """`make map` mends it."""
    assert f"```\n{tree()}\n```" in text("design/layout.md")


def test_the_page_of_reasons_shows_all_of_them():
    """`make map` mends it."""
    assert text("reasons.md") == page_of_reasons()
    assert {f"### `{code}`" for code in catalogue.REASONS} <= set(text("reasons.md").splitlines())


# Configuration

VARIABLE = r"((?:[A-Z][A-Z0-9]*_)+[A-Z0-9]+|PYTHON|CHROMIUM)"


def told() -> set[str]:
    """The variables in the first column of the tables of configuration.md."""
    tables = [
        line.split(" | ")[0] for line in text("configuration.md").splitlines() if line.startswith("| `")
    ]
    return {name for cell in tables for name in re.findall(f"`{VARIABLE}`", cell)}


def read_by_settings() -> set[str]:
    return set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "tfci/settings.py").read_text()))


def named_by_up() -> set[str]:
    """All that `make run` reads or sets."""
    sources = [path.read_text() for path in (ROOT / "tfci/management/up").glob("*.py")]
    return {name for source in sources for name in re.findall(f'"{VARIABLE}"', source)}


def named_by_compose() -> set[str]:
    source = (ROOT / "docker-compose.yml").read_text()
    return set(re.findall(rf"\$\{{{VARIABLE}", source)) | set(re.findall(rf"^\s+{VARIABLE}:", source, re.M))


def test_configuration_names_every_variable_that_is_read():
    own_of_postgres = {"POSTGRES_USER"}
    assert read_by_settings() | named_by_up() | named_by_compose() <= told() | own_of_postgres


def test_configuration_names_no_variable_that_nobody_reads():
    scripts = (ROOT / "bootstrap.sh").read_text() + (ROOT / "tests/chromium/get.sh").read_text()
    scripts += (ROOT / "practice/grid/programs.py").read_text()
    scripts += (ROOT / "practice/grid/vms/image.py").read_text()
    names = ("PYTHON", "CHROMIUM", "PLAYWRIGHT_NODEJS_PATH", "FARMHAND_ENGINES", "FARMHAND_MACHINES")
    others = {name for name in names if name in scripts}
    assert told() <= read_by_settings() | named_by_up() | named_by_compose() | others


def test_configuration_has_the_schedule():
    shown = {name: float(cells[1]) for name, cells in rows(text("configuration.md"), r"([a-z][a-zA-Z ]+)").items()
             if re.fullmatch(r"[\d.]+", cells[1])}  # fmt: skip
    assert shown == {name: seconds for name, (_, seconds) in SCHEDULE.items()}


def test_configuration_has_every_process():
    assert {*COMMANDS, "postgres", "valkey"} <= set(rows(text("configuration.md"), r"`([a-z-]+)`"))


# The life of a VM

LIFE = "life-of-a-vm.md"
LIVES = (lifecycle, registration, job_watch, server_lifecycle)
LIMITS = {name: value for life in LIVES for name, value in vars(life).items() if isinstance(value, timedelta)}
LIMITS["SILENCE"] = liveness.TIMEOUTS[False, True]


def test_the_states_are_those_of_the_code_in_their_order():
    assert list(rows(text(LIFE), r"`(\w+)`")) == [str(state) for state in VM.State]


def test_the_way_names_the_states_as_pages_do():
    paths = text(LIFE).partition("## The states")[0]
    way = next(line for line in paths.splitlines() if "→" in line).strip().split(" → ")
    labels = [state_word(state) for state in VM.State]
    assert way == [label for label in labels if label in way]
    assert [label for label in labels if label not in paths] == []


def test_every_deadline_of_the_code_is_told_and_no_other():
    shown = {name: cells[1] for name, cells in rows(text(LIFE), r"\*\*([\w ]+)\*\*.*").items()}
    assert shown == {name.replace("_", " ").capitalize(): said(limit) for name, limit in LIMITS.items()}


# Numbers in sentences

SENTENCES = [
    (
        LIFE,
        f"after a pause of {said(backoff.FIRST_PAUSE)}, then 4, then 8, up to {said(backoff.LONGEST_PAUSE)}",
    ),
    (
        LIFE,
        f"One with a job has {said(liveness.TIMEOUTS[True, True])}. Where the grid calls the node down or not healthy "
        f"it is {said(liveness.TIMEOUTS[False, False])}, and {said(liveness.TIMEOUTS[True, False])} with a job",
    ),
    (LIFE, f"A worker that is killed costs {said(engine.LEASE)} at most"),
    (LIFE, f"those that are younger than {said(garbage_collection.YOUNG)}"),
    (LIFE, f"Every {said(garbage_collection.EVERY)} the sweep looks"),
    (LIFE, f"which speaks every {reports.INTERVAL} seconds"),
    (LIFE, f"kills its steps {orders.GRACE} seconds later"),
    ("scheduling.md", f"set aside: {said(nodes.FIRST_BLOCK)}"),
    ("scheduling.md", f"{said(nodes.LONGEST_BLOCK)} at most"),
    ("connections.md", f"in under {polling.FAST // timedelta(milliseconds=1)} ms"),
    ("connections.md", f"a quiet organization every {said(polling.RARELY)}"),
    ("connections.md", f"and often for {said(polling.ACTIVE_FOR)}"),
    ("connections.md", f"reads each running job again every {said(kinds.PollingPace().running)}"),
    ("costs.md", f"Running VMs are charged every {said(timedelta(seconds=SCHEDULE['charge'][1]))}"),
    ("costs.md", f"Prices are read every {said(timedelta(seconds=SCHEDULE['mirror the grid'][1]))}"),
    ("costs.md", f"a grant from the operator, {settings.GRANT} TFT unless"),
    ("teams.md", f"own up to {settings.TEAMS_PER_PERSON} teams"),
    ("costs.md", f"it covers less than {said(budgets.WARNING)} down to the floor"),
    ("costs.md", f"At least {said(budgets.GRACE)} lie between the warning and the end"),
    ("costs.md", f"VMs at once ({settings.TEAM_MAX_VMS})"),
    ("costs.md", f"all of them together ({settings.TEAM_MAX_PRICE} TFT)"),
    ("operating.md", f"Kept for {upkeep.KEEP.days} days"),
    ("configuration.md", f"a worker gives its tasks {app.conf.worker_soft_shutdown_timeout} seconds"),
    ("operating.md", f"figures from {wait_stats.MIN_JOBS} jobs on"),
    ("operating.md", f"{wait_stats.MIN_JOBS} jobs of {wait_stats.MIN_TEAMS} teams"),
    ("operating.md", f"may search the manual {manual.A_MINUTE} times a minute"),
    ("operating.md", f"label builder {labels.A_MINUTE} times each"),
    ("not-yet.md", f"those of the newest {wait_stats.MAX_JOBS:,} jobs"),
    ("security.md", f"the last {schemas.TAIL // 1024} KiB"),
    ("security.md", f"at most {webhooks.LARGEST // 1024**2} MiB is read"),
]


@pytest.mark.parametrize("page, sentence", SENTENCES, ids=lambda words: words.replace(" ", "-"))
def test_the_manual_says(page, sentence):
    assert sentence in " ".join(text(page).split())


# Pools, links, costs


def test_a_new_pool_is_as_the_manual_says():
    pool, shown = Pool(), rows(text("pools.md"), r"([a-zA-Z ,]+)")
    assert shown["size"][1] == ", ".join(f"`{size}`" for size in pool.sizes)
    assert shown["default size"][1] == f"`{pool.default_size}`"
    assert shown["maximum VMs"][1] == str(pool.max_vms)
    assert shown["idle timeout"][1] == f"{pool.linger_minutes} minutes"
    assert shown["job timeout"][1] == f"{pool.max_job_minutes} minutes"


def test_the_scopes_of_a_token_are_those_that_are_asked_for():
    told = rows(
        text("linking-gitea.md").partition("## 2. Create the token")[2],
        r"(organization|user|repository|instance)",
    )
    asked = {
        level.label: ", ".join(f"`{scope}`" for scope in SCOPES[level].values()) for level in Connection.Level
    }
    assert {noun: cells[1] for noun, cells in told.items()} == asked


def test_the_oldest_gitea_is_the_one_that_is_let_in():
    assert f"**Gitea {FLOOR[0]}.{FLOOR[1]} or newer.**" in text("linking-gitea.md")


def test_the_worked_example_comes_out_of_the_code():
    at = Prices(chain.CU, chain.SU, tft_musd=10, read_at=None, certified_percent=chain.CERTIFIED_PERCENT)
    plain, certified = (pricing.usd_per_hour(2, 8, 50, at, certified=kind) for kind in (False, True))
    hour = pricing.tft_per_hour(plain, at.tft_musd)
    page = text("costs.md")
    assert f"= {plain / 1e7:.7f}\n" in page
    assert f"= {hour}, on a certified node {pricing.tft_per_hour(certified, at.tft_musd)}\n" in page
    assert f"× 90 / 3600 = {pricing.cost(hour, 90_000)} TFT\n" in page
