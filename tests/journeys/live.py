"""The page of VMs that lives, and a VM in standby whose words change on it."""

import psycopg

from tests.journeys.script import Script
from tfci.management.up import postgres
from tfci.management.up.home import Home
from tfci.management.up.waiting import until

SOON = 8_000  # milliseconds: shorter than the pauses of a page without a stream
LATER = 90_000
SAY = """UPDATE runners_vm SET reason = 'other', reason_params = jsonb_build_object('text', %s::text),
         next_step_at = now() + interval '1 hour'
         WHERE pool_id = %s AND state <> 'gone'"""


class Standby:
    """One VM of the demo team that stays, in a pool that takes no job. `home`: the folder of the product."""

    def __init__(self, home, ready):
        self.ready, self._sockets = ready, Home(home).sockets
        self._script = Script(ready["url"], ready["api_token"])
        connections = [
            connection["id"]
            for connection in self._script.items("/connections")
            if connection["name"] == ready["forge_org"]
        ]
        rule = {"labels": ["watched"], "min_vms": {"small": 1}, "linger_minutes": 600, "max_vms": 1}
        self._pool = self._script.call("POST", "/pools", name="watched", connections=connections, **rule)[
            "id"
        ]
        until(self._stands, 120, "a VM on standby")

    def _stands(self):
        found = "SELECT 1 FROM runners_vm WHERE state = 'standby' AND pool_id = %s"
        return self.sql(found, self._pool)

    def sql(self, query, *values):
        """Rows of the product's database; none of a command that has none."""
        with psycopg.connect(postgres.url(self._sockets), autocommit=True) as database:
            cursor = database.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def page(self, browser, **options):
        """The demo team's VMs, signed in, in a browser of its own."""
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(LATER)
        page.goto(f"{self.ready['url']}/accounts/login/")
        page.get_by_label("Email").fill(self.ready["email"])
        page.get_by_label("Password", exact=True).fill(self.ready["password"])
        page.locator("form [type=submit]").first.click()
        page.wait_for_url("**/t/demo/**")
        page.goto(f"{self.ready['url']}/t/demo/vms/")
        return page

    def says(self, words):
        self.sql(SAY, words, self._pool)

    def changes(self, page, words, within=SOON):
        """The VM says so, and the page shows it."""
        self.says(words)
        page.get_by_text(words).wait_for(timeout=within)

    def end(self):
        self._script.call("DELETE", f"/pools/{self._pool}")
