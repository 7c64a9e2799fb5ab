"""The practice forge: a small server that behaves as Gitea 1.25 does, as far as Farmhand can see.

It speaks Gitea's REST API, webhooks and runner protocol over real sockets, with the habits that
docs/design/reference keeps as facts, and it can be told to misbehave. It knows nothing of Farmhand.

    python -m practice.forge --home DIR --port N

store and schema.sql hold the rows. accounts, repos, workflows, runs, jobs, tasks, runners and hooks are the
nouns; pushes, cancels and announce are what happens to them; shapes… say how Gitea shows them. api/,
protocol, control and pages are the doors, server has the sockets; postman and sweeper run by themselves.
"""
