"""Pools as configurations of tfrobot, and back."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from runners.models import Pool
from runners.pools import changes
from runners.pools.tfrobot import exchange, keys, writer
from runners.queue import nudges
from runners.web.api import pools, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Id, Said, Text
from runners.web.forms import RobotForm
from tfci.accounts.requests import TokenRequest

router = Router()
READ, CHANGE = Bearer("pools.read"), Bearer("pools.change")
YAML = "application/yaml"
Yaml = Annotated[str, Field(json_schema_extra={"contentMediaType": YAML})]


class ExportQuery(Said):
    ssh_key: Text = Field("", description="Your public key. Default: a generated key that nobody can use.")


class Configuration(Said):
    tfrobot: str = Field(description="A tfrobot configuration in YAML or JSON.")
    name: str = Field("", description="Name of the pool; with several pools, the first part of their names.")
    connections: list[Id] = Field([], description="Connections whose jobs the pools take; empty: all.")
    dry_run: bool = Field(False, description="Only preview the result.")


class Line(Schema):
    line: int
    key: str
    did: Literal["taken", "translated", "ignored"]
    said: str


class Draft(Schema):
    """A pool that would be, or was, created."""

    id: int | None
    name: str
    labels: list[str]
    sizes: list[str]
    min_vms: dict[str, int]
    max_vms: int
    min_distinct_nodes: int


class Report(Schema):
    made: bool
    pools: list[Draft]
    report: list[Line] = Field(description="Result for each key of the file.")


@router.get("/{int:pk}/tfrobot", auth=READ, response={200: Yaml} | problems.responses(404))
def export_pool(request: TokenRequest, pk: int, query: Query[ExportQuery]) -> HttpResponse:
    """The pool as a tfrobot configuration in YAML, without secrets."""
    pool = pools.one(request, pk)
    try:
        key = keys.public_key(query.ssh_key) if query.ssh_key else ""
        return HttpResponse(exchange.exported(pool, key), content_type=f"{YAML}; charset=utf-8")
    except keys.Refuse as error:
        raise problems.invalid({"ssh_key": [f"It {error}."]}) from None
    except writer.Impossible as error:
        raise problems.Stop(422, str(error)) from None


@router.post(
    "/import", auth=CHANGE, response={200: Report, 201: Report} | problems.responses(*problems.BODY, 409)
)
def import_pools(request: TokenRequest, body: Configuration) -> Status[dict[str, Any]]:
    """Each node group becomes a pool. Either all pools are created or none."""
    form = RobotForm(request.team, body.model_dump(exclude={"dry_run"}))
    problems.validated(form)
    if body.dry_run:
        return Status(200, _report(form, made=False))
    try:
        nudges.follow(exchange.make(form.drafts, request.auth, timezone.now()))
    except changes.PoolNameTaken:
        raise problems.invalid(
            {"name": ["A pool with this name already exists. Choose another name."]}, 409
        ) from None
    return Status(201, _report(form, made=True))


def _report(form: RobotForm, *, made: bool) -> dict[str, Any]:
    return {"made": made, "pools": [_draft(draft.pool) for draft in form.drafts], "report": form.report}


def _draft(pool: Pool) -> dict[str, Any]:
    plain = {name: getattr(pool, name) for name in Draft.model_fields if name not in ("id", "labels")}
    return plain | {"id": pool.pk, "labels": pool.anchors}
