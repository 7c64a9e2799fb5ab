"""The six people of every page's test: four of a team, a stranger with an account, and nobody."""

from django.test import Client

from tests.builders import a_membership, a_user
from tfci.accounts.models import Role

OF_THE_TEAM = tuple(Role.values)  # owner, admin, member, viewer
EVERYBODY = (*OF_THE_TEAM, "stranger", "nobody")


def client_of(person, team):
    """A browser of that person; a member of the team, unless a stranger or nobody. Its `user` is who it is."""
    client = Client()
    client.user = None
    if person != "nobody":
        client.user = a_user(name=person.capitalize())
        client.force_login(client.user)
    if person in OF_THE_TEAM:
        a_membership(team, client.user, person)
    return client


def table(rows):
    """A list of pytest parameters (what, person, status) from rows of (what, {person or group: status}).

    A group is "team" (its four people) or "others"; who is named alone counts last."""
    groups = {"team": OF_THE_TEAM, "managers": ("owner", "admin"), "workers": ("owner", "admin", "member")}
    parameters = []
    for what, statuses in rows:
        told = {}
        for name, status in statuses.items():
            told |= dict.fromkeys(groups.get(name, (name,)), status)
        parameters += [(what, person, told[person]) for person in EVERYBODY]
    return parameters
