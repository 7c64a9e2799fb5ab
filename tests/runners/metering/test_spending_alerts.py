"""Alerts: one mail a crossing, and a notice on each page while it holds."""

from datetime import timedelta

import pytest

from billing import ledger
from billing.models import SpendingAlert
from runners.models import Pool
from runners.tasks import upkeep
from tests.builders import NOON, a_limit, a_membership, a_pool, a_user, a_wallet
from tests.runners.vms.test_lifecycle import a_busy
from tests.worlds import a_world
from tfci.accounts.models import Role
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def team():
    team = a_pool(name="linux").team
    for role in Role.values:
        a_membership(team, a_user(f"{role}@example.org"), role)
    return team


@pytest.fixture
def watch(time_machine, mailoutbox):
    """What one turn of the schedule mails to the owner."""

    def turn(at):
        time_machine.move_to(at, tick=False)
        mailoutbox.clear()
        upkeep.watch_limits()
        return [mail.subject.partition(": ")[2] for mail in mailoutbox if mail.to == ["owner@example.org"]]

    return turn


def spend(wallet, tft, at=NOON):
    wallet.refresh_from_db()
    ledger.charge(wallet, f"{at}:{tft}", Tft.parse(tft), at, use="job")


def test_each_percent_of_a_limit_is_mailed_once(team, watch, client):
    wallet, limit = a_wallet(team, tft="100000"), a_limit(team)
    client.force_login(team.memberships.get(role="viewer").user)
    page = f"/t/{team.slug}/pools/"
    assert watch(NOON) == []
    spend(wallet, "5.5")
    assert watch(NOON) == ["50 % of a spending limit is used"]
    assert "50 % of a spending limit is used." in client.get(page).text
    assert watch(NOON) == []
    spend(wallet, "5")  # over two at once
    assert watch(NOON) == ["a spending limit is reached"]
    assert "A spending limit is reached." in client.get(page).text
    limit.amount = Tft.parse("20")  # 52 %
    limit.save()
    assert watch(NOON) == ["50 % of a spending limit is used"]
    assert "50 % of a spending limit is used." in client.get(page).text
    assert watch(NOON + DAY) == []
    assert "spending limit" not in client.get(page).text
    limit.delete()
    assert SpendingAlert.objects.count() == 0


def test_mails_go_to_owners_and_admins_and_say_which_limit(team, watch, mailoutbox):
    limit = a_limit(team, scope="repository", repository="acme/app")
    ledger.charge(
        a_wallet(team, tft="100000"), "spent", Tft.parse("10"), NOON, use="job", repository="acme/app"
    )
    watch(NOON)
    assert sorted(mail.to[0] for mail in mailoutbox) == ["admin@example.org", "owner@example.org"]
    text = mailoutbox[0].body
    assert "has spent 10.0000000 TFT: the spending limit of 10 TFT a day for acme/app is reached." in text
    assert "No new VM starts for it until it renews" in text
    assert f"/t/{team.slug}/spend/limits/" in text
    assert SpendingAlert.objects.filter(limit=limit).count() == 3


def test_a_mail_that_no_server_took_is_sent_again(team, watch, monkeypatch):
    a_limit(team)
    spend(a_wallet(team, tft="100000"), "6")
    with monkeypatch.context() as patch:
        patch.setattr("runners.connections.notices.send_mail", lambda *_: (_ for _ in ()).throw(OSError()))
        assert watch(NOON) == []
    assert watch(NOON) == ["50 % of a spending limit is used"]


def test_days_left_are_mailed_once_until_a_top_up(team, watch, client):
    """24 TFT on one day count as a day's: 1 TFT an hour."""
    wallet = a_wallet(team, tft="300")
    client.force_login(team.memberships.get(role="viewer").user)
    page = f"/t/{team.slug}/pools/"
    spend(wallet, "24", NOON - 2 * HOUR)
    assert watch(NOON) == []  # 276: 11 days
    spend(wallet, "140", NOON - 29 * DAY)  # 136: not in the forecast
    assert watch(NOON) == ["the balance runs out in less than 7 days"]
    assert "the balance runs out in less than 7 days" in client.get(page).text
    assert watch(NOON + HOUR) == []
    spend(wallet, "116", NOON - 29 * DAY)  # 20, over two at once
    assert watch(NOON) == ["the balance runs out in less than 1 day"]
    ledger.deposit(wallet, "payment", Tft.parse("100"), NOON)  # 120
    assert watch(NOON) == ["the balance runs out in less than 7 days"]
    ledger.deposit(wallet, "another", Tft.parse("1000"), NOON)
    assert watch(NOON) == []
    assert "the balance runs out in" not in client.get(page).text


def test_a_job_over_a_limit_per_job_is_mailed_once_a_day(team, watch, mailoutbox):
    _, forge, _, _ = a_world()
    _, runner = a_busy(forge, pool=Pool.objects.get(team=team))
    a_limit(team, "2", period="job")
    assert watch(NOON + HOUR) == ["a job is over its spending limit"]
    assert f"/t/{team.slug}/jobs/{runner.job_id}/" in mailoutbox[0].body
    assert "has cost 2.125" in mailoutbox[0].body
    assert watch(NOON + 2 * HOUR) == []
