"""What a client remembers in this process alone; shared.py shares it between all of them."""


class Own:
    """Keeps the port `Memory`, and forgets nothing while it lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes | int] = {}

    def get(self, *keys: str) -> list[bytes | int | None]:
        return [self._kept.get(key) for key in keys]

    def put(self, key: str, value: bytes | int, seconds: float) -> None:
        self._kept[key] = value

    def add(self, key: str, count: int, seconds: float) -> None:
        known = self._kept.get(key)
        self._kept[key] = (known if isinstance(known, int) else 0) + count
