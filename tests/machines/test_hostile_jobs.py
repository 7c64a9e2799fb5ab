"""Jobs that mean harm, or go wrong as if they did: each ends within its limits, its page names the cause and says what
to do, and jobs on the machines beside it do not notice."""

import time

import pytest

from practice.grid.vms import console

END = """
    SELECT runner.done_cause FROM runners_runner runner JOIN runners_job job ON runner.job_id = job.id
        WHERE job.name = %s
"""
TAIL = "SELECT vm.tail FROM runners_vm vm JOIN runners_job job ON job.vm_id = vm.id WHERE job.name = %s"
LIMIT = 240  # seconds from a push to the end of any of these, boot by emulation on a busy host included

MEMORY = "python3 -c 'kept = [b\"x\" * (1 << 20) + bytes([n % 9]) for n in range(9999)]'"
FREE = "$(df --output=avail -B1M . | tail -1)"
DISK = f"fallocate -l $(( {FREE} - 40 ))M most; dd if=/dev/zero of=rest bs=1M; sleep 5; exit 1"
AGENT = "pkill -9 -f opt/farmhand/agent; sleep 600"
FLOOD = "yes flood >/dev/console"
STUBBORN = "trap '' TERM INT HUP; while :; do sleep 1; done"
BOMB = "sh -c 'bomb() { bomb | bomb & }; bomb; exec sleep 9999'"  # dash: it grows quicker than bash
SESSIONS = "echo 'setsid sh $0 & setsid sh $0 & exec sleep 9999' >bomb; sh bomb & exec sleep 9999"
SCRIPTS = {"memory": MEMORY, "agent": AGENT, "disk": DISK}
# The agent ends a job at its limit. On a very busy computer it may come too late, and its machine is taken away.
OVER = ("The job timed out", "Raise the pool’s job timeout")


def told(product, name, *words):
    """(the cause that its machine told of the job's end, which of these words the job's page lacks)"""
    [(cause,)], page = product.sql(END, name), product.page(name)
    return cause, [word for word in words if word not in page]


def sizes(file, over):
    """Of a file that grows, twice a second until it is over."""
    found, end = [], time.monotonic() + LIMIT
    while not over() and time.monotonic() < end:
        found.append(file.stat().st_size if file.exists() else 0)
        time.sleep(0.5)
    return found


@pytest.fixture(scope="module")
def neighbours(product):
    """All of them at once."""
    for name, script in SCRIPTS.items():
        product.begin(name, script)
    return product


@pytest.mark.proof  # three machines at once are two minutes of both processors
@pytest.mark.parametrize(
    "name, cause, title, todo",
    [
        ("memory", "out_of_memory", "The machine ran out of memory", "Use a larger size."),
        ("agent", "agent_killed", "The job killed Farmhand’s agent", "such as pkill or killall."),
        ("disk", "disk_full", "The VM's disk was full", "Use a larger size."),
    ],
)
def test_it_ends_and_its_page_says_why_and_what_to_do(neighbours, name, cause, title, todo):
    assert neighbours.gone(name, LIMIT) == []
    assert told(neighbours, name, title, todo) == (cause, [])


@pytest.mark.proof  # until a bomb has so many processes takes long on a busy computer
@pytest.mark.parametrize(
    "script, limit, sentence",
    [
        (STUBBORN, 20, "The time limit of 20 s was over."),
        (BOMB, 60, "The time limit of 60 s was over. It had reached the limit of 1024 processes."),
    ],
)
def test_one_that_would_never_end_is_ended_at_its_time_limit_and_its_machine_is_well(
    worker, script, limit, sentence
):
    worker.run("echo it begins", script, limit)
    done = worker.done()
    assert (done["cause"], done["said"]) == ("time_limit", sentence)
    assert worker.run("echo all is well") == "all is well\n"


@pytest.mark.proof
def test_a_bomb_of_sessions_leaves_the_agent_its_share_of_the_processors(worker):
    worker.run("echo it begins", SESSIONS, 40)
    began = time.monotonic()
    assert worker.done()["cause"] == "time_limit"
    assert time.monotonic() - began < 100  # where each session had the same share, it was over 300 s
    assert worker.run("echo all is well") == "all is well\n"


@pytest.fixture
def short(product):
    """Jobs may take a minute."""
    product.sql("UPDATE runners_pool SET max_job_minutes = 1")
    yield product
    product.sql("UPDATE runners_pool SET max_job_minutes = 360")


@pytest.mark.proof  # they last for more than a minute each
@pytest.mark.parametrize("name, script", [("stubborn", STUBBORN), ("bomb", BOMB)])
def test_through_the_whole_product_its_page_says_so_and_its_neighbour_is_well(short, name, script):
    short.begin(name, script)
    short.runs(name)
    assert short.run(f"beside-{name}", "echo all is well", LIMIT).conclusion == "success"
    assert short.gone(name, LIMIT) == []
    cause, missing = told(short, name, *OVER)
    assert missing == [] and cause in ("time_limit", "")


@pytest.mark.proof
def test_one_that_floods_its_console_fills_neither_the_computers_disk_nor_its_page(short):
    short.begin("flood", FLOOD)
    said = console.path_of(short.runs("flood"))
    short.begin("beside-flood", "echo all is well")
    kept = sizes(said, lambda: short.over("flood"))
    assert max(kept) < 2 * console.LIMIT
    assert short.ended("beside-flood", LIMIT).conclusion == "success"
    assert short.gone("flood", LIMIT) == []
    cause, missing = told(short, "flood", *OVER)
    assert missing == [] and cause in ("time_limit", "")
    [(tail,)] = short.sql(TAIL, "flood")
    assert tail and "flood" not in tail
