"""A cache of facts that a forge's lists lack: lists are read several times a second."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from tfci.forges.errors import Gone
from tfci.forges.ports.forge import Memory

T = TypeVar("T")
MAX_LOOKUPS = 100  # in one turn; the others follow in the next


class LookupCache:
    """Answers by their address. `fetch`: (address, shape) -> the answer, or Gone."""

    def __init__(self, fetch: Callable[[str, Any], Any], memory: Memory) -> None:
        self._fetch, self._memory = fetch, memory

    def all(self, paths: Iterable[str], shape: type[T], ttl: float) -> dict[str, T]:
        """Those that are cached or could be fetched, each by its address; `ttl`: seconds that it stays valid."""
        wanted = sorted(set(paths))
        known = dict(zip(wanted, self._memory.get(*wanted), strict=True)) if wanted else {}
        missing = [path for path in wanted if known[path] is None][:MAX_LOOKUPS]
        for path in missing:
            with suppress(Gone):
                known[path] = encoded = msgspec.json.encode(self._fetch(path, shape))
                self._memory.put(path, encoded, ttl)
        return {
            path: msgspec.json.decode(encoded, type=shape)
            for path, encoded in known.items()
            if isinstance(encoded, bytes)
        }

    def one(self, path: str, shape: type[T], ttl: float) -> T:
        """Raises Gone."""
        found = self.all([path], shape, ttl)
        if path not in found:
            raise Gone(f"{path} is not there any more.")
        return found[path]
