"""Refusals, as the doors turn them into answers."""


class Fault(Exception):
    """The caller gets `status` with this message."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def not_found(message: str = "not found") -> Fault:
    return Fault(404, message)
