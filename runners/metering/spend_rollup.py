"""Charges -> the roll-up behind the spend pages, a batch of a team's entries at a time.

A batch is one transaction with the move of its team's cursor (billing/spend_cursors.py).
"""

import time
from datetime import datetime, timedelta

from django.db import connection

from billing import spend_cursors
from billing.verification import Check, DifferenceCause
from runners.metering.charge_facts import CHARGES, each_use

# Younger charges are read with what is known of their jobs now: a forge may name workflow and person an hour late
# (runners/jobs/run_details.py).
LATE_FACTS = timedelta(hours=2)
AT_ONCE = 5000  # entries of a transaction
TURN = 100.0  # seconds, a third of what a task may take

QUARTER = "date_bin('15 min', at, timestamptz '1970-01-01 00:00Z')"
COMBINATION = "pool, connection, repository, workflow, size, person"
DIGEST = f"md5(jsonb_build_array({COMBINATION})::text)"
BATCH = f"{CHARGES} AND entry.id > %(after)s AND entry.id <= %(last)s"
USES = each_use("{use}")
# New combinations are not in the table for the statement that makes them, and known ones are not made.
ADD_TO_BUCKETS = f"""
    WITH charge AS MATERIALIZED (
        SELECT {QUARTER} AS at, node, use, amount, {COMBINATION}, {DIGEST} AS digest FROM ({BATCH}) AS charge
    ), made AS (
        INSERT INTO billing_spenddimensions
            (team_id, pool_id, connection_id, repository, workflow, size, person, digest)
        SELECT DISTINCT ON (digest) %(team)s::bigint, {COMBINATION}, digest FROM charge
        ON CONFLICT (team_id, digest) DO NOTHING RETURNING id, digest
    ), known AS (
        SELECT id, digest FROM made
        UNION ALL SELECT id, digest FROM billing_spenddimensions WHERE team_id = %(team)s
    )
    INSERT INTO billing_spendbucket AS kept (team_id, at, dimensions_id, node, {USES})
    SELECT %(team)s, at, known.id, node, {each_use("coalesce(sum(amount) FILTER (WHERE use = '{use}'), 0)")}
    FROM charge JOIN known USING (digest)
    GROUP BY at, known.id, node
    ON CONFLICT (team_id, at, dimensions_id, node) DO UPDATE SET {each_use("{use} = kept.{use} + EXCLUDED.{use}")}
"""  # noqa: S608  our own

# By pool and repository, which stand in the entry itself: a job's workflow may be known better now than it was then.
TAKEN = (
    "sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)"
    " FILTER (WHERE use = '{use}')"
)
SUMS = f"""
    SELECT concat_ws(', ', 'team ' || team_id, at AT TIME ZONE 'UTC', use, 'pool ' || nullif(pool, 0),
            nullif(repository, '')) AS about,
        coalesce(expected, 0) AS expected, coalesce(found, 0) AS found
    FROM (
        SELECT entry.team_id, {QUARTER} AS at, coalesce(entry.pool_id, 0) AS pool, entry.repository,
            {each_use(TAKEN + " AS {use}")}
        FROM billing_ledgerentry AS entry JOIN billing_spendcursor AS rolled ON rolled.team_id = entry.team_id
        WHERE kind = 'charge' AND entry.id <= rolled.entry_id GROUP BY 1, 2, 3, 4
    ) AS charged FULL JOIN (
        SELECT bucket.team_id, at, coalesce(pool_id, 0) AS pool, repository, {each_use("sum({use}) AS {use}")}
        FROM billing_spendbucket AS bucket JOIN billing_spenddimensions AS dimensions ON dimensions.id = dimensions_id
        GROUP BY 1, 2, 3, 4
    ) AS kept USING (team_id, at, pool, repository)
    CROSS JOIN LATERAL (VALUES {each_use("('{use}', charged.{use}, kept.{use})")}) AS part (use, expected, found)
"""  # noqa: S608  our own
CHECK = Check(DifferenceCause.ROLLUP, SUMS)


def roll_up(now: datetime) -> int:
    """All that is due, as far as a turn gets; the next one goes on. Returns how many entries that were."""
    total, began = 0, time.monotonic()
    for team_id in spend_cursors.due(now - LATE_FACTS):
        while time.monotonic() - began < TURN and (count := roll_up_batch(team_id, now)):
            total += count
    return total


def roll_up_batch(team_id: int, now: datetime) -> int:
    """A team's next entries, none that is too young. Returns how many."""

    def add(after: int, last: int) -> None:
        bounds = {"team": team_id, "after": after, "last": last}
        with connection.cursor() as cursor:
            cursor.execute(ADD_TO_BUCKETS, bounds)

    return spend_cursors.advance(team_id, now - LATE_FACTS, AT_ONCE, add)
