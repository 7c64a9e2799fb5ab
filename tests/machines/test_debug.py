"""Debug access into a real machine, by this computer's own ssh."""

import socket
import subprocess

import pytest

from tests import machines
from tests.machines.worker import Worker
from tests.practice.grid.harness import until

SECONDS = 90  # that a sign-in may take by emulation on a busy computer
OPTIONS = {
    "StrictHostKeyChecking": "yes",
    "UserKnownHostsFile": "known",
    "IdentitiesOnly": "yes",
    "BatchMode": "yes",
    "ConnectTimeout": "30",
}
REFUSED = "Permission denied (publickey)"


@pytest.fixture
def worker(tmp_path):
    """A machine of its own, for its manager goes away."""
    machines.need()
    worker = Worker(tmp_path)
    yield worker
    worker.close()


@pytest.fixture
def proof(worker):
    """A file that its job has left in its folder; the job ends when it is told to."""
    folder = worker.run("echo left-by-the-job >proof; pwd", then="until [ -e /tmp/over ]; do sleep 1; done")
    return f"{folder.strip()}/proof"


@pytest.fixture
def person(tmp_path, worker):
    return Person(tmp_path, worker.host)


class Person:
    """Somebody with a key, who knows the machine by what its agent told of it."""

    def __init__(self, folder, host):
        self.folder, self.manager = folder, host.manager
        [deployed] = host.wallet.list_vms("vm1")
        self.host, self.port = deployed.addresses["ssh"].split(":")
        self.key("own")

    def key(self, name):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name]
        subprocess.run(words, check=True, timeout=SECONDS)

    def open(self, number, seconds):
        """The order, until the agent has carried it out."""
        own = " ".join((self.folder / "own.pub").read_text().split()[:2])
        self.manager.beat["debug"] = {"id": number, "keys": [own], "seconds": seconds}
        [said] = until(lambda: [one for one in self._answers() if one["id"] == number], SECONDS)
        (self.folder / "known").write_text(f"[{self.host}]:{self.port} {said['host_key']}\n")

    def _answers(self):
        return [beat["debug"] for beat in self.manager.said("beat") if "debug" in beat]

    def ssh(self, command, key="own", login="root"):
        options = [word for name, value in OPTIONS.items() for word in ("-o", f"{name}={value}")]
        where = ["-p", self.port, f"{login}@{self.host}"]
        words = ["ssh", "-F", "none", "-n", *options, "-i", key, *where, command]
        return subprocess.Popen(words, cwd=self.folder, stdout=-1, stderr=-1, text=True)

    def said(self, command, **how):
        """All that came back."""
        return "".join(self.ssh(command, **how).communicate(timeout=SECONDS))

    def is_answered(self):
        """Whether an SSH server is behind the port."""
        with socket.create_connection((self.host, int(self.port)), timeout=5) as line:
            try:
                return line.recv(4) == b"SSH-"
            except OSError:
                return False


@pytest.mark.proof  # a minute by emulation
def test_one_person_is_in_while_it_is_open_past_the_jobs_end_and_nobody_before_or_after(person, proof):
    assert not person.is_answered()
    person.open(1, seconds=600)
    person.key("strangers")
    came = person.said(f"cat {proof}; id -un; cat /proc/self/cgroup")
    assert came.split() == ["left-by-the-job", "root", "0::/debug"]
    assert REFUSED in person.said("true", key="strangers")
    assert REFUSED in person.said("true", login="nobody")

    inside = person.ssh("touch /tmp/over; sleep 600")
    person.manager.wait("done", seconds=SECONDS)
    assert person.said(f"cat {proof}") == "left-by-the-job\n"
    assert inside.poll() is None
    del person.manager.beat["debug"]
    inside.communicate(timeout=SECONDS)
    assert not person.is_answered()

    person.open(2, seconds=25)
    inside = person.ssh("sleep 600")
    person.manager.down()  # it ends by itself where nobody tells it to
    inside.communicate(timeout=SECONDS)
    assert not person.is_answered()
