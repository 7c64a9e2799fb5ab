"""Acts that come signed, as bytes: whose, with which number, until when. As JSON; nobody checks a signature here, the
caller shows the words that the account is a digest of."""

import json
from hashlib import blake2b, sha256

from practice.chain.acts import Act, Era
from practice.chain.addresses import AccountId
from practice.chain.blocks import NO_HASH
from practice.chain.calls import CALLS
from practice.chain.tree import Chain
from practice.chain.writing import read as read_call

ERA = 64  # blocks
SIZE = 140  # bytes of a signed act, about


def account_of(words: str) -> AccountId:
    return sha256(words.encode()).digest()


def read(data: str, chain: Chain) -> Act:
    """For this chain's next block. Raises ValueError for what is no act."""
    raw = bytes.fromhex(data.removeprefix("0x"))
    try:
        about = json.loads(raw)
        account, nonce, born = bytes.fromhex(about["account"]), int(about["nonce"]), int(about["born"])
        call = read_call(about["call"])
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no act: {error}") from None
    if type(call) not in CALLS:
        raise ValueError("no act: this is no call")
    digest = blake2b(raw, digest_size=32).digest()
    checkpoint = chain.hash_at(born) or NO_HASH
    return Act(account, nonce, call, digest, checkpoint, chain.state.terms.spec, Era.at(born, ERA), size=SIZE)
