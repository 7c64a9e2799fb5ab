"""Which repositories of an organisation are asked for jobs: GitHub has no list over all of them, and counts calls.

Pure: what is known of each, and the time, go in. First come those that were pushed to and of which no webhook has told
since; then all that were pushed to, once, for a webhook may have told of one job and not of the next; then those whose
jobs we know to be open; then all others in turn, with the calls that are left over.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

import msgspec

UNTOLD = 3.0  # seconds after a push until its webhooks are missed
AGAIN = (0.0, 10.0, 25.0, 60.0)  # seconds after UNTOLD at which such a repository is asked
ONCE = 12.0  # seconds after a push until a repository of which webhooks told is asked all the same
LATELY = 120.0  # what was pushed longer ago is asked in its turn
OPEN, OTHERS = 6, 4  # of those with open jobs, and of all others, in one turn
MOST = 30  # repositories in one turn


class Watched(msgspec.Struct, array_like=True):
    """Times in seconds; 0 for never."""

    pushed: float = 0.0
    asked: float = 0.0
    open: bool = False
    barred: bool = False  # refused, or gone: asked in its turn only


class Watch(msgspec.Struct):
    """All that is remembered of an organisation's repositories, by full name."""

    repositories: dict[Annotated[str, msgspec.Meta(max_length=300)], Watched] = {}
    listed: float = 0.0  # the newest push that the list has shown
    whole: bool = False  # the list was once read to its end

    def note(self, pushes: Iterable[tuple[str, float]]) -> None:
        for name, pushed in pushes:
            known = self.repositories.setdefault(name, Watched())
            if pushed > known.pushed:
                known.pushed, known.barred = pushed, False
            self.listed = max(self.listed, pushed)

    def pushed(self, now: float) -> list[str]:
        """Those whose newest push may be untold; whoever asks looks up when a webhook told of each last."""
        since = now - UNTOLD - AGAIN[-1]
        return [
            name
            for name, one in self.repositories.items()
            if since <= one.pushed <= now - UNTOLD and not one.barred and _is_due(one, now)
        ]

    def choose(self, now: float, told: Mapping[str, float]) -> list[str]:
        """Whom to ask now. `told`: when a webhook told last of each that `pushed` named."""
        untold = [name for name in self.pushed(now) if told.get(name, 0.0) < self.repositories[name].pushed]
        open_ones = self._oldest(lambda one: one.open and not one.barred)[:OPEN]
        others = self._oldest(lambda one: not one.open)[:OTHERS]
        untold.sort(key=lambda name: self.repositories[name].pushed)
        return list(dict.fromkeys([*untold, *self._once(now), *open_ones, *others]))[:MOST]

    def _once(self, now: float) -> list[str]:
        return [
            name
            for name, one in self.repositories.items()
            if now - LATELY <= one.pushed <= now - ONCE and one.asked < one.pushed + ONCE and not one.barred
        ]

    def _oldest(self, wanted: Callable[[Watched], bool]) -> list[str]:
        """Whom nobody has asked for longest."""
        found = [name for name, one in self.repositories.items() if wanted(one)]
        return sorted(found, key=lambda name: self.repositories[name].asked)

    def asked(self, name: str, now: float, *, open: bool, barred: bool = False) -> None:
        one = self.repositories[name]
        one.asked, one.open, one.barred = now, open, barred


def _is_due(one: Watched, now: float) -> bool:
    """Whether a question of AGAIN is due that was not asked yet."""
    return any(one.asked < one.pushed + UNTOLD + after <= now for after in AGAIN)
