"""Teams that ask for TFT, on the operator's page."""

from billing import credit_requests
from tests.people import client_of


def test_a_request_is_listed_declined_with_a_reason_and_the_team_reads_it(house, operator):
    member = client_of("member", house.team)
    member.post(f"/t/{house.team.slug}/spend/ask/", {"note": "50 TFT for the release"})
    assert "50 TFT for the release" in operator.get("/operator/requests/").text
    request = credit_requests.open_requests().get()
    operator.post(f"/operator/requests/{request.pk}/decline/", {"why": ""})
    assert credit_requests.open_requests().exists()
    operator.post(f"/operator/requests/{request.pk}/decline/", {"why": "Write to billing@example.org first."})
    assert "No open request" in operator.get("/operator/requests/").text
    assert "Write to billing@example.org first." in member.get(f"/t/{house.team.slug}/spend/").text


def test_a_second_request_while_one_is_open_changes_nothing(house):
    member = client_of("member", house.team)
    for said in ("The request was sent to the operator", "already an open request"):
        assert said in member.post(f"/t/{house.team.slug}/spend/ask/", {}, follow=True).text
