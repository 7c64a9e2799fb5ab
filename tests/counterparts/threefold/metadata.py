"""What the stub chain tells of its runtime: metadata of version 14, made of the tables of runtime.py and pallets.py."""

from functools import cache

from scalecodec.base import RuntimeConfigurationObject, ScaleBytes
from scalecodec.type_registry import load_type_registry_preset

from tests.counterparts.threefold.pallets import PALLETS
from tests.counterparts.threefold.runtime import COMPOSITES, EXTENSIONS, VARIANTS

PRIMITIVES = {"bool", "u8", "u16", "u32", "u64", "u128"}
MAP = "Blake2_128Concat"
EXISTENTIAL_DEPOSIT, PREFIX = (500).to_bytes(16, "little"), (42).to_bytes(2, "little")
CONSTANTS = {  # pallet -> [(name, type, value)]
    "System": [("SS58Prefix", "u16", PREFIX)],
    "Balances": [("ExistentialDeposit", "u128", EXISTENTIAL_DEPOSIT)],
}


class Types:
    """All types by their numbers, in the order in which they are first asked for."""

    def __init__(self):
        self.entries, self.numbers, self.variants = [], {}, dict(VARIANTS)

    def number(self, name):
        if name not in self.numbers:
            self.numbers[name] = len(self.entries)
            self.entries.append(None)
            self.entries[self.numbers[name]] = self._entry(name)
        return self.numbers[name]

    def variant(self, name, path, variants):
        """A type of these variants: {name: (index, fields)}."""
        self.variants[name] = (path, variants)
        return self.number(name)

    def fields(self, fields):
        return [
            {"name": name, "type": self.number(kind), "typeName": kind, "docs": []} for name, kind in fields
        ]

    def _entry(self, name):
        path, params, definition = self._described(name)
        kind = {"path": path, "params": params, "def": definition, "docs": []}
        return {"id": self.numbers[name], "type": kind}

    def _described(self, name):
        """(path, parameters, definition)."""
        if name in PRIMITIVES:
            return [], [], {"primitive": name}
        if name == "bytes":
            return [], [], {"sequence": {"type": self.number("u8")}}
        if name == "()":
            return [], [], {"tuple": []}
        if name == "extra":
            return [], [], {"tuple": [self.number(extension) for extension in EXTENSIONS]}
        if name.startswith("["):
            kind, length = name.strip("[]").split("; ")
            return [], [], {"array": {"len": int(length), "type": self.number(kind)}}
        if name.startswith("Vec<"):
            return [], [], {"sequence": {"type": self.number(name[4:-1])}}
        if name.startswith("Compact<"):
            return [], [], {"compact": {"type": self.number(name[8:-1])}}
        if name.startswith("Option<"):
            inner = name[7:-1]
            variants = self._variants({"None": (0, []), "Some": (1, [(None, inner)])})
            return ["Option"], [{"name": "T", "type": self.number(inner)}], variants
        if name in COMPOSITES:
            path, fields = COMPOSITES[name]
            return path.split("."), self._params(name), {"composite": {"fields": self.fields(fields)}}
        path, variants = self.variants[name]
        return path.split("."), [], self._variants(variants)

    def _params(self, name):
        if name != "Extrinsic":
            return []
        parts = {"Address": "Address", "Call": "RuntimeCall", "Signature": "Signature", "Extra": "extra"}
        return [{"name": part, "type": self.number(kind)} for part, kind in parts.items()]

    def _variants(self, variants):
        told = [
            {"name": name, "fields": self.fields(fields), "index": index, "docs": []}
            for name, (index, fields) in variants.items()
        ]
        return {"variant": {"variants": told}}


def _all_of(types, kind, path):
    """The type of all pallets' calls, or events: each pallet's own is a variant of it."""
    mine = {name: pallet for name, pallet in PALLETS.items() if getattr(pallet, kind)}
    for name, pallet in mine.items():
        types.variants[f"{name} {kind}"] = (f"{name}.pallet.{kind.title()[:-1]}", getattr(pallet, kind))
    return types.variant(
        path.split(".")[-1], path, {name: (p.index, [(None, f"{name} {kind}")]) for name, p in mine.items()}
    )


def _entry(types, item, key, value, default=b""):
    hashed = {"hashers": [MAP], "key": types.number(key), "value": types.number(value)} if key else None
    kind = {"Map": hashed} if hashed else {"Plain": types.number(value)}
    modifier = "Default" if default else "Optional"
    shown = f"0x{default.hex() or '00'}"
    return {"name": item, "modifier": modifier, "type": kind, "default": shown, "documentation": []}


def _pallet(types, name, pallet):
    entries = [_entry(types, item, *told) for item, told in pallet.storage.items()]
    errors = {error: (index, []) for error, index in pallet.errors.items()}
    constants = [
        {"name": constant, "type": types.number(kind), "value": f"0x{value.hex()}", "documentation": []}
        for constant, kind, value in CONSTANTS.get(name, [])
    ]
    return {
        "name": name,
        "storage": {"prefix": name, "entries": entries} if entries else None,
        "calls": {"ty": types.number(f"{name} calls")} if pallet.calls else None,
        "event": {"ty": types.number(f"{name} events")} if pallet.events else None,
        "constants": constants,
        "error": {"ty": types.variant(f"{name} errors", f"{name}.pallet.Error", errors)} if errors else None,
        "index": pallet.index,
    }


class Runtime:
    """A SCALE codec that knows these types, the metadata as an object and as hex, and the types' numbers."""

    def __init__(self):
        types = Types()
        for kind, path in (("calls", "RuntimeCall"), ("events", "RuntimeEvent")):
            _all_of(types, kind, f"tfchain_runtime.{path}")
        extensions = [
            {"identifier": n, "ty": types.number(n), "additional_signed": types.number(signed)}
            for n, signed in EXTENSIONS.items()
        ]
        value = {
            "pallets": [_pallet(types, name, pallet) for name, pallet in PALLETS.items()],
            "extrinsic": {"ty": types.number("Extrinsic"), "version": 4, "signed_extensions": extensions},
            "runtime_type": types.number("()"),
        }
        self.codec = RuntimeConfigurationObject(implements_scale_info=True)
        self.codec.update_type_registry(load_type_registry_preset("core"))
        coded = self.codec.create_scale_object("MetadataVersioned").encode(
            ("0x6d657461", {"V14": value | {"types": {"types": types.entries}}})
        )
        self.hex, self.numbers = coded.to_hex(), types.numbers
        self.metadata = self.codec.create_scale_object(
            "MetadataVersioned", data=ScaleBytes(bytes(coded.data))
        )
        self.metadata.decode()
        self.codec.add_portable_registry(self.metadata)

    def encoded(self, kind, value):
        """As bytes."""
        return bytes(self.codec.create_scale_object(f"scale_info::{self.numbers[kind]}").encode(value).data)

    def decoded(self, kind, data, **more):
        coded = self.codec.create_scale_object(kind, data=ScaleBytes(data), **more)
        coded.decode()
        return coded


@cache
def runtime():
    return Runtime()
