"""The links in mails: each holds a signed number of a withdrawal, and is good for one thing. How long it works is the
row's deadline, how often is its state."""

from django.core.signing import BadSignature, Signer

from billing.models import Withdrawal
from tfci.core.secret import Secret

CONFIRM = Signer(salt="withdrawal.confirm")  # by the person who asked, signed in
STOP = Signer(salt="withdrawal.stop")  # by whoever reads an owner's mail


def token(signer: Signer, row: Withdrawal) -> Secret:
    return Secret(signer.sign_object(row.pk))


def find(signer: Signer, text: str) -> Withdrawal | None:
    try:
        pk = signer.unsign_object(text)
    except BadSignature:
        return None
    return Withdrawal.objects.select_related("team", "asked_by").filter(pk=pk).first()
