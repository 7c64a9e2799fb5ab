"""GitHub's runner as the agent starts it: a script stands for it, that answers as its documentation says."""

import pytest

RUN = """#!/bin/bash
[ -n "$1" ] && echo "no argument was expected" && exit 1
[ $(id -u) = 0 ] && [ -z "$RUNNER_ALLOW_RUNASROOT" ] && echo "Must not run interactively with sudo" && exit 1
echo "configured with $ACTIONS_RUNNER_INPUT_JITCONFIG"
exit ${END:-0}
"""
LISTENER = '#!/bin/bash\n[ "$1" = --version ] && echo 2.336.0\n'
CONFIGURATION = "eyJhbGciOiJSUzI1NiJ9-of-one-job"
ORDER = {
    "engine": "github",
    "files": {},
    "environment": {"ACTIONS_RUNNER_INPUT_JITCONFIG": CONFIGURATION, "RUNNER_ALLOW_RUNASROOT": "1"},
}


@pytest.fixture
def runner(machine):
    """The folder that GitHub's runner unpacks to."""
    folder = machine.engines / "actions-runner"
    for name, text in {"run.sh": RUN, "bin/Runner.Listener": LISTENER}.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


def test_its_version_is_what_its_listener_says(machine, manager, runner):
    machine.start()
    assert manager.wait("claim")[0]["engines"]["github"] == "2.336.0"


def test_its_configuration_comes_by_environment_and_is_seen_nowhere(machine, manager, runner):
    machine.start()
    machine.order(**ORDER)
    done = manager.wait("done")[0]
    assert (done["cause"], done["exit_code"]) == ("exited", 0)
    assert "configured with ***" in manager.tail()
    assert CONFIGURATION not in manager.tail()


def test_a_version_that_github_takes_no_more_is_named_as_the_cause(machine, manager, runner):
    machine.start()
    machine.order(**ORDER | {"environment": ORDER["environment"] | {"END": "7"}})
    done = manager.wait("done")[0]
    assert (done["cause"], done["exit_code"]) == ("engine_failed", 7)
    assert "image must be renewed" in done["said"]
