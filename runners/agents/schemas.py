"""What a VM's agent may send (docs/design/agent-protocol.md): read and bounded here, before anything else sees it.

Whoever is root in a VM can send as its agent. What no agent of ours sends (another type, a number that no column holds,
a list without end) is refused. Texts and measurements of a real one may be odd: a text is cut, and loses the null
characters that PostgreSQL refuses; a measurement is brought within its bounds.
"""

from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

MAX_BODY = 64 * 1024  # bytes of one call
TAIL = 16 * 1024  # characters
SENTENCE = 1000  # characters
MAX_KILLS = 2**31 - 1
MAX_LOAD = 100_000.0

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Word = Annotated[str, Meta(max_length=100, pattern=r"^[^\x00]*$")]
Call = TypeVar("Call", bound=msgspec.Struct)
Share: TypeAlias = float
MiB: TypeAlias = float
Bytes: TypeAlias = float
Sample = tuple[
    float, Share, Share, MiB, MiB, float, float
]  # docs/design/agent-protocol.md: ago, cpu, steal, …


class UnreadableReport(Exception):
    """Not a valid report; str() is the fault."""


class Claim(msgspec.Struct):
    """A VM's first call. `key` is made by its agent in memory; only its digest is kept."""

    vm: Id
    token: Annotated[str, Meta(max_length=200)]
    key: Annotated[str, Meta(max_length=200)]
    engines: Annotated[dict[Word, Word], Meta(max_length=50)] = {}
    image: Any = None  # vms/images.py bounds it
    killed: Annotated[int, Meta(ge=0, le=255)] = 0  # the signal that ended the agent before this one


class DebugReport(msgspec.Struct):
    id: Id
    host_key: str = ""
    said: str = ""

    def __post_init__(self) -> None:
        self.said = clean(self.said)[:SENTENCE]


class Heartbeat(msgspec.Struct):
    phase: Annotated[str, Meta(max_length=10, pattern=r"^[a-z]*$")]
    samples: Annotated[list[Sample], Meta(max_length=100)] = []
    load: float = 0.0
    oom_kills: int = 0
    tail: str = ""
    boot: str = ""
    answers: bool | None = None
    debug: DebugReport | None = None

    def __post_init__(self) -> None:
        self.tail, self.boot = clean(self.tail)[-TAIL:], clean(self.boot)[-TAIL:]
        self.samples = [
            (ago, share(cpu), share(steal), memory, disk, received, sent)
            for ago, cpu, steal, memory, disk, received, sent in self.samples
        ]
        self.load = min(max(self.load, 0.0), MAX_LOAD)
        self.oom_kills = min(max(self.oom_kills, 0), MAX_KILLS)


class Started(msgspec.Struct):
    order: Id
    ago_s: Annotated[float, Meta(ge=0, le=86400)] = 0.0


class ReportedUsage(msgspec.Struct):
    cpu_mean: Share
    cpu_peak: Share
    memory_peak: MiB
    disk_peak: MiB
    received: Bytes
    sent: Bytes

    def __post_init__(self) -> None:
        self.cpu_mean, self.cpu_peak = share(self.cpu_mean), share(self.cpu_peak)


class Done(msgspec.Struct):
    order: Id
    cause: Annotated[str, Meta(max_length=20, pattern=r"^[a-z_]+$")]
    said: str = ""
    exit_code: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] | None = None
    tail: str = ""
    used: dict[
        str, float
    ] = {}  # as ReportedUsage has it, or empty where the order was too short to be measured

    def __post_init__(self) -> None:
        self.said, self.tail = clean(self.said)[:SENTENCE], clean(self.tail)[-TAIL:]
        if self.used:
            self.used = msgspec.to_builtins(msgspec.convert(self.used, ReportedUsage))


def read(body: bytes, shape: type[Call]) -> Call:
    """The body as this call's. Raises UnreadableReport."""
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableReport(str(error)) from None
    except RecursionError:
        raise UnreadableReport("This is nested too deeply.") from None


def share(number: float) -> Share:
    """Within 0 and 1."""
    return min(max(number, 0.0), 1.0)


def clean(text: str) -> str:
    """As PostgreSQL takes it."""
    return text.replace("\x00", "")
