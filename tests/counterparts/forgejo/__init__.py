"""A Forgejo 16 for tests, over real sockets: as Forgejo is to Gitea, a fork of the practice forge.

What it answers differently follows traffic of a real one: runners made by REST, jobs that wait with a handle, `null`
for an empty list, 401 to an unknown runner, `action_run_*` webhooks and none of single jobs.

    python -m tests.counterparts.forgejo --home DIR
"""
