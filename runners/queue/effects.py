"""What follows from a change, by id: packages return it, doors enqueue it (nudges.py)."""

from dataclasses import dataclass, field, fields


@dataclass(slots=True)
class Effects:
    """Rows that have something to do now. Several are added up, so that each is enqueued once."""

    pools: set[int] = field(default_factory=set)
    servers: set[int] = field(default_factory=set)
    vms: set[int] = field(default_factory=set)
    placed: set[int] = field(
        default_factory=set
    )  # VMs that have a node now: they are stepped before their twin's turn
    twins: set[int] = field(default_factory=set)
    agents: set[int] = field(default_factory=set)  # of these VMs, which wait for an order
    reread: set[int] = field(default_factory=set)
    connections: set[int] = field(default_factory=set)  # to be asked now
    posts: set[int] = field(default_factory=set)  # organisations whose signpost has new labels

    def add(self, other: "Effects") -> None:
        for name in NAMES:
            getattr(self, name).update(getattr(other, name))

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in NAMES)


NAMES = tuple(each_field.name for each_field in fields(Effects))
