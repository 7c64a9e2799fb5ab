"""A connection to a node of ThreeFold's chain, over its websocket: opened at the first call, opened again after an
error."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b

from scalecodec.base import ScaleBytes
from scalecodec.exceptions import RemainingScaleBytesNotEmptyException
from substrateinterface import SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException
from substrateinterface.storage import StorageKey
from websocket import WebSocketException

from tfci.core.untyped import Json
from tfci.grid.addresses import PREFIX
from tfci.grid.payment_ports import StateGone
from tfci.grid.ports import Unavailable

TIMEOUT = 20.0  # seconds for one answer of a node
AT_ONCE = 200  # keys in one query; contracts in one cancel
PLACE = 32  # bytes of a key that say in which list it is
CLIENT_ERROR, DISCARDED = 4003, "state already discarded"  # sc-rpc-api, state/error.rs; sc-client-db
BROKEN = (
    OSError,
    WebSocketException,
    SubstrateRequestException,
    RemainingScaleBytesNotEmptyException,
    LookupError,
    ValueError,
    NotImplementedError,  # the library's, of metadata that it can't read
)


class NodeConnection:
    """To the first of these nodes that answers."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls

    @cached_property
    def _node(self) -> SubstrateInterface:
        errors = []
        for url in self._urls:
            try:
                return _connected(url)
            except BROKEN as error:
                errors.append(f"{url}: {error}")
        raise Unavailable(f"The chain gave no answer: {'; '.join(errors)}.")

    @contextmanager
    def session(self, block_hash: str | None = None) -> Iterator[SubstrateInterface]:
        """A node at this block, or at its newest. Errors become Unavailable, and the next call connects again."""
        node = self._node
        try:
            node.init_runtime(block_hash)
            yield node
        except BROKEN as error:
            if isinstance(error, SubstrateRequestException) and _discarded(error):
                raise StateGone("The chain’s nodes no longer keep what is asked for.") from None
            self.close()
            raise Unavailable(f"The chain gave no answer: {type(error).__name__}: {error}.") from None

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        if node := self.__dict__.pop("_node", None):
            with suppress(*BROKEN):
                node.close()


def read(node: SubstrateInterface, pallet: str, item: str, *key: str | int) -> Json:
    """As it stands after the session's block."""
    return node.query(pallet, item, list(key), block_hash=node.block_hash).value


def block_time(node: SubstrateInterface, block_hash: str | None = None) -> datetime:
    """Of this block, or the session's; in whole seconds, as the chain's bills are."""
    found = node.query("Timestamp", "Now", block_hash=block_hash or node.block_hash).value
    return datetime.fromtimestamp(found // 1000, UTC)


def read_many(
    node: SubstrateInterface, pallet: str, item: str, example: str | int, keys: Sequence[bytes]
) -> Iterator[tuple[bytes, Json]]:
    """The same of many keys, as the chain writes these; nothing for those without a value. `example` is a key, with
    which it is checked that the chain hashes keys as we do: Blake2_128Concat. The library reads all of the metadata
    again for each key. Raises LookupError where it does not."""
    known = {"runtime_config": node.runtime_config, "metadata": node.metadata}
    first = StorageKey.create_from_storage_function(pallet, item, [example], **known)
    place, hashed, raw = first.data[:PLACE], first.data[PLACE : PLACE + 16], first.data[PLACE + 16 :]
    if _hashed(raw) != hashed + raw:
        raise LookupError(f"{item} stand under other keys")
    for some in (keys[at : at + AT_ONCE] for at in range(0, len(keys), AT_ONCE)):
        by_key = {f"0x{(place + _hashed(key)).hex()}": key for key in some}
        answer = node.rpc_request("state_queryStorageAt", [list(by_key), node.block_hash])["result"]
        for block in answer:
            for key, value in block["changes"]:
                if value:
                    yield by_key[key], first.decode_scale_value(ScaleBytes(value)).value


def _hashed(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=16).digest() + raw


def _discarded(error: SubstrateRequestException) -> bool:
    detail = error.args[0] if error.args else None
    return (
        isinstance(detail, dict)
        and detail.get("code") == CLIENT_ERROR
        and DISCARDED in str(detail.get("message")).lower()
    )


def _connected(url: str) -> SubstrateInterface:
    return SubstrateInterface(
        url,
        ss58_format=PREFIX,
        auto_discover=False,
        ws_options={"timeout": TIMEOUT},
        config={"auto_reconnect": False},
    )
