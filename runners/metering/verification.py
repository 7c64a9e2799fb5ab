"""The whole ledger against the VMs that it charges: their seconds at their quotes, each job's share, the bills."""

from datetime import datetime

from billing import verification
from billing.verification import Check, DifferenceCause, Findings
from billing.withdrawals import verification as withdrawals
from runners.metering import bill_comparison, spend_rollup

# A VM that is still there is charged up to some minutes ago; nothing that is not gone may be ahead of its time.
VMS = """
    WITH charged AS (
        SELECT vm_id, sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END) AS amount
        FROM billing_ledgerentry WHERE kind = 'charge' GROUP BY 1
    ), metered AS (
        SELECT vm.id AS vm_id, settled, 2 * quote.per_hour::numeric * greatest(0, floor(1000 * extract(epoch FROM
            CASE WHEN settled THEN contract_ended_at ELSE %(now)s + interval '1 min' END - contract_created_at
        ))) AS twice
        FROM runners_vm AS vm
        CROSS JOIN LATERAL (SELECT vm.state = 'gone' AND contract_ended_at IS NOT NULL) AS ended (settled)
        JOIN billing_quote AS quote ON quote.id = vm.quote_id
        WHERE contract_created_at IS NOT NULL
    ), due AS (
        SELECT vm_id, settled, div(twice + 3600000, 7200000) AS amount FROM metered
    )
    SELECT 'VM ' || coalesce(vm_id::text, 'unknown') AS about, coalesce(charged.amount, 0) AS found,
        CASE WHEN settled THEN due.amount ELSE least(coalesce(due.amount, 0), coalesce(charged.amount, 0)) END
            AS expected
    FROM due FULL JOIN charged USING (vm_id)
"""
# Of VMs that are gone: all is borne by the one job where there was one, for most have one. One whose shares were never
# divided is from before that was done (decisions/job-cost.md).
SHARES = """
    WITH run AS (
        SELECT vm_id, count(*) AS jobs, min(job_id) AS job_id FROM runners_runner WHERE job_id IS NOT NULL GROUP BY 1
    ), several AS (
        SELECT vm_id FROM run JOIN runners_vm AS vm ON vm.id = vm_id WHERE jobs > 1 AND vm.state = 'gone'
    ), charged AS (
        SELECT vm_id, use, coalesce(entry.job_id, 0) AS job_id,
            sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)::bigint AS amount
        FROM billing_ledgerentry AS entry JOIN several USING (vm_id)
        WHERE kind = 'charge' AND use IN ('boot', 'idle', 'refresh', 'teardown') GROUP BY 1, 2, 3
    ), divided AS (
        SELECT vm_id FROM charged GROUP BY 1 HAVING bool_or(job_id > 0)
    ), turn AS (
        SELECT vm_id, job_id, row_number() OVER (PARTITION BY vm_id ORDER BY id) AS nth,
            count(*) OVER (PARTITION BY vm_id) AS jobs
        FROM runners_runner JOIN divided USING (vm_id) WHERE job_id IS NOT NULL
    ), due AS (
        SELECT vm_id, use, job_id, sum(amount * nth / jobs - amount * (nth - 1) / jobs) AS amount
        FROM (SELECT vm_id, use, sum(amount)::bigint AS amount FROM charged GROUP BY 1, 2) AS whole
        JOIN turn USING (vm_id) GROUP BY 1, 2, 3
    )
    SELECT concat_ws(', ', 'VM ' || vm_id, use, 'job ' || nullif(job_id, 0)) AS about,
        coalesce(due.amount, 0) AS expected, coalesce(borne.amount, 0) AS found
    FROM due FULL JOIN (SELECT charged.* FROM charged JOIN divided USING (vm_id)) AS borne USING (vm_id, use, job_id)
    UNION ALL
    SELECT concat_ws(', ', 'VM ' || vm.id, use, 'other jobs or none'), 0, amount
    FROM (
        SELECT entry.vm_id, sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)
                FILTER (WHERE use = 'boot' AND entry.job_id IS DISTINCT FROM run.job_id),
            sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)
                FILTER (WHERE use = 'idle' AND entry.job_id IS DISTINCT FROM run.job_id),
            sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)
                FILTER (WHERE use = 'refresh' AND entry.job_id IS DISTINCT FROM run.job_id),
            sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)
                FILTER (WHERE use = 'teardown' AND entry.job_id IS DISTINCT FROM run.job_id)
        FROM billing_ledgerentry AS entry LEFT JOIN run USING (vm_id)
        WHERE kind = 'charge' AND use IN ('boot', 'idle', 'refresh', 'teardown') AND coalesce(jobs, 1) = 1
        GROUP BY 1 HAVING bool_or(entry.job_id IS NOT NULL)
    ) AS single (vm_id, boot, idle, refresh, teardown)
    JOIN runners_vm AS vm ON vm.id = vm_id AND vm.state = 'gone'
    CROSS JOIN LATERAL (VALUES ('boot', boot), ('idle', idle), ('refresh', refresh), ('teardown', teardown))
        AS part (use, amount)
    WHERE amount <> 0
"""
CHECKS = (
    *verification.CHECKS,
    spend_rollup.CHECK,
    *withdrawals.CHECKS,
    Check(DifferenceCause.VM, VMS),
    Check(DifferenceCause.SHARE, SHARES),
    bill_comparison.CHECK,
)


def verify(now: datetime) -> Findings:
    """Compare all there is, and keep the result for the operator's page."""
    return verification.run(CHECKS, now, bill_comparison.sums)


def verify_nightly(now: datetime) -> Findings | None:
    """The same once a night; None where that is done."""
    return verify(now) if verification.due(now) else None
