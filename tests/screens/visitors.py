"""What the team has beside its jobs: servers, somebody in a VM, a node that is emptied, a key."""

from datetime import timedelta

from billing import quotes
from tests.builders import a_debug_access, a_server, a_serving_vm
from tests.house import PUBLIC_KEY
from tests.screens.lives import taken, tell
from tfci.accounts import ssh_keys
from tfci.core.reasons import Other
from tfci.grid import drains

HOST_KEY = " ".join(PUBLIC_KEY.split()[:2])


def servers(team, nodes, price, now):
    """By name: one that serves for a week, one that starts, one whose VMs failed."""
    why = "The last 2 VMs never answered. Farmhand retries after 2 minutes."
    docs = a_server(team, name="docs", created_at=now - timedelta(days=9))
    preview = a_server(team, name="preview", created_at=now - timedelta(seconds=50))
    archive = a_server(team, name="archive", created_at=now - timedelta(minutes=9), reason=Other(why))
    _vm(docs, nodes[14], price, now, timedelta(days=9))
    _vm(preview, nodes[61], price, now, timedelta(seconds=50), "booting", claimed_at=None)
    return {"serving": docs, "starting": preview, "waiting": archive}


def _vm(server, node, price, now, age, state="serving", **fields):
    since, up = now - age, now - age + timedelta(seconds=17)
    times = dict.fromkeys(["created_at", "ordered_at", "sent_at"], since)
    times |= dict.fromkeys(["deployed_at", "contract_created_at", "claimed_at", "state_changed_at"], up)
    times |= {"last_heartbeat_at": now - timedelta(seconds=3), "next_step_at": now + timedelta(hours=1)}
    vm = a_serving_vm(server, state, node=node, **times | fields)
    vm.quote = quotes.quote([(vm, node)], price, since)[0]
    vm.set_reason(Other(f"waiting for the VM on {node} to start") if state == "booting" else None)
    vm.save()
    vm.runs.update(created_at=up, started_at=up, last_answer_at=now - timedelta(seconds=3))
    tell(vm, {"ordered": since, "deployed": up})


def looked_into(work, node, price, owner, now):
    """A VM whose job runs, and somebody is in it."""
    job = taken(
        work,
        node,
        price,
        now - timedelta(minutes=12),
        last_heartbeat_at=now - timedelta(seconds=4),
        phase="job",
    )
    job.vm.addresses = {"mycelium": "4f3:9aa:17c2:5e01:ff0f:8d2e:1b7:6ac4"}
    job.vm.save()
    a_debug_access(job.vm, owner, 60, opened_at=now - timedelta(minutes=7), host_key=HOST_KEY)
    return job.vm


def habits(team, nodes, owner, now):
    """The owner's key, and a node that the owner empties."""
    ssh_keys.add(owner, ssh_keys.read(PUBLIC_KEY), "", now - timedelta(days=3))
    drains.begin(nodes[15], team, owner, now - timedelta(hours=2))
