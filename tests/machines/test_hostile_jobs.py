"""Jobs that mean harm, or go wrong as if they did: each ends within its limits, its page names the cause, and a job on
the machine beside it does not notice."""

import pytest

END = """
    SELECT runner.done_cause FROM runners_runner runner JOIN runners_job job ON runner.job_id = job.id
        WHERE job.name = %s
"""
JOB = "SELECT id FROM runners_job WHERE name = %s"
LIMIT = 240  # seconds from a push to the end of any of these, boot by emulation on a busy host included

MEMORY = "python3 -c 'kept = [b\"x\" * (1 << 20) + bytes([n % 9]) for n in range(9999)]'"
FREE = "$(df --output=avail -B1M . | tail -1)"
DISK = f"fallocate -l $(( {FREE} - 40 ))M most; dd if=/dev/zero of=rest bs=1M; sleep 5; exit 1"
AGENT = "pkill -9 -f opt/farmhand/agent; sleep 600"
STUBBORN = "trap '' TERM INT HUP; while :; do sleep 1; done"
BOMB = "bomb() { bomb | bomb & }; bomb; while :; do sleep 1; done"


def told(product, name):
    """(cause as the agent told it, the sentence of the job's page)"""
    [(cause,)], [(job,)] = product.sql(END, name), product.sql(JOB, name)
    return cause, product.api("GET", f"/jobs/{job}")["why"]


@pytest.mark.parametrize(
    "name, script, cause, sentence",
    [
        ("memory", MEMORY, "out_of_memory", "Memory ran out"),
        ("agent", AGENT, "agent_killed", "Signal 9 ended Farmhand’s agent in the machine."),
        pytest.param("disk", DISK, "disk_full", "The disk was full", marks=pytest.mark.proof),
    ],
)
def test_it_ends_and_its_cause_is_named(product, name, script, cause, sentence):
    product.begin(name, script)
    folder = product.machine(name)
    assert folder.name not in product.gone(name, LIMIT)
    found, why = told(product, name)
    assert found == cause and sentence in why


@pytest.fixture
def short(product):
    """Jobs may take a minute."""
    product.sql("UPDATE runners_pool SET max_job_minutes = 1")
    yield product
    product.sql("UPDATE runners_pool SET max_job_minutes = 360")


@pytest.mark.proof
@pytest.mark.parametrize(
    "name, script, sentence",
    [
        ("stubborn", STUBBORN, "The time limit of 60 s was over."),
        ("bomb", BOMB, "The time limit of 60 s was over. It had reached the limit of 1024 processes."),
    ],
)
def test_one_that_would_never_end_is_ended_at_its_time_limit_and_its_neighbour_is_well(
    short, name, script, sentence
):
    short.begin(name, script)
    folder = short.machine(name)
    assert short.run(f"beside-{name}", "echo all is well", LIMIT).conclusion == "success"
    assert folder.name not in short.gone(name, LIMIT)
    assert told(short, name) == ("time_limit", sentence)
