"""The people of every page's test: four of a team, a stranger with an account, the operator of this installation, who
has no team either, and nobody."""

import re

from django.test import Client

from tests.builders import a_membership, a_user
from tfci.accounts.models import Role

OF_THE_TEAM = tuple(Role.values)  # owner, admin, member, viewer
EVERYBODY = (*OF_THE_TEAM, "stranger", "operator", "nobody")


KEPT = re.compile(r"(<(?:pre|textarea)\b.*?</(?:pre|textarea)>)", re.S)


class Visitor(Client):
    """Reads the text of a page as a browser shows it: a line break between two words is a space."""

    def request(self, **request):
        answer = super().request(**request)
        if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            parts = KEPT.split(answer.text)
            shown = (part if n % 2 else re.sub(r"\s+", " ", part) for n, part in enumerate(parts))
            answer.text = "".join(shown).strip()
        return answer


def client_of(person, team):
    """A browser of that person; a member of the team, unless no person of it. Its `user` is who it is."""
    client = Visitor()
    client.user = None
    if person != "nobody":
        client.user = a_user(name=person.capitalize(), is_staff=person == "operator")
        client.force_login(client.user)
    if person in OF_THE_TEAM:
        a_membership(team, client.user, person)
    return client
