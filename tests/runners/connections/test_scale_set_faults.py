"""Scale sets when their forge, their session or their token fails."""

import pytest

from runners.connections import scale_sets
from runners.gateways import Gateways
from runners.models import Job
from tests.counterparts.github.scale_sets import HOUR
from tests.runners.connections.test_scale_sets import github, house
from tests.worlds import Crash
from tfci.core.secret import Secret
from tfci.forges.models import ScaleSet
from tfci.forges.problems import ProblemCode

__all__ = ["github", "house"]

pytestmark = pytest.mark.django_db


# What goes wrong


def test_a_message_that_a_process_dies_over_comes_again_and_makes_no_second_job(house, monkeypatch):
    house.listening()
    house.push()

    def die(*_):
        raise Crash

    sets = house._sets(house.connection)
    monkeypatch.setattr(sets, "done", die)
    dying = Gateways(house._forge, None, house.clock, scale_sets=lambda connection: sets)
    house.github.world.clock.move(3)
    with pytest.raises(Crash):
        scale_sets.step(scale_sets.lease_due(house.row().pk, house.clock()), dying)
    session = house.there().session.id
    house.turn()
    assert house.there().messages  # its lease holds: nobody takes it before
    house.turn(scale_sets.LEASE.total_seconds())
    assert house.there().messages == {} and Job.objects.count() == 1
    assert house.there().session.id == session


def test_a_scale_set_is_heard_by_one_at_a_time(house):
    house.github.world.clock.move(3)
    assert scale_sets.lease_due(house.row().pk, house.clock())
    assert scale_sets.lease_due(house.row().pk, house.clock()) is None


def test_a_token_that_ended_is_renewed_and_nothing_is_missed(house):
    house.listening()
    session = house.there().session.id
    house.push()
    house.turn(HOUR + 1)
    assert not Job.objects.exists()
    house.turn()
    assert Job.objects.count() == 1 and house.there().session.id == session


def test_another_listener_is_told_of_and_the_session_is_ours_once_it_is_free(house):
    row, sets = house.row(), house._sets(house.connection)
    made = sets.make(row.name, row.label)
    other = sets.open(made, "somebody")
    house.turn()
    assert house.row().problem == ProblemCode.SCALE_SET_TAKEN
    house.turn()
    assert house.there().session.owner == "somebody"
    sets.close(made, other)
    house.turn(scale_sets.RETRY.total_seconds())
    assert house.row().problem == "" and house.there().session.owner != "somebody"


def test_a_session_that_was_left_behind_goes_when_scale_sets_are_turned_off_and_on(house, settings):
    house.listening()
    ScaleSet.objects.update(session_id="", queue_token=None)  # its worker died before it was written down
    house.turn()
    assert house.row().problem == ProblemCode.SCALE_SET_TAKEN
    for on in (False, True):
        settings.SCALE_SETS = on
        house.settle()
        house.turn(scale_sets.RETRY.total_seconds())
    assert house.row().problem == "" and house.there().session.id == house.row().session_id


def test_a_session_that_was_lost_is_opened_anew_and_its_forge_is_asked(house):
    house.listening()
    house.there().session = None
    house.turn()
    assert house.row().session is None
    assert house.turn().connections == {house.connection.pk}
    assert house.there().session.id == house.row().session_id


def test_a_set_that_its_forge_removed_is_made_anew(house):
    house.listening()
    house.github.world.scale_sets.clear()
    house.turn()
    house.turn()
    assert str(house.there().id) == house.row().set_id
    house.turn()
    house.push()
    house.turn()
    assert Job.objects.count() == 1


def test_a_message_that_can_not_be_read_has_the_forge_asked(house):
    house.listening()
    house.there().told.append({"messageType": "JobSurprised"})
    assert house.turn().connections == {house.connection.pk}
    assert house.there().messages == {}


def test_a_run_that_is_gone_holds_up_no_other(house):
    house.listening()
    gone = house.push()
    house.turn()
    house.github.scale_sets.tell(gone.current()[0], "JobStarted")
    del house.github.world.runs[gone.id]
    house.push()
    house.turn()
    assert Job.objects.count() == 2 and house.there().messages == {}


def test_a_forge_that_is_down_is_tried_again_and_the_message_waits(house):
    house.listening()
    house.push()
    with house.github.with_faults(error_rate=1.0):
        house.turn()
    assert house.row().problem == ProblemCode.FORGE_NO_ANSWER
    house.turn(scale_sets.RETRY.total_seconds())
    assert Job.objects.count() == 1 and house.row().problem == ""


def test_a_token_without_the_right_says_what_it_lacks(house):
    token = house.github.world.personal_token("ann", ["actions:read"], house.connection.name)
    house.connection.token = Secret(token)
    house.connection.save()
    house.turn()
    assert house.row().typed_problem.permission == "organization_self_hosted_runners:write"
    assert house.row().due_at == house.clock() + scale_sets.RETRY
