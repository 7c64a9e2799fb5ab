"""The sender's figures and deliveries are what they say."""

import email.parser

from tests.bench.deliveries import Deliveries
from tests.bench.figures import percentile, shares, verdict
from tfci.core.secret import Secret
from tfci.forges.gitea.client import GiteaHooks


def taken_apart(request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Request line, headers and body as a server reads them."""
    head, body = request.split(b"\r\n\r\n", 1)
    line, _, lines = head.decode().partition("\r\n")
    return line, dict(email.parser.HeaderParser().parsestr(lines)), body


def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed():
    values = [5, 1, 4, 2, 3]
    assert [percentile(values, share) for share in (0.2, 0.5, 0.95, 1)] == [1, 3, 5, 5]


def test_shares_add_up_to_the_whole():
    lines = shares({"one": [1.0, 1.0], "two": [3.0, 3.0]})
    assert [line.split()[-2] for line in lines] == ["25.0", "75.0"]


def test_a_target_is_kept_or_missed():
    assert verdict(0.4, 0.5).endswith("kept")
    assert verdict(0.5, 0.5).endswith("MISSED")
    assert verdict(0.7, 0.7, least=True).endswith("kept")


def test_a_delivery_is_one_that_a_gitea_might_send():
    hooks, [sent] = GiteaHooks(), Deliveries("/hooks/x", "s3cret", "large").make(1)
    line, headers, body = taken_apart(sent.request)
    assert line == "POST /hooks/x HTTP/1.1"
    assert int(headers["Content-Length"]) == len(body)
    assert hooks.authentic(headers, body, Secret("s3cret"))
    [job] = hooks.read(headers, body).jobs
    assert (job.job_id, job.status, job.labels) == (sent.job_id, "queued", ("large",))


def test_each_delivery_is_of_another_job_and_its_end_of_the_same():
    hooks, supply = GiteaHooks(), Deliveries("/hooks/x", "s3cret")
    queued = supply.make(3)
    assert len({delivery.job_id for delivery in queued}) == 3
    ends = supply.ends(queued)
    assert [end.job_id for end in ends] == [delivery.job_id for delivery in queued]
    _, headers, body = taken_apart(ends[0].request)
    [job] = hooks.read(headers, body).jobs
    assert (job.status, job.conclusion) == ("completed", "cancelled")
