"""How a child is started so that it dies with us, and with no more rights than it needs."""

import os

NOBODY = 65534


def leashed(argv: list[str], last_signal: str) -> list[str]:
    """The command, so that the kernel sends it this signal when we die, however we die."""
    return ["setpriv", "--pdeathsig", last_signal, "--", *argv]


def unprivileged(argv: list[str], last_signal: str) -> list[str]:
    """The same for PostgreSQL, which refuses to be root: as nobody, who may pass through root's folders."""
    if os.geteuid() != 0:
        return leashed(argv, last_signal)
    reach = "-all,+dac_override"
    return [
        "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
        f"--inh-caps={reach}", f"--ambient-caps={reach}", f"--bounding-set={reach}",
        "--securebits=+no_setuid_fixup", "--no-new-privs", "--pdeathsig", last_signal, "--", *argv,
    ]  # fmt: skip


def give_to_unprivileged(folder: os.PathLike[str]) -> None:
    """Lets the user that unprivileged() runs as write into the folder."""
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
