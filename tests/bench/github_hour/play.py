"""python -m tests.bench.github_hour.play [minutes]: an hour of busy_github.py, in figures."""

import sys

import django

django.setup()  # before the models

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402

from tests.bench.figures import verdict  # noqa: E402
from tests.bench.github_hour.busy_github import REPOSITORIES, BusyGitHub  # noqa: E402
from tests.builders import NOON  # noqa: E402
from tests.counterparts.github import GitHub  # noqa: E402
from tests.forges.app_world import AppWorld  # noqa: E402

MINUTES = int((sys.argv[1:] or ["60"])[0])


def main() -> None:
    call_command("migrate", verbosity=0)
    database.cursor().execute("SET synchronous_commit = off")  # time is moved: no disk need be waited for
    github = GitHub()
    settings.ALLOWED_FORGE_ORIGINS, settings.UNSAFE_LOCAL_JOBS = [github.url], True
    github.world.clock.stand(NOON)
    try:
        busy = BusyGitHub(AppWorld(github))
        busy.minutes(MINUTES)
        tell(busy)
    finally:
        github.stop()


def tell(busy: BusyGitHub) -> None:
    seen = busy.figures()
    print(f"simulated  {REPOSITORIES} repositories, {MINUTES} minutes: {seen['jobs']:.0f} jobs")
    said = {
        "points in the worst minute": ("points", 901),
        "calls that count, in the hour": ("calls", seen["limit"]),
        "calls that GitHub refused": ("refused", 1),
        "heard after, p50 (s)": ("p50", 30),
        "heard after, p95 (s)": ("p95", 30),
    }
    for title, (name, limit) in said.items():
        print(f"           {title:<31}{seen[name]:8.1f}  {verdict(seen[name], limit)}")
    print(f"           heard after, p99 (s)           {seen['p99']:8.1f}")
    print(f"           heard of by polling first      {seen['by poll']:8.0f}")
    print(f"           put off by our own budget: {dict(busy.put_off)}")
    for call, count in sorted(busy.github.calls.items(), key=lambda one: -one[1])[:8]:
        print(f"             {count:6} {call}")


if __name__ == "__main__":
    main()
