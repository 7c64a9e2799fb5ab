"""The people of every page's test: four of a team, a stranger with an account, the operator of this installation, who
has no team either, and nobody."""

from django.test import Client

from tests.builders import a_membership, a_user
from tfci.accounts.models import Role

OF_THE_TEAM = tuple(Role.values)  # owner, admin, member, viewer
EVERYBODY = (*OF_THE_TEAM, "stranger", "operator", "nobody")


def client_of(person, team):
    """A browser of that person; a member of the team, unless no person of it. Its `user` is who it is."""
    client = Client()
    client.user = None
    if person != "nobody":
        client.user = a_user(name=person.capitalize(), is_staff=person == "operator")
        client.force_login(client.user)
    if person in OF_THE_TEAM:
        a_membership(team, client.user, person)
    return client
