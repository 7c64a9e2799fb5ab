"""Two processes take the cashier's turn in the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections as databases

from billing import ledger, wallets
from billing.models import CashierAct, ChainTransfer, Withdrawal
from tests.billing.money import Money, tft


@pytest.mark.django_db(transaction=True)
def test_two_turns_at_once_credit_once_and_sign_once():
    money = Money(teams=1)
    (team,), both = money.teams, threading.Barrier(2)
    money.pay([(team, tft("12"))])
    money.blocks()
    money.turns(1)
    row = money.confirmed(team, "5")
    money.pay([(team, tft("3"))])
    money.blocks()

    def turn(_):
        try:
            both.wait(10)
            money.turn()
        finally:
            databases.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(turn, range(2)))
    assert ChainTransfer.objects.filter(role="deposit").count() == 2
    assert ledger.balance(wallets.for_team(team).pk) == tft("15") - row.total
    assert CashierAct.objects.filter(state="sent").count() == 1
    money.turns()
    assert money.payments(row.address) == [row.amount]
    assert Withdrawal.objects.get().state == "paid"
