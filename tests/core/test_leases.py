"""Leases: one of all who ask at once gets the row."""

from datetime import timedelta

import pytest
from django.db.models import Q

from runners.models import VM
from tests.builders import NOON, a_vm
from tfci.core.leases import lease

pytestmark = pytest.mark.django_db


def taken(vm, now):
    free = Q(leased_until__lte=now)
    return lease(VM.objects.select_related("pool"), free, vm.pk, leased_until=now + timedelta(minutes=1))


def test_the_first_who_asks_gets_the_row_as_it_is_then():
    vm = a_vm("standby")
    assert taken(vm, NOON).leased_until == NOON + timedelta(minutes=1)
    assert taken(vm, NOON) is None


def test_it_is_free_again_when_its_time_is_over():
    vm = a_vm("standby")
    taken(vm, NOON)
    assert taken(vm, NOON + timedelta(minutes=1)) == vm


def test_nobody_gets_a_row_that_is_gone():
    vm = a_vm("standby")
    VM.objects.filter(pk=vm.pk).delete()
    assert taken(vm, NOON) is None
