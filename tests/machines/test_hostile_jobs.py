"""Jobs that mean harm, or go wrong as if they did: each ends within its limits, its page names the cause, and jobs on
the machines beside it do not notice."""

import time

import pytest

from tfci.practice.grid.vms import console

END = """
    SELECT runner.done_cause FROM runners_runner runner JOIN runners_job job ON runner.job_id = job.id
        WHERE job.name = %s
"""
JOB = "SELECT id FROM runners_job WHERE name = %s"
TAIL = "SELECT vm.tail FROM runners_vm vm JOIN runners_job job ON job.vm_id = vm.id WHERE job.name = %s"
LIMIT = 240  # seconds from a push to the end of any of these, boot by emulation on a busy host included

MEMORY = "python3 -c 'kept = [b\"x\" * (1 << 20) + bytes([n % 9]) for n in range(9999)]'"
FREE = "$(df --output=avail -B1M . | tail -1)"
DISK = f"fallocate -l $(( {FREE} - 40 ))M most; dd if=/dev/zero of=rest bs=1M; sleep 5; exit 1"
AGENT = "pkill -9 -f opt/farmhand/agent; sleep 600"
FLOOD = f"yes flood | head -c {3 * console.LIMIT // 2} >/dev/console"
STUBBORN = "trap '' TERM INT HUP; while :; do sleep 1; done"
BOMB = "sh -c 'bomb() { bomb | bomb & }; bomb; while :; do sleep 1; done'"  # dash: it grows quicker than bash
SIDE_BY_SIDE = pytest.mark.proof  # four machines at once are two minutes of both processors
SCRIPTS = {"memory": MEMORY, "agent": AGENT, "disk": DISK, "flood": FLOOD}


def told(product, name):
    """(cause as the agent told it, the sentence of the job's page)"""
    [(cause,)], [(job,)] = product.sql(END, name), product.sql(JOB, name)
    return cause, product.api("GET", f"/jobs/{job}")["why"]


@pytest.fixture(scope="module")
def neighbours(product):
    """All of them at once."""
    for name, script in SCRIPTS.items():
        product.begin(name, script)
    return product


@SIDE_BY_SIDE
def test_one_that_floods_its_console_fills_neither_the_computers_disk_nor_its_page(neighbours):
    said = console.of(neighbours.runs("flood"))
    most = 0
    end = time.monotonic() + LIMIT
    while not neighbours.over("flood") and time.monotonic() < end:
        most = max(most, said.stat().st_size)
        time.sleep(0.1)
    assert neighbours.ended("flood").conclusion == "success"
    assert most < 2 * console.LIMIT
    assert neighbours.gone("flood") == []
    [(tail,)] = neighbours.sql(TAIL, "flood")
    assert tail and "flood" not in tail


@SIDE_BY_SIDE
@pytest.mark.parametrize(
    "name, cause, sentence",
    [
        ("memory", "out_of_memory", "Memory ran out"),
        ("agent", "agent_killed", "Signal 9 ended Farmhand’s agent in the machine."),
        ("disk", "disk_full", "The disk was full"),
    ],
)
def test_it_ends_and_its_cause_is_named(neighbours, name, cause, sentence):
    assert neighbours.gone(name, LIMIT) == []
    found, why = told(neighbours, name)
    assert found == cause and sentence in why


@pytest.mark.parametrize(
    "script, limit, sentence",
    [
        (STUBBORN, 20, "The time limit of 20 s was over."),
        pytest.param(
            BOMB,
            30,
            "The time limit of 30 s was over. It had reached the limit of 1024 processes.",
            marks=pytest.mark.proof,  # until it has so many takes long on a busy computer
        ),
    ],
)
def test_one_that_would_never_end_is_ended_at_its_time_limit_and_its_machine_is_well(
    worker, script, limit, sentence
):
    worker.run("echo it begins", script, limit)
    done = worker.done()
    assert (done["cause"], done["said"]) == ("time_limit", sentence)
    assert worker.run("echo all is well") == "all is well\n"


@pytest.fixture
def short(product):
    """Jobs may take a minute."""
    product.sql("UPDATE runners_pool SET max_job_minutes = 1")
    yield product
    product.sql("UPDATE runners_pool SET max_job_minutes = 360")


@pytest.mark.proof  # they last for more than a minute each
@pytest.mark.parametrize(
    "name, script, sentence",
    [
        ("stubborn", STUBBORN, "The time limit of 60 s was over."),
        ("bomb", BOMB, "The time limit of 60 s was over. It had reached the limit of 1024 processes."),
    ],
)
def test_through_the_whole_product_its_page_says_so_and_its_neighbour_is_well(short, name, script, sentence):
    short.begin(name, script)
    short.runs(name)
    assert short.run(f"beside-{name}", "echo all is well", LIMIT).conclusion == "success"
    assert short.gone(name, LIMIT) == []
    assert told(short, name) == ("time_limit", sentence)
