"""What the ledger holds for withdrawals against what their rows say."""

from billing.verification import Check, DifferenceCause

WITHDRAWALS = """
    WITH flow AS (
        SELECT CASE kind WHEN 'withdrawal' THEN split_part(key, ':', 2)::bigint END AS id, side.account,
            sum(side.amount) AS amount
        FROM billing_ledgerentry
        CROSS JOIN LATERAL (VALUES (from_account, -moved), (to_account, moved)) AS side (account, amount)
        WHERE kind = 'withdrawal' OR 'in_flight' IN (from_account, to_account)
            OR from_account LIKE 'held:%%' OR to_account LIKE 'held:%%'
        GROUP BY 1, 2
    ), fees AS (
        SELECT withdrawal_id AS id, sum(fee) AS amount FROM billing_cashieract
        WHERE withdrawal_id IS NOT NULL GROUP BY 1
    ), due AS (
        SELECT id, side.account, side.amount FROM billing_withdrawal AS w
        LEFT JOIN fees USING (id)
        CROSS JOIN LATERAL (VALUES
            ('held:' || team_id, CASE state WHEN 'held' THEN w.amount + highest_fee ELSE 0 END),
            ('in_flight', CASE state WHEN 'in_flight' THEN w.amount + highest_fee ELSE 0 END),
            ('chain:cashier', CASE state WHEN 'in_flight' THEN 0 ELSE coalesce(fees.amount, 0) END
                + CASE WHEN state IN ('paid', 'returned') THEN w.amount ELSE 0 END
                - CASE state WHEN 'returned' THEN (reason_params ->> 'amount')::bigint ELSE 0 END)
        ) AS side (account, amount)
    )
    SELECT concat_ws(', ', 'withdrawal ' || coalesce(id::text, 'unknown'), account) AS about,
        coalesce(due.amount, 0) AS expected, coalesce(flow.amount, 0) AS found
    FROM due FULL JOIN flow USING (id, account)
    WHERE account LIKE 'held:%%' OR account IN ('in_flight', 'chain:cashier')
"""
CHECKS = (Check(DifferenceCause.WITHDRAWAL, WITHDRAWALS),)
