"""Where somebody is signed in."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.builders import a_membership, a_user
from tfci.accounts import sign_ins

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
EDGE = CHROME + " Edg/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1"


@pytest.fixture
def user():
    cache.clear()
    user = a_user("ana@example.org", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    a_membership(user=user, role="owner")
    return user


def signed_in(user, agent=FIREFOX):
    client = Client(headers={"user-agent": agent})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def alive(client):
    return client.get(reverse("profile")).status_code == 200


@pytest.mark.parametrize(
    "agent, words",
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (EDGE, "Edge on Windows"),
        (IPHONE, "Safari on iPhone"),
        ("curl/8.5", "curl/8.5"),
        ("x" * 200, "x" * 60),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_in_words(agent, words):
    assert sign_ins.browser(agent) == words


def test_the_present_one_stands_first_and_cannot_be_ended(user):
    here, other = signed_in(user), signed_in(user, CHROME)
    page = here.get(reverse("usersessions_list"))
    assert [one.browser for one in page.context["sign_ins"]] == ["Firefox on Linux", "Chrome on Windows"]
    own = UserSession.objects.get(session_key=here.session.session_key)
    assert here.post(reverse("sign_in_end", args=[own.pk])).status_code == 404
    assert alive(other)


def test_one_is_ended_after_a_question(user):
    here, other, third = signed_in(user), signed_in(user, CHROME), signed_in(user)
    url = reverse("sign_in_end", args=[UserSession.objects.get(session_key=other.session.session_key).pk])
    assert "End the session of Chrome on Windows?" in here.get(url).text
    assert alive(other)
    assert here.post(url).url == reverse("usersessions_list")
    assert [alive(client) for client in (here, other, third)] == [True, False, True]


def test_all_others_are_ended(user):
    here, other = signed_in(user), signed_in(user)
    here.post(reverse("usersessions_list"))
    assert [alive(client) for client in (here, other)] == [True, False]


def test_another_persons_is_not_found(user):
    eve = a_user("eve@example.org", password=PASSWORD)
    eve.emailaddress_set.create(email=eve.email, verified=True, primary=True)
    theirs = signed_in(eve)
    row = UserSession.objects.get(user=eve)
    assert signed_in(user).post(reverse("sign_in_end", args=[row.pk])).status_code == 404
    assert alive(theirs)


def test_use_is_noted_at_most_every_ten_minutes(user):
    client = signed_in(user)
    client.get(reverse("profile"))
    first = client.session["seen"]
    session = client.session
    session["seen"] = first - sign_ins.SEEN_EVERY + 60
    session.save()
    client.get(reverse("profile"))
    assert client.session["seen"] == first - sign_ins.SEEN_EVERY + 60
    session["seen"] = first - sign_ins.SEEN_EVERY
    session.save()
    client.get(reverse("profile"))
    assert client.session["seen"] >= first


def test_ended_sessions_are_not_shown(user):
    here = signed_in(user)
    signed_in(user).session.flush()
    assert len(sign_ins.open_sessions(user, here.session.session_key, timezone.now())) == 1
    assert sign_ins.open_sessions(user, "", timezone.now() + timedelta(days=400)) == []


def test_however_many_have_ended_those_that_hold_are_found(user):
    """Ended ones keep their rows."""
    here = signed_in(user)
    ended = [
        UserSession(user=user, session_key=f"ended {n}", ip="192.0.2.9", user_agent="") for n in range(60)
    ]
    UserSession.objects.bulk_create(ended)
    now = timezone.now()
    assert [one.here for one in sign_ins.open_sessions(user, here.session.session_key, now)] == [True]
    assert sign_ins.known_from(user.email, "127.0.0.9", now)
    assert not sign_ins.known_from(user.email, "192.0.2.9", now)


def test_the_newest_networks_are_known(user):
    for number in range(sign_ins.MAX_SIGN_INS + 1):
        key = f"session {number}"
        Session.objects.create(
            session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=1)
        )
        UserSession.objects.create(user=user, session_key=key, ip=f"10.0.{number}.1", user_agent="")
    known = [
        sign_ins.known_from(user.email, f"10.0.{n}.1", timezone.now()) for n in (0, sign_ins.MAX_SIGN_INS)
    ]
    assert known == [False, True]
