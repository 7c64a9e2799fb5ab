"""What only a person can mend, and how it is said."""

from datetime import timedelta

import pytest
from django.urls import resolve

from billing.funds import Average, Funds, Rate
from runners.connections import health
from runners.connections.health_facts import HealthFacts
from runners.reasons.jobs import NoPool
from runners.reasons.labels import SizeTooLarge
from runners.reasons.vm_ends import DiedStarting
from runners.web.views import needs
from tests.builders import NOON, a_connection, a_node, a_pool, a_problem, a_team, a_vm
from tfci.core.reasons import columns
from tfci.core.tft import Tft

RICH = Funds(Tft.parse("100"))


def an_open_connection(served=True, **fields):
    connection = a_connection(**{"name": "kestrel", "last_polled_at": NOON, "way": "poll"} | fields)
    connection.is_served = served
    return assessed(connection)


def assessed(connection):
    facts = HealthFacts()
    return health.Health(connection, facts, tuple(health.signs(connection, facts, NOON)))


def titles(connections=(), funds=RICH, refused=(), team=None):
    found = needs.find(team or a_team(), connections, funds, list(refused), NOON)
    for need in found:
        assert resolve(need.href.partition("?")[0])
    return [(need.look, need.title) for need in found]


@pytest.mark.django_db
class TestNeeds:
    def test_nothing_needs_you_while_all_is_well(self):
        assert titles([an_open_connection()]) == []

    @pytest.mark.parametrize(
        "fields, title",
        [
            ({"problems": a_problem("The token has expired.")}, ("failure", "kestrel needs attention")),
            ({"last_polled_at": NOON - timedelta(minutes=12)}, ("failure", "kestrel needs attention")),
            (
                {"token_ends_at": NOON + timedelta(days=3)},
                ("queued", "The token for kestrel expires in 3 days"),
            ),
            ({"token_ends_at": NOON - timedelta(days=3)}, ("queued", "The token for kestrel has expired")),
            ({"served": False}, ("refused", "No pool takes jobs of kestrel")),
        ],
    )
    def test_what_is_wrong_with_a_link_is_said(self, fields, title):
        assert titles([an_open_connection(**fields)]) == [title]

    def test_a_link_with_two_faults_needs_you_once(self):
        connection = an_open_connection(served=False, problems=a_problem("The token has expired."))
        (need,) = needs.find(a_team(), [connection], RICH, [], NOON)
        assert need.title == "kestrel needs attention"
        assert need.text == "The token has expired. No pool takes jobs of kestrel."

    def test_a_link_that_is_being_taken_away_needs_nobody(self):
        assert titles([an_open_connection(disconnecting_at=NOON, problems=a_problem("gone"))]) == []

    @pytest.mark.parametrize(
        "balance, per_hour, per_day, title",
        [
            ("0", "0", "1", ("failure", "The wallet is empty")),
            ("2", "0", "1", ("queued", "The wallet runs out in 2 days")),
            ("99.5", "93", "0.5", ("queued", "The wallet runs out in 1 h 4 min")),
        ],
    )
    def test_a_low_wallet_is_said(self, balance, per_hour, per_day, title):
        rate, average = Rate(5, Tft.parse(per_hour)), Average(Tft.parse(per_day))
        assert titles(funds=Funds(Tft.parse(balance), rate, average)) == [title]

    @pytest.mark.parametrize(
        "balance, vms, per_hour, sequence",
        [
            (
                "105.4",
                5,
                "93",
                "In 8 min VMs without a job end and no VM starts. Running jobs continue for 1 h 8 min",
            ),
            (
                "46.5",
                5,
                "93",
                "VMs without a job end now, and no VM starts. Running jobs continue for 30 min",
            ),
            ("2", 0, "0", "A VM can only start if the balance covers an hour of it."),
        ],
    )
    def test_it_is_said_when_no_vm_starts_which_is_before_nothing_is_left(
        self, balance, vms, per_hour, sequence
    ):
        funds = Funds(Tft.parse(balance), Rate(vms, Tft.parse(per_hour)), Average(Tft.parse("1")))
        (need,) = needs.find(a_team(), [], funds, [], NOON)
        assert sequence in need.text

    def test_refused_jobs_are_counted_by_reason(self):
        refused = [(NoPool(), 7), (SizeTooLarge(32, 16, "processors"), 1)]
        assert titles(refused=refused) == [("refused", "7 jobs refused"), ("refused", "1 job refused")]

    def test_a_node_that_failed_this_teams_vms_is_said(self):
        pool = a_pool()
        rests = {"blocked_until": NOON + timedelta(minutes=8), **columns(DiedStarting(), "last_failure")}
        node = a_node(node_id=17, failures_in_a_row=3, **rests)
        a_node(node_id=18, failures_in_a_row=3, **rests)  # which this team never tried
        a_vm("deploying", pool, node=node)
        assert titles(team=pool.team) == [("queued", "Node 17 failed 3 times in a row")]

    def test_the_worst_comes_first(self):
        connections = [
            an_open_connection(served=False),
            an_open_connection(name="tidepool", problems=a_problem("Mend it.")),
        ]
        assert [look for look, _ in titles(connections, refused=[(NoPool(), 1)])] == [
            "failure",
            "refused",
            "refused",
        ]
