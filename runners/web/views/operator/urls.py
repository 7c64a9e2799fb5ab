"""The operator's addresses, under /operator/."""

from django.urls import path

from runners.web.views.operator import (
    accounts,
    audit,
    cashier,
    connections,
    credit_requests,
    github,
    now,
    orphans,
    prices,
    teams,
    versions,
    vms,
    withdrawals,
)

urlpatterns = [
    path("", now.now, name="operator"),
    path("teams/", teams.teams, name="operator_teams"),
    path("teams/<slug:slug>/", teams.team, name="operator_team"),
    path("teams/<slug:slug>/credit/", teams.credit, name="operator_credit"),
    path("teams/<slug:slug>/limits/", teams.set_limits, name="operator_limits"),
    path("requests/", credit_requests.requests, name="operator_requests"),
    path("requests/<int:pk>/decline/", credit_requests.decline, name="operator_decline"),
    path("withdrawals/", withdrawals.withdrawals, name="operator_withdrawals"),
    path("withdrawals/release/", withdrawals.release, name="operator_withdrawals_release"),
    path("withdrawals/<int:pk>/paid/", withdrawals.mark_paid, name="operator_withdrawal_paid"),
    path("vms/", vms.vms, name="operator_vms"),
    path("connections/", connections.connections, name="operator_connections"),
    path("orphans/", orphans.orphans, name="operator_orphans"),
    path("accounts/", accounts.accounts, name="operator_accounts"),
    path("cashier/", cashier.cashier, name="operator_cashier"),
    path("cashier/replace/", cashier.replace, name="operator_cashier_replace"),
    path("prices/", prices.prices, name="operator_prices"),
    path("github/", github.github, name="operator_github"),
    path("github/<int:pk>/authority/", github.trust, name="operator_github_authority"),
    path("github/made/", github.made, name="operator_github_made"),
    path("versions/", versions.versions, name="operator_versions"),
    path("audit/", audit.audit, name="operator_audit"),
]
