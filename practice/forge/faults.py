"""Refusals, as the doors turn them into answers."""


class Fault(Exception):
    """The caller gets `status` with this message; `errors` is a list that Gitea adds to some of its 404."""

    def __init__(self, status: int, message: str = "", errors: list[str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


class Unrouted(Fault):
    """No handler: 404 where the path is unknown, 405 where it has other methods."""


def not_found(*errors: str, message: str = "not found") -> Fault:
    return Fault(404, message, list(errors))
