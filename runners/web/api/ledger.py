"""The ledger: every movement of TFT."""

from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field

from billing import ledger
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Id, Text, Tft, Time, UseName
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("spend.read")
FILTERS = {
    "vm": "vm_id",
    "job": "job_id",
    "pool": "pool_id",
    "kind": "kind",
    "repository": "repository__iexact",
    "use": "use",
}


class LedgerQuery(lists.ListQuery):
    kind: Literal["grant", "deposit", "charge", "withdrawal"] | None = None
    vm: Id | None = None
    job: Id | None = None
    pool: Id | None = None
    repository: Text | None = None
    use: UseName | None = None


class EntryShown(Schema):
    id: int
    at: Time
    kind: str
    amount: Tft = Field(description="Negative: spent.")
    use: Annotated[UseName | None, BeforeValidator(lambda use: use or None)] = Field(
        description="What the VM's time was used for; null if the entry is not a charge."
    )
    vm_id: int | None
    job_id: int | None = Field(
        description="For its own time and, when its VM is gone, its share of boot, idle, refresh and teardown."
    )
    pool_id: int | None
    repository: str = Field(description="Repository of the job; empty if there is none.")


@router.get("", auth=READ, response={200: lists.Page[EntryShown]} | problems.responses())
def list_ledger(request: TokenRequest, query: Query[LedgerQuery]) -> dict[str, Any]:
    """Newest first. The amounts add up to the balance."""
    return lists.page(request, ledger.entries(request.team).filter(**lists.lookups(query, FILTERS)), query)
