-- A year that ends now: %(vms)s VMs of the teams in `place` (nth team, team, wallet, connections, pools), the largest with a
-- seventh of them all. A repository has 4 people and 5 workflows. Nine of ten VMs ran a job, all are gone and charged.
-- Triggers and foreign keys rest meanwhile.
SET LOCAL session_replication_role = replica;

INSERT INTO grid_farm (network, farm_id, name) VALUES ('simulated', 1, 'Farm');
INSERT INTO grid_node (network, node_id, farm_id, country, region, up, healthy, certified, dedicated, total_cru, total_mru,
    total_sru, used_cru, used_mru, used_sru, free_cru, free_mru, free_sru, seen_at)
SELECT 'simulated', 1000 + n, (SELECT max(id) FROM grid_farm), 'Belgium', 'Europe', true, true, false, false, 32, 131072, 2000,
    8, 32768, 500, 24, 98304, 1500, now()
FROM generate_series(0, 299) n;
INSERT INTO billing_quote (network, node_id, cpu, memory_gb, disk_gb, certified, cu_price, su_price, tft_musd, usd_per_hour,
    per_hour, at)
SELECT 'simulated', 1000, 2, 8, 50, false, 100000, 50000, 10, 212500, 21600000, now();

-- 6 units a millisecond; a job of 20 to 620 s
CREATE TEMP TABLE plan AS
SELECT n AS vm, CASE WHEN n %% 10 > 0 THEN n END AS job,
    date_trunc('milliseconds', now() - (%(vms)s - n) * interval '365 days' / %(vms)s - interval '3 h') AS at,
    workflow %% 3 AS size, (hashint8(n) & 1048575) %% 300 AS node, 20000 + (hashint8(n + 7) & 1048575) %% 600000 AS ms,
    'acme/app-' || app AS repository, 'workflow-' || workflow AS workflow,
    'person-' || (7 * app + (hashint8(n + 3) & 1048575) %% 4) %% 30 AS person, place.team, place.wallet,
    place.connections[1 + app %% 2] AS connection, place.pools[1 + workflow %% 3] AS pool
FROM generate_series(1::bigint, %(vms)s) n
CROSS JOIN LATERAL (VALUES ((hashint8(n + 1) & 1048575) %% 20, (hashint8(n + 2) & 1048575) %% 5)) AS work (app, workflow)
JOIN place ON place.nth = floor(%(teams)s * power((hashint8(n + 4) & 1048575) / 1048576.0, 2))::int;

INSERT INTO runners_vm (id, team_id, pool_id, wallet_id, cpu, memory_gb, disk_gb, state, state_changed_at, next_step_at,
    leased_until, created_at, node_id, quote_id, ordered_at, sent_at, deployed_at, contract_created_at, contract_ended_at,
    removed_at, claimed_at)
SELECT vm, team, pool, wallet, 2 + 2 * size, 8 + 8 * size, 50, 'gone', ended, ended, at, at,
    (SELECT min(id) FROM grid_node WHERE node_id = 1000) + node, (SELECT max(id) FROM billing_quote), at, at, at, at, ended,
    ended, at + interval '10 s'
FROM plan CROSS JOIN LATERAL (SELECT at + (ms + 18000) * interval '1 ms') AS over (ended);
INSERT INTO runners_job (id, team_id, connection_id, pool_id, forge_job_id, repository, workflow, name, sender, labels, label_key,
    size, state, conclusion, vm_id, queued_at, discovered_at, discovered_by, started_at, completed_at, read_at, described_at)
SELECT job, team, connection, pool, job, repository, workflow, 'build', person, '["small"]', 'small', '', 'completed', 'success',
    vm, at, at, 'webhook', at, at, at, at
FROM plan WHERE job IS NOT NULL;
INSERT INTO runners_runner (vm_id, connection_id, labels, label_key, asked_for_id, bound_at, job_id)
SELECT vm, connection, '["small"]', 'small', job, at, job FROM plan WHERE job IS NOT NULL;

-- written when each VM had gone, in the order of time
INSERT INTO billing_ledgerentry (team_id, wallet_id, key, kind, from_account, to_account, moved, amount, at, use, vm_id, job_id,
    pool_id, pool, repository)
SELECT team, wallet, 'vm:' || vm || ':' || part.use, 'charge', 'team:' || team, 'operator:income', 6 * part.ms, -6 * part.ms,
    plan.at + (plan.ms + 18000) * interval '1 ms', part.use, vm, job, pool, 'pool ' || pool,
    CASE WHEN job IS NULL THEN '' ELSE repository END
FROM plan CROSS JOIN LATERAL (VALUES ('boot', 10000), (CASE WHEN job IS NULL THEN 'idle' ELSE 'job' END, plan.ms),
    ('teardown', 8000)) AS part (use, ms)
ORDER BY vm;
INSERT INTO billing_spent (team_id, at, use, pool_id, pool, amount)
SELECT team_id, date_bin('30 min', at, timestamptz '1970-01-01 00:00Z'), use, pool_id, pool, sum(moved)
FROM billing_ledgerentry WHERE kind = 'charge' GROUP BY 1, 2, 3, 4, 5;
INSERT INTO billing_repositoryspent (team_id, repository, at, amount)
SELECT team_id, lower(repository), date_bin('30 min', at, timestamptz '1970-01-01 00:00Z'), sum(moved)
FROM billing_ledgerentry WHERE kind = 'charge' AND repository <> '' GROUP BY 1, 2, 3;
INSERT INTO billing_accountbalance (team_id, account, amount)
SELECT team_id, account, sum(part) FROM billing_ledgerentry
CROSS JOIN LATERAL (VALUES (from_account, -moved), (to_account, moved)) AS side (account, part)
WHERE kind = 'charge' GROUP BY 1, 2 ON CONFLICT (team_id, account) DO UPDATE SET amount = billing_accountbalance.amount + EXCLUDED.amount;
UPDATE billing_wallet SET balance = balance + spent.amount FROM billing_accountbalance AS spent
WHERE spent.team_id = billing_wallet.team_id AND spent.account = 'team:' || spent.team_id;
