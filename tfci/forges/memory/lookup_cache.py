"""What a forge's list leaves out is asked for once and remembered, for lists are read several times a second."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from tfci.forges.errors import Gone
from tfci.forges.ports.forge import Memory

T = TypeVar("T")
MOST = 100  # that are asked for in one turn; what is left out comes with the next


class Remembered:
    """Answers by their address. `ask`: (address, shape) -> the answer, or Gone."""

    def __init__(self, ask: Callable[[str, Any], Any], memory: Memory) -> None:
        self._ask, self._memory = ask, memory

    def all(self, paths: Iterable[str], shape: type[T], lasts: float) -> dict[str, T]:
        """Those that are known or could be asked for, each by its address; `lasts`: seconds that it stays true."""
        wanted = sorted(set(paths))
        known = dict(zip(wanted, self._memory.get(*wanted), strict=True)) if wanted else {}
        missing = [path for path in wanted if known[path] is None][:MOST]
        for path in missing:
            with suppress(Gone):
                known[path] = said = msgspec.json.encode(self._ask(path, shape))
                self._memory.put(path, said, lasts)
        return {
            path: msgspec.json.decode(said, type=shape)
            for path, said in known.items()
            if isinstance(said, bytes)
        }

    def one(self, path: str, shape: type[T], lasts: float) -> T:
        """Raises Gone."""
        found = self.all([path], shape, lasts)
        if path not in found:
            raise Gone(f"{path} is not there any more.")
        return found[path]
