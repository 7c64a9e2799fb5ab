"""Addresses of teams and people. What belongs to one team begins with /t/<team>/."""

from django.urls import path

from tfci.accounts.views import audit, members, profile, teams, tokens

urlpatterns = [
    path("", teams.home, name="home"),
    path("teams/", teams.all_teams, name="teams"),
    path("profile/", profile.profile, name="profile"),
    path("t/<slug:team>/team/", members.team, name="team"),
    path("t/<slug:team>/team/name/", members.rename, name="team_rename"),
    path("t/<slug:team>/team/people/<int:pk>/role/", members.change_role, name="member_role"),
    path("t/<slug:team>/team/people/<int:pk>/remove/", members.remove, name="member_remove"),
    path("t/<slug:team>/team/tokens/", tokens.all_tokens, name="tokens"),
    path("t/<slug:team>/team/tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("t/<slug:team>/audit/", audit.audit, name="audit"),
]
