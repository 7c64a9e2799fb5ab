"""Teams in every state, their people and keys, their money, and what everybody did."""

from tests.upgrade.installation import DAY, HOUR, MINUTE, NOON, SIZE, TFT
from tests.upgrade.sentences.audit import AUDIT
from tests.upgrade.sentences.names import PERSON
from tests.upgrade.sentences.outside import TWIN
from tfci.accounts.email_identity import fingerprint
from tfci.core.secret import Secret
from tfci.core.vault import digest

ROLES = {"owner": "ines", "admin": "tomas", "member": "aiko", "viewer": "ben"}
USES = ("job", "boot", "idle", "teardown", "refresh", "debug", "server")


def fill(old):
    _teams(old)
    _people(old)
    _keys(old)
    _twins(old)
    _money(old)
    _audit(old)


def _teams(old):
    long_ago = {"created_at": NOON - 40 * DAY}
    old.name("team", "accounts.Team", name="Kestrel Labs", slug="kestrel-labs", **long_ago)
    old.name("new team", "accounts.Team", name="Night Shift", slug="night-shift", created_at=NOON)
    ends = {"closing_at": NOON - HOUR, "needs_two_factors": True}
    old.name("closing team", "accounts.Team", name="Attic", slug="attic", **long_ago, **ends)
    ended = {"closing_at": NOON - DAY, "closed_at": NOON - DAY}
    old.name("closed team", "accounts.Team", name="Cellar", slug="cellar", **long_ago, **ended)


def _person(old, name, email, /, **columns):
    columns = {"password": "!", "joined_at": NOON - 40 * DAY, "last_login": NOON} | columns
    user = old.name(name, "accounts.User", email=email, **columns)
    old.add("account.EmailAddress", user=user, email=email, verified=True, primary=True)
    return user


def _people(old):
    for role, name in ROLES.items():
        user = _person(old, name, f"{name}@kestrel.example", name=name.title(), time_zone="Europe/Brussels")
        old.add("accounts.Membership", team=old["team"], user=user, role=role, joined_at=NOON - 30 * DAY)
    for team in ("new team", "closing team"):
        old.add("accounts.Membership", team=old[team], user=old["ines"], role="owner", joined_at=NOON)
    _person(old, "operator", "operator@example.org", is_staff=True)
    _person(old, "left", "left@example.org", is_active=False)
    old.add("mfa.Authenticator", user=old["ines"], type="totp", data={"secret": "of nothing"})
    seen = {"ip": "203.0.113.7", "user_agent": "Mozilla/5.0", "last_seen_at": NOON, "created_at": NOON}
    old.add("usersessions.UserSession", user=old["ines"], session_key="a" * 32, **seen)


def _keys(old):
    key = {"text": "ssh-ed25519 AAAA", "fingerprint": "SHA256:of-nothing", "added_at": NOON}
    old.add("accounts.SSHKey", user=old["ines"], name="laptop", **key)
    soon, ends = NOON + 6 * DAY, {"accepted_at": NOON, "revoked_at": NOON}
    for name, columns in {"open": {}, **{end: {end: at} for end, at in ends.items()}, "over": {}}.items():
        times = {"invited_at": NOON - DAY, "expires_at": NOON - HOUR if name == "over" else soon}
        link = {"digest": digest(f"invitation {name}"), "invited_by": old["ines"], "role": "viewer"}
        email = f"{name}@kestrel.example" if name == "open" else ""
        old.add("accounts.Invitation", team=old["team"], email=email, **link, **times, **columns)
    for scope, columns in (
        ("read", {}),
        ("write", {"expires_at": NOON + 60 * DAY, "last_used_at": NOON}),
        ("write", {"revoked_at": NOON}),
    ):
        key = {"prefix": "fh_abcd", "digest": digest(f"token {scope} {columns}"), "created_by": old["tomas"]}
        about = {"name": f"{scope}s", "scope": scope, "created_at": NOON - DAY}
        old.add("accounts.Token", team=old["team"], **about, **key, **columns)


