"""A pool as a configuration for tfrobot, and its groups as pools."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices

from runners.jobs.labels import Size
from runners.models import Pool
from runners.pools import changes
from runners.pools.tfrobot import block, writer
from runners.pools.tfrobot.writer import Image, NodeGroup, Settings
from runners.queue.effects import Effects
from tfci.accounts.audit import Actor
from tfci.forges.models import Connection
from tfci.grid import registry

RULE = ("certified", "min_success_percent", "max_price", "pack")
EMPTY: tuple[object, ...] = (None, "", [], {})
IMAGE_NOTE = (
    "The image starts Farmhand's agent, which waits for a job only in VMs that Farmhand itself creates."
)
NO_IMAGE_NOTE = "The image is tfrobot's example, without Farmhand's agent: no image is set (FARMHAND_FLIST)."


@dataclass(frozen=True, slots=True)
class PoolDraft:
    """A pool that is checked and not made yet, and what it is for."""

    pool: Pool
    connections: Iterable[Connection]


def exported(pool: Pool, ssh_key: str = "", counts: Mapping[Size, int] | None = None) -> str:
    """YAML that tfrobot accepts, without a secret; with these VMs in place of those that are kept ready. Raises
    robotfile.Impossible."""
    region, notes = _region(pool)
    own = settings(pool)
    group = NodeGroup(
        writer.group_name(pool.name),
        counts or vms(pool),
        nodes=pool.min_distinct_nodes,
        certified=bool((pool.nodes.get("rule") or {}).get("certified")),
        region=region,
        settings={name: value for name, value in own.items() if value not in EMPTY},
    )
    image = registry.image()
    above = [
        f"The pool {pool.name} of Farmhand. Replace the SSH key with your own.",
        *([] if counts else _counts_note(pool)),
        *notes,
        *_ignored_notes(own),
        IMAGE_NOTE if image else NO_IMAGE_NOTE,
    ]
    return writer.write(
        [group],
        network=registry.network(),
        image=Image(*image) if image else writer.BASE,
        ssh_key=ssh_key,
        notes=above,
    )


def settings(pool: Pool) -> Settings:
    """All of a pool's own settings but its position, named as the fields of its form."""
    rule = pool.nodes.get("rule") or {}
    connections = sorted(pool.connections.values_list("name", flat=True)) if pool.pk else []
    nodes = {"node_ids": pool.nodes.get("ids", [])} | {key: pool.nodes.get(key, []) for key in _CHOICES[1:]}
    values = nodes | {key: rule.get(key) for key in RULE} | {"connections": connections}
    for name in block.READERS:
        if name not in values:
            value = getattr(pool, name)
            values[name] = str(value) if isinstance(value, TextChoices) else value
    return {name: values[name] for name in block.READERS}


def _ignored_notes(own: Settings) -> list[str]:
    """Which of the pool's settings tfrobot does not follow."""
    names = block.ignored_by_tfrobot(own, settings(Pool()))
    if not names:
        return []
    return [
        f"tfrobot ignores these settings of the pool: {', '.join(names)}.",
        f"They are under {writer.BLOCK}, from which Farmhand restores the whole pool when it imports this file.",
    ]


def tried(pool: Pool, counts: Mapping[Size, int]) -> tuple[str, str]:
    """The file of these VMs, or why tfrobot can't be asked for them; both "" where there are none."""
    try:
        return (exported(pool, counts=counts), "") if counts else ("", "")
    except writer.Impossible as error:
        return "", str(error)


def vms(pool: Pool) -> dict[Size, int]:
    """As many of each size as are kept ready; tfrobot makes no VM on demand, so one of each where none is."""
    kept = {Size.parse(size): count for size, count in pool.min_vms.items() if count}
    return kept or {Size.parse(size): 1 for size in pool.sizes}


def _region(pool: Pool) -> tuple[str, list[str]]:
    """tfrobot can be told one region, in small letters, or none."""
    regions = pool.nodes.get("regions", [])
    if len(regions) == 1 and not any(pool.nodes.get(key) for key in ("ids", "farms", "countries")):
        return regions[0].lower(), []
    named = [f"{key} {', '.join(map(str, pool.nodes[key]))}" for key in _CHOICES if pool.nodes.get(key)]
    return "", [
        f"Not applied by tfrobot: {'; '.join(named)}. It supports one region, and no nodes, farms or countries."
    ] if named else []


_CHOICES = ("ids", "farms", "countries", "regions")


def _counts_note(pool: Pool) -> list[str]:
    if any(pool.min_vms.values()):
        return ["vms_count is the number of VMs. tfrobot creates none on demand."]
    return ["The pool keeps no VM ready. tfrobot creates none on demand, so here is one VM of each size."]


@transaction.atomic
def make(drafts: Iterable[PoolDraft], who: Actor, now: datetime) -> Effects:
    """All of these pools, or none. Raises pools.Taken."""
    effects = Effects()
    for draft in drafts:
        effects.add(changes.create(draft.pool, draft.connections, who, now))
    return effects
