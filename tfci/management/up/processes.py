"""The processes of the product, one table for `make run` and docker-compose.yml (tests/deployment/test_compose.py)."""

# Workers tell nobody but us that they live, and that every 5 s (tfci/core/processes/worker_heartbeats.py).
WORKER = "celery --quiet -A tfci.celery worker --without-gossip --without-mingle --heartbeat-interval 5"

COMMANDS = {
    "web": (
        "granian --interface wsgi --workers 2 --respawn-failed-workers --blocking-threads 4 --log-level error"
        " tfci.wsgi:application"
    ),
    "agents": "uvicorn --timeout-graceful-shutdown 3 --lifespan off --no-access-log tfci.asgi:application",
    "worker-decide": f"{WORKER} -n decide@%h --pool prefork -c 2 -Q decide",
    "worker-act": f"{WORKER} -n act@%h --pool threads -c 16 -Q act,ask,upkeep",
    "worker-hear": f"{WORKER} -n hear@%h --pool threads -c 16 -Q hear",
    "beat": "celery -A tfci.celery beat --scheduler tfci.core.processes.schedule:Clock",
    "caddy": "caddy run --config Caddyfile --adapter caddyfile",
}
ONE_SHOTS = {
    "migrate": "python manage.py migrate --no-input",
    "demo": "python manage.py demo",
}

# They listen, each at a Unix socket of its name (make run) or at a port (compose).
LISTENERS = ("web", "agents")

# They send mail, which goes to their standard output where no mail server is set; nothing else does.
MAILERS = ("web", "worker-act")

# They run our Python code, and are told which of them they are in FARMHAND_PROCESS.
OURS = ("web", "agents", "worker-decide", "worker-act", "worker-hear", "beat")

# They run only where this variable asks for what they do; in compose that is a profile.
ASKED_FOR = {"worker-hear": "FARMHAND_SCALE_SETS"}

# What all of OURS need to know, in either place; settings.py has a default for everything else.
SHARED = (
    "SECRET_KEY",
    "FARMHAND_KEYS",
    "DATABASE_URL",
    "FARMHAND_VALKEY",
    "FARMHAND_URL",
    "REMAP_SIGTERM",
)

# Celery's own switch: a worker that is told to end gives its tasks some seconds, not all the time they want.
REMAP_SIGTERM = "SIGQUIT"