def _twins(old):
    """The first signs for everybody, each other has a trouble of its own."""
    account = {"network": "simulated", "mnemonic": Secret("words of nothing"), "signing_until": NOON}
    old.name("twin", "billing.Twin", twin_id=1, swept_at=NOON, **account)
    for number, trouble in enumerate(TWIN, start=2):
        old.add("billing.Twin", twin_id=number, trouble=trouble, **account)
    prices = {"network": "simulated", "cu": 100_000, "su": 50_000, "certified_percent": 125}
    old.add("billing.Price", tft_musd=9, read_at=NOON - DAY, **prices)
    old.add("billing.Price", tft_musd=10, read_at=NOON, **prices)
    priced = {"network": "simulated", "node_id": 14, "cu_price": 100_000, "su_price": 50_000, "tft_musd": 10}
    sums = {"usd_per_hour": 212_500, "per_hour": 21_250_000, "at": NOON - DAY}
    old.name("quote", "billing.Quote", certified=False, **SIZE, **priced, **sums)


def _money(old):
    """Wallets that are fine, warned, spent, and without a twin. What servers and jobs cost is charged by work.py."""
    warned = {"warned_at": NOON - HOUR, "runs_out_at": NOON + 12 * MINUTE, "warned_mailed_at": NOON - HOUR}
    wallets = {
        "team": {"twin": old["twin"]},
        "new team": {},
        "closing team": {"twin": old["twin"], **warned},
        "closed team": {"twin": old["twin"], **warned, "spent_at": NOON},
    }
    for team, columns in wallets.items():
        wallet = old.name(f"wallet of {team}", "billing.Wallet", team=old[team], balance=0, **columns)
        move(old, wallet, f"grant:{old[team].pk}", "grant", 100 * TFT)
    move(old, old["wallet of team"], "deposit:kestrel-1", "deposit", 250 * TFT)
    for use in USES:  # the last one corrects another: such an amount is above zero
        move(old, old["wallet of closed team"], f"vm:1:{use}:0:0", "charge", -3 * TFT, use=use, vm_id=1)
    move(old, old["wallet of closed team"], "vm:1:job:0:1", "charge", TFT // 2, use="job", vm_id=1)
    people = {"ines": "team", "left": "closed team"}
    for person, team in people.items():
        address = fingerprint(old[person].email)
        given = {"amount": 100 * TFT, "at": NOON - 30 * DAY, "address": address, "team": old[team]}
        old.add("billing.StarterGrant", person=old[person], **given)
    old.add("billing.StarterGrant", address=fingerprint("forgotten@example.org"), amount=100 * TFT, at=NOON)
    asked = {"asked_by": old["tomas"], "note": "for the release", "asked_at": NOON - 2 * DAY}
    answers = ({}, {"answered_at": NOON}, {"answered_at": NOON, "declined_because": "not this month"})
    for answer in answers:
        old.add("billing.CreditRequest", team=old["team"], mailed_at=NOON - 2 * DAY, **asked, **answer)
    old.add("billing.TeamLimits", team=old["team"], max_vms=500, max_per_hour=900 * TFT, max_job_minutes=720)
    old.add("billing.TeamLimits", team=old["new team"])


def move(old, wallet, key, kind, amount, **about):
    """One ledger entry, together with the balance."""
    old.add(
        "billing.LedgerEntry",
        **{"team_id": wallet.team_id, "wallet": wallet, "key": key, "kind": kind, "amount": amount},
        **{"at": NOON - DAY, **about},
    )
    wallet.balance += amount
    wallet.save(update_fields=["balance"])


def _audit(old):
    """Those of operators have no team. A person, a token, Farmhand and GitHub have done things."""
    doers = (PERSON, "token ci (fh_abc…)", "Farmhand", "GitHub")
    for n, (what, before, after, why, on, _) in enumerate(AUDIT):
        team = None if what in ("operator.app", "operator.account", "operator.people") else old["team"]
        deed = {"what": what, "before": before, "after": after, "why": why, "on": on}
        old.add("accounts.AuditEntry", team=team, at=NOON - n * MINUTE, who=doers[n % 4], **deed)
