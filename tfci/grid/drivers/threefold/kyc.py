"""ThreeFold's verification of people: whether the owner of a twin has shown who they are. Nodes ask the same before
they deploy (threefoldtech/zosbase, pkg/provision/engine.go). Answers are threefoldtech/tf-kyc-verifier's."""

from http import HTTPStatus

import msgspec

from tfci.core.http_client import Client, FetchError, Policy
from tfci.grid.ports import Unavailable


def address(network: str) -> str:
    """As nodes have it (zosbase, pkg/environment/environment.go)."""
    return "https://kyc.threefold.me" if network == "main" else f"https://kyc.{network}.grid.tf"


class KycStatus(msgspec.Struct, frozen=True):
    status: str


class KycAnswer(msgspec.Struct, frozen=True):
    result: KycStatus


class Kyc:
    def __init__(self, url: str, policy: Policy) -> None:
        self._client = Client(url, policy)

    def verified(self, twin_id: int) -> bool:
        try:
            answer = self._client.request("GET", "/api/v1/status", params={"twin_id": twin_id})
            if answer.status == HTTPStatus.NOT_FOUND:
                return False
            return msgspec.convert(answer.json(), KycAnswer).result.status == "VERIFIED"
        except (FetchError, msgspec.ValidationError) as error:
            raise Unavailable(f"The grid’s verification service (KYC) gave no answer: {error}") from None
