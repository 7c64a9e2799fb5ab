"""Which door answers which address."""

from django.urls import include, path

from runners import agent
from runners.api import v1
from runners.views import (
    dashboard,
    github,
    job,
    jobs,
    jobs_csv,
    moving,
    node_compare,
    node_searches,
    nodes,
    orgs,
    pool_form,
    pool_nodes,
    pools,
    robot,
    start,
    today,
    vms,
)
from runners.views.operator import urls as operator

machines = [
    path("claim", agent.claim),
    path("order", agent.order),
    path("started", agent.started),
    path("beat", agent.beat),
    path("done", agent.done),
]
people = [
    path("", dashboard.overview, name="overview"),
    path("today/", today.today, name="today"),
    path("start/", start.start, name="start"),
    path("start/pool/", start.default_pool, name="start_pool"),
    path("forges/<int:pk>/test-job/", start.test_job, name="org_test_job"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs.csv", jobs_csv.jobs_csv, name="jobs_csv"),
    path("jobs/<int:pk>/", job.job, name="job"),
    path("jobs/<int:pk>/log/", job.log, name="job_log"),
    path("jobs/<int:pk>/rerun/", job.rerun, name="job_rerun"),
    path("jobs/<int:pk>/cancel/", job.cancel, name="job_cancel"),
    path("pools/", pools.pools, name="pools"),
    path("pools/new/", pool_form.new, name="pool_new"),
    path("pools/import/", robot.take, name="pools_import"),
    path("pools/<int:pk>/", pools.pool, name="pool"),
    path("pools/<int:pk>/tfrobot/", robot.give, name="pool_export"),
    path("pools/<int:pk>/nodes/", pool_nodes.where, name="pool_nodes"),
    path("pools/<int:pk>/try/", pool_nodes.dry_run, name="pool_try"),
    path("pools/<int:pk>/edit/", pool_form.edit, name="pool_edit"),
    path("pools/<int:pk>/up/", pools.move, {"step": -1}, name="pool_up"),
    path("pools/<int:pk>/down/", pools.move, {"step": 1}, name="pool_down"),
    path("pools/<int:pk>/close/", pools.close, name="pool_close"),
    path("machines/", vms.vms, name="vms"),
    path("machines/<int:pk>/", vms.vm, name="vm"),
    path("machines/<int:pk>/retire/", vms.retire, name="vm_retire"),
    path("nodes/", nodes.nodes, name="nodes"),
    path("nodes/compare/", node_compare.compare, name="nodes_compare"),
    path("nodes/searches/", node_searches.keep, name="nodes_keep"),
    path("nodes/searches/<int:pk>/forget/", node_searches.forget, name="nodes_forget"),
    path("forges/", orgs.orgs, name="orgs"),
    path("forges/link/", orgs.link, name="org_link"),
    path("forges/github/", github.github, name="github"),
    path("forges/github/<int:app>/install/", github.install, name="github_install"),
    path("forges/github/<int:app>/sign-in/", github.sign_in, name="github_sign_in"),
    path("forges/<int:pk>/", orgs.org, name="org"),
    path("forges/<int:pk>/check/", orgs.check, name="org_check"),
    path("forges/<int:pk>/token/", orgs.renew, name="org_token"),
    path("forges/<int:pk>/way/", orgs.listen, name="org_way"),
    path("forges/<int:pk>/move/", moving.move, name="org_move"),
    path("forges/<int:pk>/move.patch", moving.patch, name="org_move_patch"),
    path("forges/<int:pk>/unlink/", orgs.unlink, name="org_unlink"),
]
urlpatterns = [  # and /hooks/, which webhooks.before_pages answers
    path("agent/", include(machines)),
    path("api/v1/", v1.urls),
    path("t/<slug:team>/", include(people)),
    path("github/back/", github.back, name="github_back"),
    path("operator/", include(operator)),
]
