"""What each charge was for, as SQL: the entry's own columns, and those of its job, its VM and their node."""

from billing.uses import Use

# One row a charge of team %(team)s. Other rows are looked up one by one: PostgreSQL would rather read the whole tables
# of jobs and VMs where it can't tell how few charges there are.
CHARGES = """
    SELECT entry.id, entry.at, entry.vm_id AS vm, entry.job_id AS job, entry.pool_id AS pool,
        job.connection_id AS connection, entry.repository, coalesce(job.workflow, '') AS workflow,
        coalesce(vm.size, '') AS size, coalesce(job.sender, '') AS person, vm.node, entry.use,
        CASE WHEN entry.to_account IN ('operator:income', 'grid') THEN entry.moved ELSE -entry.moved END AS amount
    FROM billing_ledgerentry AS entry
    LEFT JOIN LATERAL (
        SELECT connection_id, workflow, sender FROM runners_job WHERE id = entry.job_id LIMIT 1
    ) AS job ON true
    LEFT JOIN LATERAL (
        SELECT concat(cpu, 'cpu', memory_gb, 'gbram', disk_gb, 'gbssd') AS size,
            (SELECT node_id FROM grid_node WHERE grid_node.id = runners_vm.node_id) AS node
        FROM runners_vm WHERE id = entry.vm_id LIMIT 1
    ) AS vm ON true
    WHERE entry.team_id = %(team)s AND entry.kind = 'charge'
"""


def each_use(sql: str) -> str:
    """The same for each use, whose name stands for {use}."""
    return ", ".join(sql.format(use=use.value) for use in Use)
