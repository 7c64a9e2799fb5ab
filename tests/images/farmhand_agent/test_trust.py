"""Whom an engine trusts besides."""

from farmhand_agent import trust


def test_an_engine_trusts_the_machines_authorities_and_its_forges_own(tmp_path, monkeypatch):
    machine = tmp_path / "machine.crt"
    machine.write_text("PUBLIC\n")
    monkeypatch.setattr(trust, "MACHINE", (str(tmp_path / "absent"), str(machine)))
    order = {"authority": "OURS\n"}
    assert trust.files(order) == {"authorities.pem": "PUBLIC\n\nOURS\n"}
    told = trust.environment(order, "/orders/1")
    assert set(told.values()) == {"/orders/1/authorities.pem"}
    assert {"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"} <= told.keys()


def test_a_machine_that_trusts_nobody_trusts_that_one(monkeypatch):
    monkeypatch.setattr(trust, "MACHINE", ("/nowhere/ca.crt",))
    assert trust.files({"authority": "OURS\n"}) == {"authorities.pem": "\nOURS\n"}


def test_an_order_without_one_changes_nothing():
    for order in ({}, {"authority": ""}):
        assert (trust.files(order), trust.environment(order, "/orders/1")) == ({}, {})
