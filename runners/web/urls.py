"""Which door answers which address."""

from django.urls import include, path

from runners.web import agent
from runners.web.api import v1
from runners.web.views import apps, dashboard, debug, deposit, ledger, limits, servers, spend, today, vms
from runners.web.views.connections import github, pages, start, workflow_migration
from runners.web.views.jobs import csv, detail, forge, list, log
from runners.web.views.nodes import compare, drains, list as node_list, searches
from runners.web.views.operator import urls as operator
from runners.web.views.pools import dry_run, form, nodes as pool_nodes, pages as pool_pages, sizes, tfrobot
from runners.web.views.statements import pages as statements

agents = [
    path("claim", agent.claim),
    path("order", agent.order),
    path("started", agent.started),
    path("beat", agent.heartbeat),
    path("done", agent.done),
]
people = [
    path("", dashboard.overview, name="overview"),
    path("today/", today.today, name="today"),
    path("start/", start.start, name="start"),
    path("start/pool/", start.default_pool, name="start_pool"),
    path("connections/<int:pk>/test-job/", start.test_job, name="connection_test_job"),
    path("spend/", spend.spend, name="spend"),
    path("spend.csv", ledger.entries_csv, name="ledger_csv"),
    path("spend/ledger/", ledger.entries, name="ledger"),
    path("spend/ask/", spend.ask_for_credit, name="ask_for_credit"),
    path("spend/funds/", spend.funds, name="funds"),
    path("spend/statements/", statements.statement_list, name="statements"),
    path("spend/statements/<str:month>/", statements.statement, name="statement"),
    path("spend/statements/<str:month>.csv", statements.statement_csv, name="statement_csv"),
    path("spend/statements/<str:month>.pdf", statements.statement_pdf, name="statement_pdf"),
    path("spend/limits/", limits.limits, name="limits"),
    path("spend/limits/new/", limits.new, name="limit_new"),
    path("spend/limits/<int:pk>/edit/", limits.edit, name="limit_edit"),
    path("spend/limits/<int:pk>/delete/", limits.delete, name="limit_delete"),
    path("spend/deposit/", deposit.deposit, name="deposit"),
    path("spend/deposit/practice/", deposit.practice_payment, name="practice_payment"),
    path("jobs/", list.jobs, name="jobs"),
    path("jobs.csv", csv.jobs_csv, name="jobs_csv"),
    path("jobs/<int:pk>/", detail.job, name="job"),
    path("jobs/<int:pk>/log/", log.log, name="job_log"),
    path("jobs/<int:pk>/log/lines/", log.lines, name="job_log_lines"),
    path("jobs/<int:pk>/log/file/", log.file, name="job_log_file"),
    path("jobs/<int:pk>/rerun/", forge.rerun, name="job_rerun"),
    path("jobs/<int:pk>/cancel/", forge.cancel, name="job_cancel"),
    path("pools/", pool_pages.pools, name="pools"),
    path("pools/new/", form.new, name="pool_new"),
    path("pools/import/", tfrobot.take, name="pools_import"),
    path("pools/<int:pk>/", pool_pages.pool, name="pool"),
    path("pools/<int:pk>/tfrobot/", tfrobot.give, name="pool_export"),
    path("pools/<int:pk>/nodes/", pool_nodes.where, name="pool_nodes"),
    path("pools/<int:pk>/dry-run/", dry_run.dry_run, name="pool_dry_run"),
    path("pools/<int:pk>/sizes/", sizes.sizes, name="pool_sizes"),
    path("pools/<int:pk>/try/", pool_nodes.try_labels, name="pool_try"),
    path("pools/<int:pk>/edit/", form.edit, name="pool_edit"),
    path("pools/<int:pk>/up/", pool_pages.move, {"step": -1}, name="pool_up"),
    path("pools/<int:pk>/down/", pool_pages.move, {"step": 1}, name="pool_down"),
    path("pools/<int:pk>/close/", pool_pages.close, name="pool_close"),
    path("vms/", vms.vms, name="vms"),
    path("vms/<int:pk>/", vms.vm, name="vm"),
    path("vms/<int:pk>/retire/", vms.retire, name="vm_retire"),
    path("vms/<int:pk>/debug/", debug.begin, name="vm_debug"),
    path("vms/<int:pk>/debug/close/", debug.close, name="vm_debug_close"),
    path("servers/", servers.servers, name="servers"),
    path("servers/apps/", apps.apps, name="apps"),
    path("servers/apps/<slug:slug>/", apps.app, name="app"),
    path("servers/apps/<slug:slug>/deploy/", apps.deploy, name="app_deploy"),
    path("servers/<int:pk>/", servers.server, name="server"),
    path("servers/<int:pk>/secrets/", servers.reveal, name="server_secrets"),
    path("servers/<int:pk>/delete/", servers.delete, name="server_delete"),
    path("nodes/", node_list.nodes, name="nodes"),
    path("nodes/compare/", compare.compare, name="nodes_compare"),
    path("nodes/<int:number>/drain/", drains.drain, name="node_drain"),
    path("nodes/<int:number>/use/", drains.use, name="node_use"),
    path("nodes/searches/", searches.keep, name="nodes_keep"),
    path("nodes/searches/<int:pk>/forget/", searches.delete, name="nodes_forget"),
    path("connections/", pages.connections, name="connections"),
    path("connections/new/", pages.link, name="connection_new"),
    path("connections/github/", github.github, name="github"),
    path("connections/github/<int:app>/install/", github.install, name="github_install"),
    path("connections/github/<int:app>/sign-in/", github.sign_in, name="github_sign_in"),
    path("connections/<int:pk>/", pages.connection, name="connection"),
    path("connections/<int:pk>/check/", pages.check, name="connection_check"),
    path("connections/<int:pk>/token/", pages.renew, name="connection_token"),
    path("connections/<int:pk>/discovery/", pages.listen, name="connection_discovery"),
    path("connections/<int:pk>/reach/", pages.reach, name="connection_reach"),
    path("connections/<int:pk>/migrate/", workflow_migration.move, name="connection_migrate"),
    path("connections/<int:pk>/migrate.patch", workflow_migration.patch, name="connection_migrate_patch"),
    path("connections/<int:pk>/disconnect/", pages.disconnect, name="connection_disconnect"),
]
urlpatterns = [  # and /hooks/, which webhooks.before_pages answers
    path("agent/", include(agents)),
    path("api/v1/", v1.urls),
    path("t/<slug:team>/", include(people)),
    path("github/back/", github.back, name="github_back"),
    path("operator/", include(operator)),
]
