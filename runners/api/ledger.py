"""The ledger: every movement of TFT."""

from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from billing import ledger
from runners.api import lists, problems
from runners.api.access import Bearer
from runners.api.shapes import Id, Text, Tft, Time

router = Router()
READ = Bearer("spend.read")
FILTERS = {
    "vm": "vm_id",
    "job": "job_id",
    "pool": "pool_id",
    "kind": "kind",
    "repository": "repository__iexact",
}


class LedgerAsked(lists.Asked):
    kind: Literal["grant", "deposit", "charge"] | None = None
    vm: Id | None = None
    job: Id | None = None
    pool: Id | None = None
    repository: Text | None = None


class EntryShown(Schema):
    id: int
    at: Time
    kind: str
    amount: Tft = Field(description="Negative: spent.")
    vm_id: int | None
    job_id: int | None
    pool_id: int | None
    repository: str = Field(description="Of the job; empty for boot and idle time.")


@router.get("", auth=READ, response={200: lists.Page[EntryShown]} | problems.told())
def list_ledger(request: HttpRequest, asked: Query[LedgerAsked]):
    """Newest first. The amounts add up to the balance."""
    return lists.page(request, ledger.entries(request.team).filter(**lists.lookups(asked, FILTERS)), asked)
