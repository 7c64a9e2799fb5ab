"""What tests of rights send with the lines of tests/rights.py."""

from tests.house import LINK, POOL, PUBLIC_KEY, SENT_SERVER, SERVER, SPENDING_LIMIT

# What is sent, where an empty form would not do. The right comes first: what is sent need not make sense.
SENT = {
    "POST /t/TEAM/servers/apps/pages/deploy/": SERVER,
    "POST /t/TEAM/servers/SERVER/delete/": {"typed": "docs"},
    "POST /api/v1/servers": SENT_SERVER,
    "POST /t/TEAM/pools/new/": POOL,
    "POST /t/TEAM/pools/POOL/edit/": POOL,
    "POST /t/TEAM/spend/limits/new/": SPENDING_LIMIT,
    "POST /t/TEAM/spend/limits/LIMIT/edit/": {"amount": "20", "stops": "warn"},
    "POST /t/TEAM/connections/new/": LINK,
    "POST /t/TEAM/connections/CONNECTION/discovery/": {"way": "poll"},
    "POST /t/TEAM/connections/CONNECTION/test-job/": {"repository": "kestrel/app"},
    "POST /t/TEAM/team/tokens/": {"name": "deploy", "scope": "read", "days": 30},
    "POST /t/TEAM/team/invite/": {"role": "viewer"},
    "POST /t/TEAM/team/hand-over/": {"person": "MEMBER"},
    "POST /t/TEAM/team/delete/": {"typed": "Kestrel Labs", "leave": "on"},
    "POST /teams/": {"name": "Night Shift"},
    "POST /profile/": {"time_zone": "UTC"},
    "POST /profile/ssh-keys/": {"key": PUBLIC_KEY},
    "POST /operator/teams/TEAM/limits/": {"max_vms": "5"},
    "POST /operator/teams/TEAM/credit/": {"amount": "2.5", "why": "for the outage", "key": "0" * 32},
    "POST /api/v1/connections": LINK,
    "POST /api/v1/vms/VM/debug": {"person": "nobody@example.org"},
    "PATCH /api/v1/connections/CONNECTION": {"token": ""},
    "POST /api/v1/pools": {"name": "new", "connections": []},
    "POST /api/v1/pools/import": {"tfrobot": "nothing"},
    "PATCH /api/v1/pools/POOL": {"max_vms": 3},
    "POST /api/v1/limits": {"scope": "team", "period": "month", "amount": "10"},
    "PATCH /api/v1/limits/LIMIT": {"amount": "20"},
}
