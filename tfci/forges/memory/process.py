"""A client's memory in this process alone; shared.py shares it between all."""


class ProcessMemory:
    """Implements the port `Memory`; nothing expires while it lives."""

    def __init__(self) -> None:
        self._values: dict[str, bytes | int] = {}

    def get(self, *keys: str) -> list[bytes | int | None]:
        return [self._values.get(key) for key in keys]

    def put(self, key: str, value: bytes | int, seconds: float) -> None:
        self._values[key] = value

    def add(self, key: str, count: int, seconds: float) -> None:
        known = self._values.get(key)
        self._values[key] = (known if isinstance(known, int) else 0) + count
