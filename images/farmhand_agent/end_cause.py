"""Why an engine ended or did not start: the protocol's cause, and a sentence."""


class NoStart(Exception):
    """The engine can't be started; `cause` in the protocol's words."""

    def __init__(self, cause, sentence):
        super().__init__(sentence)
        self.cause = cause


def end_cause(code, requested=None, out_of_memory=False, disk_full=False, refused=0, no_network=""):
    """(cause, sentence). `requested` is the same if we ended it; `refused` the bound of processes where it was
    reached; `no_network` the engine's last line, where that reports a network failure."""
    if requested:
        cause, sentence = requested
        return cause, f"{sentence} It had reached the limit of {refused} processes." if refused else sentence
    if out_of_memory:
        return "out_of_memory", "Memory ran out and the kernel ended a process."
    if disk_full:
        return "disk_full", "The disk was full."
    if refused:
        return "too_many_processes", f"The limit of {refused} processes was reached."
    if code < 0:
        return "killed", f"Signal {-code} ended the engine."
    if code > 0 and no_network:
        return "network_lost", f"The engine lost its forge: {no_network}"
    if code > 0:
        return "engine_failed", f"The engine gave up with exit code {code}."
    return "exited", "The engine ended by itself."
