-- A busy quarter: a million jobs, a quarter of them of one team, and 200,000 machines for the newest of them.
-- `place` (nth team, k-th organisation: team, connection, pool, wallet) is there; columns that are not named get Django's own
-- defaults. Triggers and foreign keys rest meanwhile.
SET LOCAL session_replication_role = replica;

INSERT INTO grid_farm (network, farm_id, name) SELECT 'simulated', n, 'Farm ' || n FROM generate_series(1, 150) n;
INSERT INTO grid_node (network, node_id, farm_id, country, region, up, healthy, certified, dedicated, total_cru, total_mru,
    total_sru, used_cru, used_mru, used_sru, free_cru, free_mru, free_sru, seen_at, deploys, deploy_ms, boot_ms)
SELECT 'simulated', 1000 + n, farm.id, 'Country ' || mod(n, 60), 'Region ' || mod(n, 5), mod(n, 6) > 0, true, mod(n, 9) = 0,
    false, 32, 131072, 2000, 8, 32768, 500, 24, 98304, 1500, now(), 66, array_fill(4000, ARRAY[20]), array_fill(9000, ARRAY[20])
FROM generate_series(1, 3000) n JOIN grid_farm farm ON farm.farm_id = 1 + mod(n, 150);
INSERT INTO billing_quote (network, node_id, cpu, memory_gb, disk_gb, certified, cu_price, su_price, tft_musd, usd_per_hour,
    per_hour, at)
SELECT 'simulated', node_id, 2, 8, 50, false, 100000, 50000, 10, 212500, 21250000, now() FROM grid_node;

-- n is a job's number, 1 the oldest, and `age` counts from the newest; the newest are still going on.
CREATE TEMP TABLE plan AS
SELECT n, 1000000 - n AS age, now() - (1000000 - n) * interval '7.776 s' AS at, n - 800000 AS vm,
    CASE WHEN n > 999900 THEN 'refused' WHEN n > 999200 THEN 'queued' WHEN n > 998000 THEN 'in_progress' ELSE 'completed'
        END AS state,
    place.*
FROM generate_series(%(oldest)s, 1000000) n
JOIN place ON nth = CASE WHEN mod(n, 4) = 0 THEN 0 ELSE 1 + mod(n, 30) END AND k = mod(n / 4, 4);

INSERT INTO runners_vm (id, team_id, pool_id, wallet_id, cpu, memory_gb, disk_gb, state, state_changed_at, next_step_at, leased_until,
    created_at, node_id, quote_id, ordered_at, sent_at, deployed_at, contract_created_at, contract_ended_at, removed_at,
    claimed_at, last_heartbeat_at, tail)
SELECT vm, team, pool, wallet, 2, 8, 50,
    CASE state WHEN 'completed' THEN 'gone' WHEN 'in_progress' THEN 'busy' ELSE 'booting' END, at, at + interval '1 year', at,
    at, (SELECT min(id) FROM grid_node) + mod(n, 3000), (SELECT min(id) FROM billing_quote) + mod(n, 3000), at, at, at, at,
    CASE state WHEN 'completed' THEN at + interval '5 min' END, CASE state WHEN 'completed' THEN at + interval '5 min' END,
    at, at, repeat('a line of its log' || chr(10), 40)
FROM plan WHERE vm > 0;

INSERT INTO runners_job (id, team_id, connection_id, pool_id, forge_job_id, run_id, repository, workflow, name, branch, sender, labels,
    label_key, size, state, conclusion, awaits_id, vm_id, queued_at, discovered_at, discovered_by, decided_at, started_at, completed_at,
    read_at)
