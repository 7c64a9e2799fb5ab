"""Which packages there are, on which layers, and which imports which: read from the code and from its contracts."""

from configparser import ConfigParser
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/images/architecture.svg"
SITE, WIRING = "tfci", ("urls", "urls_agents", "asgi", "wsgi")
BELOW = {"tfci.management": "practice"}  # a program of its own, below the only one that knows it


@dataclass(frozen=True)
class Packages:
    """`layers` from top to bottom; `imports`: (importer, imported), without those that follow from others."""

    layers: list[list[str]]
    imports: set[tuple[str, str]]


def read() -> Packages:
    layers = _layers()
    names = [name for layer in layers for name in layer]
    graph = grimp.build_graph(*sorted({name.partition(".")[0] for name in names}), cache_dir=None)
    found = {
        (importer, imported)
        for importer in names
        for imported in names
        if importer != imported and _imports(graph, importer, imported)
    }
    return Packages(layers, _reduced(found))


def _layers() -> list[list[str]]:
    """Those of the product, with those inside `runners` in place of it."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")
    inner = [[f"runners.{name}" for name in layer] for layer in _named(contracts, "runners")]
    rows: list[list[str]] = []
    for layer in _named(contracts, "product"):
        rows += inner if layer == ["runners"] else [_packages(layer)]
    for above, below in pairwise(rows):
        below += [BELOW[name] for name in above if name in BELOW]
    return rows


def _named(contracts: ConfigParser, contract: str) -> list[list[str]]:
    lines = contracts[f"importlinter:contract:{contract}"]["layers"].split("\n")
    return [line.replace(":", "|").replace(" ", "").split("|") for line in lines if line]


def _packages(layer: list[str]) -> list[str]:
    packages = [name for name in layer if (ROOT / name.replace(".", "/")).is_dir()]
    return [SITE, *packages] if len(packages) < len(layer) else packages


def _imports(graph: grimp.ImportGraph, importer: str, imported: str) -> bool:
    """Whether a module of the one imports a module of the other."""
    ours, theirs = _modules(graph, importer), _modules(graph, imported)
    return any(theirs & graph.find_modules_directly_imported_by(module) for module in ours)


def _modules(graph: grimp.ImportGraph, name: str) -> set[str]:
    if name == SITE:
        return {f"{SITE}.{module}" for module in WIRING}
    return {name, *graph.find_descendants(name)}


def _reduced(imports: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Without each that can be reached by two or more of the others."""
    return {pair for pair in imports if not _leads(imports - {pair}, *pair)}


def _leads(imports: set[tuple[str, str]], start: str, end: str) -> bool:
    reached = {start}
    while more := {imported for importer, imported in imports if importer in reached} - reached:
        reached |= more
    return end in reached


def rising(packages: Packages) -> list[tuple[str, str]]:
    """Imports that lead up or aside: none, as long as the contracts hold."""
    row = {name: number for number, layer in enumerate(packages.layers) for name in layer}
    return sorted((a, b) for a, b in packages.imports if row[a] >= row[b])
