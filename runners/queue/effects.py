"""What follows from a change, by id: packages return it, doors enqueue it (nudges.py)."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Effects:
    pools: set[int] = field(default_factory=set)
    vms: set[int] = field(default_factory=set)
    reread: set[int] = field(default_factory=set)
    orgs: set[int] = field(default_factory=set)  # to be asked now
    posts: set[int] = field(default_factory=set)  # organisations whose signpost has new labels

    def add(self, other: "Effects") -> None:
        self.pools |= other.pools
        self.vms |= other.vms
        self.reread |= other.reread
        self.orgs |= other.orgs
        self.posts |= other.posts
