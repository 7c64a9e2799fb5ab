"""The chain's bills against what was charged, VM by VM:

    bill - charge = price + discount + margin + rounding + seconds + no VM + overdrawn + unexplained

price         units or a TFT cost something else when the chain billed than when the VM was ordered
discount      what the chain gave, less what the VM's quote gives its team
margin        what the operator adds
rounding      the chain rounds each bill three times; a quote and its charges are rounded once
seconds       time that was billed and not charged yet, or charged and not billed yet
no VM         contracts that no VM has: of a deployment that failed, or of another program
overdrawn     an account that had run dry is billed for several hours at once, less what it had paid in part
unexplained   what the chain's formulas don't give for these seconds at these prices, and bills that never came

Only `unexplained` is wrong. VMs from before bills were read are left out (docs/decisions/chain-bills.md).
"""

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing import verification
from billing.verification import Check, DifferenceCause

# What is rounded is rounded half up: div() of numerics cuts off. Between two bills lies an hour, unless the account had
# run dry; then the chain may have billed at other prices and levels than the last. Three days after a VM's end its last
# bill must be there.
BILLS = """
    WITH of_vm AS (
        SELECT coalesce(vm.own_twin_id, wallet.twin_id) AS twin_id, contract::bigint AS contract_id, vm.id AS vm_id
        FROM runners_vm AS vm JOIN billing_wallet AS wallet ON wallet.id = vm.wallet_id
        CROSS JOIN LATERAL jsonb_array_elements(vm.contract_ids) AS contract
    ), made AS (
        SELECT vm.id AS vm_id, contract_created_at AS made_at, contract_ended_at AS ended_at, bills_read_to,
            usd_per_hour, tft_musd, discount_percent * discount_to_team AS off, margin_percent, per_hour, certified,
            least(
                greatest(quote.memory_gb / 4.0, quote.cpu / 2.0),
                greatest(quote.memory_gb / 8.0, quote.cpu),
                greatest(quote.memory_gb / 2.0, quote.cpu / 4.0)
            ) AS cu, quote.disk_gb / 200.0 AS su
        FROM runners_vm AS vm JOIN billing_quote AS quote ON quote.id = vm.quote_id
        JOIN billing_wallet AS wallet ON wallet.id = vm.wallet_id
        JOIN billing_twin AS twin ON twin.id = coalesce(vm.own_twin_id, wallet.twin_id)
        WHERE contract_created_at >= twin.bills_from
    ), bill AS (
        SELECT twin_id, contract_id, of_vm.vm_id, made.vm_id IS NOT NULL AS compared, at, amount, lowest_musd,
            highest_musd, discount_percent, 100 - discount_percent AS rest, cu * cu_price + su * su_price AS usd_hour,
            CASE WHEN certified THEN certified_percent ELSE 100 END AS surcharge,
            round(extract(epoch FROM at - coalesce(
                lag(at) OVER (PARTITION BY twin_id, contract_id ORDER BY at), made_at
            ))) AS seconds
        FROM billing_chainbill LEFT JOIN of_vm USING (twin_id, contract_id)
        LEFT JOIN made ON made.vm_id = of_vm.vm_id
        WHERE amount > 0
    ), priced AS (
        SELECT bill.*, div(2 * usd_hour * seconds + 3600, 7200) AS usd FROM bill WHERE compared
    ), in_tft AS (
        SELECT priced.*, div(2000 * usd + lowest_musd, 2 * lowest_musd) AS dear,
            div(2000 * usd + highest_musd, 2 * highest_musd) AS cheap
        FROM priced
    ), expected AS (
        SELECT in_tft.*, greatest(
            div(2 * cheap * rest * surcharge + 10000, 20000),
            least(amount, div(2 * dear * rest * surcharge + 10000, 20000))
        ) AS due
        FROM in_tft
    ), explained AS (
        SELECT expected.*,
            CASE WHEN seconds > 5400 THEN least(amount, div(2 * dear * surcharge, 100)) - due ELSE 0 END AS overdrawn,
            CASE
                WHEN lowest_musd = highest_musd THEN usd_hour * surcharge * seconds / (360.0 * lowest_musd)
                ELSE due * 100.0 / rest
            END AS listed
        FROM expected
    ), billed AS (
        SELECT vm_id, sum(amount) AS billed, sum(seconds) AS seconds, max(at) AS at, sum(listed) AS listed,
            sum(listed * discount_percent / 100) AS off, sum(overdrawn) AS overdrawn,
            sum(amount - due - overdrawn) AS unexplained
        FROM explained GROUP BY 1
    ), charged AS (
        SELECT vm_id, sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END) AS charged
        FROM billing_ledgerentry WHERE kind = 'charge' GROUP BY 1
    ), both_sides AS (
        SELECT vm_id, coalesce(billed, 0) AS billed, coalesce(charged, 0) AS charged, coalesce(listed, 0) AS listed,
            coalesce(billed.off, 0) AS given, made.off AS passed_on, margin_percent,
            coalesce(overdrawn, 0) AS overdrawn, coalesce(unexplained, 0) AS unexplained,
            usd_per_hour * coalesce(seconds, 0) / (3.6 * tft_musd) AS quoted,
            div(2 * per_hour::numeric * coalesce(seconds, 0) + 3600, 7200) - coalesce(charged, 0) AS seconds,
            ended_at < bills_read_to - interval '3 days'
                AND coalesce(billed.at, made_at) < ended_at - interval '1 min' AS missing
        FROM made LEFT JOIN billed USING (vm_id) LEFT JOIN charged USING (vm_id)
    ), parted AS (
        SELECT vm_id, billed, charged, round(listed - quoted) AS price,
            round(quoted * passed_on / 10000 - given) AS discount, round(-quoted * margin_percent / 100) AS margin,
            CASE WHEN missing THEN 0 ELSE seconds END AS seconds, overdrawn,
            unexplained + CASE WHEN missing THEN seconds ELSE 0 END AS unexplained
        FROM both_sides
    )
    SELECT 'VM ' || vm_id AS about, billed, charged, price, discount, margin,
        billed - charged - price - discount - margin - seconds - overdrawn - unexplained AS rounding, seconds,
        0 AS no_vm, overdrawn, unexplained
    FROM parted
    UNION ALL
    SELECT 'contract ' || contract_id, sum(amount), 0, 0, 0, 0, 0, 0, sum(amount), 0, 0
    FROM bill WHERE vm_id IS NULL GROUP BY twin_id, contract_id
"""
CHECK = Check(
    DifferenceCause.BILL,
    f"SELECT about, billed - unexplained AS expected, billed AS found FROM ({BILLS}) AS bills",  # noqa: S608  our own
)
CAUSES = {  # column -> its name
    "price": gettext_noop("price"),
    "discount": gettext_noop("discount"),
    "margin": gettext_noop("margin"),
    "rounding": gettext_noop("rounding"),
    "seconds": gettext_noop("seconds"),
    "no_vm": gettext_noop("no VM"),
    "overdrawn": gettext_noop("overdrawn"),
    "unexplained": gettext_noop("unexplained"),
}
SUMS = ("billed", "charged", *CAUSES)


@transaction.atomic
def sums() -> dict[str, int]:
    """What the chain billed and what was charged for it, and the causes of the difference, in 1e-7 TFT; {} before bills
    were read."""
    totals = ", ".join(f"sum({name})::bigint" for name in SUMS)
    with connection.cursor() as cursor:
        cursor.execute(verification.BOUNDS)
        cursor.execute(f"SELECT {totals} FROM ({BILLS}) AS bills")  # noqa: S608  our own
        row = cursor.fetchone()
    return {} if row[0] is None else dict(zip(SUMS, row, strict=True))
