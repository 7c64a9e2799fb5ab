"""The programs that take a job: how each is found, started and ended, and its environment."""

import os
import signal
import sys

from farmhand_agent import VERSION

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # where the agent stands
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
JOB_PREFIX = "FARMHAND_JOB_"  # the image's own variables for jobs, handed on without the prefix


class Engine:
    """A program that takes one job and ends. `files` are written beside the order's own, and the order's arguments come
    after these, where {folder} is the order's folder."""

    def __init__(
        self,
        programs,
        arguments=(),
        *,
        interpreter=(),
        files=None,
        stop=signal.SIGTERM,
        ends_steps=True,  # on its stop signal; where it does not, we signal them as well
        version="",  # where empty, the program is asked for it
        version_program="",  # the program beside it that prints the version, where it does not itself
        codes=None,  # exit codes with a meaning of their own -> a sentence
    ):
        self.programs, self.arguments, self.interpreter = programs, arguments, interpreter
        self.files, self.stop, self.ends_steps = files or {}, stop, ends_steps
        self.version, self.version_program, self.codes = version, version_program, codes or {}


ENGINES = {
    "gitea": Engine(
        ("act_runner", "gitea-runner"),
        ("daemon", "--config", "config.yaml"),
        # Its own limit would be 3 h, and the forge never hears the end of a job that reaches it. From a million
        # seconds on it starts a job's container with `sleep 1e+06`: busybox, and so Alpine, takes that for no number.
        files={"config.yaml": "runner:\n  timeout: 240h\n"},
        # On a signal it waits for its job to end, and steps have sessions of their own.
        ends_steps=False,
    ),
    "forgejo": Engine(
        ("forgejo-runner",),
        # Bound to one job, it waits until its forge has that job ready.
        ("one-job", "--config", "config.yaml", "--token-url", "file://{folder}/token", "--wait"),
        files={"config.yaml": "runner:\n  timeout: 240h\n"},
        ends_steps=False,
    ),
    "github": Engine(
        ("actions-runner/run.sh",),
        version_program="bin/Runner.Listener",
        codes={7: "GitHub takes no runner of this version any more: the machine's image must be renewed."},
    ),
    "woodpecker": Engine(("woodpecker-agent",), ends_steps=False),
    "practice": Engine(("practice_engine",), interpreter=(sys.executable, "-S"), version=VERSION),
}


def find(engine):
    """The engine's program: from the engines' folder, from beside us, or from PATH."""
    folders = [os.environ.get("FARMHAND_ENGINES", HERE), HERE, *os.environ.get("PATH", PATH).split(":")]
    paths = (os.path.abspath(os.path.join(folder, name)) for folder in folders for name in engine.programs)
    return next((path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK)), None)


def version(engine):
    """As the image wrote it beside the program (act_runner.version), else as the program prints it."""
    if engine.version:
        return engine.version
    program = find(engine)
    try:
        with open(f"{program}.version") as file:
            return file.read().strip()
    except OSError:
        return printed_version(
            os.path.join(os.path.dirname(program), engine.version_program)
            if engine.version_program
            else program
        )


def printed_version(program):
    import subprocess  # which takes its time to load: most machines know all versions without it

    try:
        result = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10)
        return result.stdout.split()[-1].removeprefix("v")
    except (OSError, subprocess.TimeoutExpired, IndexError):
        return ""


def job_environment():
    """All that an engine gets of our environment: where programs are, and what the image sets for jobs."""
    ours = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    images = {name: value for name, value in os.environ.items() if name.startswith(JOB_PREFIX)}
    return {"PATH": PATH, **ours, **{name.removeprefix(JOB_PREFIX): value for name, value in images.items()}}
