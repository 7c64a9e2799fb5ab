"""Addresses of teams and people. What belongs to one team begins with /t/<team>/."""

from django.urls import path

from tfci.accounts.views import (
    audit,
    invitations,
    members,
    profile,
    settings,
    sign_ins,
    ssh_keys,
    teams,
    tokens,
)

urlpatterns = [
    path("", teams.home, name="home"),
    path("teams/", teams.all_teams, name="teams"),
    path("profile/", profile.profile, name="profile"),
    path("profile/ssh-keys/", ssh_keys.ssh_keys, name="ssh_keys"),
    path("profile/ssh-keys/<int:pk>/remove/", ssh_keys.remove, name="ssh_key_remove"),
    path("accounts/sessions/", sign_ins.sign_ins, name="usersessions_list"),  # in the place of allauth's page
    path("accounts/sessions/<int:pk>/end/", sign_ins.end, name="sign_in_end"),
    path("t/<slug:team>/team/", members.team, name="team"),
    path("join/<str:token>/", invitations.join, name="join"),
    path("t/<slug:team>/team/invite/", invitations.invite, name="invite"),
    path("t/<slug:team>/team/invitations/<int:pk>/renew/", invitations.renew, name="invitation_renew"),
    path("t/<slug:team>/team/invitations/<int:pk>/revoke/", invitations.revoke, name="invitation_revoke"),
    path("t/<slug:team>/team/settings/", settings.settings, name="team_settings"),
    path("t/<slug:team>/team/name/", settings.rename, name="team_rename"),
    path("t/<slug:team>/team/time-zone/", settings.time_zone, name="team_time_zone"),
    path("t/<slug:team>/team/billing-details/", settings.billing_details, name="team_billing_details"),
    path("t/<slug:team>/team/two-factors/", settings.two_factors, name="team_two_factors"),
    path("t/<slug:team>/team/hand-over/", settings.hand_over, name="team_hand_over"),
    path("t/<slug:team>/team/keep/", settings.keep, name="team_keep"),
    path("t/<slug:team>/team/people/<int:pk>/role/", members.change_role, name="member_role"),
    path("t/<slug:team>/team/people/<int:pk>/remove/", members.remove, name="member_remove"),
    path("t/<slug:team>/team/tokens/", tokens.all_tokens, name="tokens"),
    path("t/<slug:team>/team/tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("t/<slug:team>/audit/", audit.audit, name="audit"),
    path("t/<slug:team>/audit/csv/", audit.audit_csv, name="audit_csv"),
]