SELECT n, team, connection, pool, n, n / 3, 'acme/app-' || mod(n, 40), 'workflow ' || mod(n, 7), 'job ' || mod(n, 11),
    CASE WHEN mod(n, 5) < 3 THEN 'main' ELSE 'feature-' || mod(n, 500) END, 'person-' || mod(n, 30), '["small"]', 'small',
    '2cpu8gbram50gbssd', state,
    CASE WHEN state <> 'completed' THEN '' WHEN mod(n, 9) = 0 THEN 'failure' WHEN mod(n, 9) = 1 THEN 'cancelled' ELSE 'success' END,
    CASE state WHEN 'queued' THEN vm END, CASE WHEN vm > 0 AND state IN ('completed', 'in_progress') THEN vm END, at, at,
    CASE mod(n, 50) WHEN 0 THEN 'poll' ELSE 'webhook' END, at,
    CASE WHEN state IN ('completed', 'in_progress') THEN at + interval '20 s' END,
    CASE state WHEN 'completed' THEN at + interval '4 min' END, at
FROM plan;

INSERT INTO runners_runner (vm_id, connection_id, labels, label_key, asked_for_id, bound_at, registered_at, handed_over_at, started_at,
    forge_runner_id, job_id, taken_at, deregistered_at)
SELECT vm, connection, '["small"]', 'small', n, at, at, at, at, n, n, at, CASE state WHEN 'completed' THEN at + interval '4 min' END
FROM plan WHERE vm > 0 AND state IN ('completed', 'in_progress');

INSERT INTO billing_ledgerentry (team_id, wallet_id, key, kind, from_account, to_account, moved, amount, at, use, vm_id, job_id,
    pool_id, pool, repository)
SELECT team, wallet, 'vm:' || vm || ':' || use, 'charge', 'grant:' || team, 'operator:income', 1770833, -1770833, at + interval '5 min', use, vm,
    n, pool, 'pool ' || pool, 'acme/app-' || mod(n, 40)
FROM plan CROSS JOIN unnest(ARRAY['boot', 'idle', 'job', 'teardown']) use WHERE vm > 0 AND state = 'completed';
INSERT INTO billing_spent (team_id, at, use, pool_id, pool, amount)
SELECT team_id, date_bin('30 min', at, timestamptz '1970-01-01 00:00Z'), use, pool_id, pool, sum(moved)
FROM billing_ledgerentry WHERE kind = 'charge' GROUP BY 1, 2, 3, 4, 5;
INSERT INTO billing_repositoryspent (team_id, repository, at, amount)
SELECT team_id, lower(repository), date_bin('30 min', at, timestamptz '1970-01-01 00:00Z'), sum(moved)
FROM billing_ledgerentry WHERE kind = 'charge' AND repository <> '' GROUP BY 1, 2, 3;

INSERT INTO runners_event (team_id, pool_id, vm_id, was, now, reason, reason_params, at)
SELECT team, pool, vm, was, move.now, 'other', jsonb_build_object('text', 'it went on to ' || move.now), at
FROM plan CROSS JOIN (VALUES ('wanted', 'deploying'), ('deploying', 'booting'), ('booting', 'standby'), ('standby', 'assigned'),
    ('assigned', 'busy'), ('busy', 'removing'), ('removing', 'gone')) move (was, now) WHERE vm > 0;
INSERT INTO runners_event (team_id, pool_id, reason, reason_params, at)
SELECT team, pool, 'other', '{"text": "Wanted 3: 5 queued, 2 standing by, maximum 20"}', at FROM plan WHERE mod(n, 5) = 0;

-- heartbeats of ten samples, packed as runners/vms/metrics.py packs them
INSERT INTO runners_load (vm_id, at, load, oom_kills, samples)
SELECT vm, now() - beat * interval '10 s', 1.5, 0, decode(repeat('003c6636251a0044004d662e662e', 10), 'hex')
FROM plan CROSS JOIN generate_series(1, 60) beat WHERE state = 'in_progress';
INSERT INTO accounts_auditentry (team_id, at, who, what, "on")
SELECT team, at, 'person-' || mod(n, 30), 'pools.change', 'pool ' || pool FROM plan WHERE mod(n, 20) = 0;
INSERT INTO forges_delivery (connection_id, delivery_id, event, received_at)
SELECT connection, n, 'workflow_job', at FROM plan WHERE age < 80000;
