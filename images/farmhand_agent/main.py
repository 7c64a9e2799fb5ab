"""From the environment that the image gave to a life."""

import os
import re
import sys

from farmhand_agent.fence import lower_oom_score
from farmhand_agent.life import Agent
from farmhand_agent.manager import Manager


def main():
    address, vm, token = take("FARMHAND_AGENT_URL", "FARMHAND_VM", "FARMHAND_TOKEN")
    if not (address.startswith(("http://", "https://")) and vm.isdigit() and token):
        sys.exit("farmhand agent: FARMHAND_AGENT_URL, FARMHAND_VM and FARMHAND_TOKEN must be set")
    lower_oom_score()
    work = os.environ.get("FARMHAND_WORK") or os.environ.get("HOME") or "/tmp"  # noqa: S108 (orders get folders of their own)
    return Agent(Manager(address, int(vm)), token, work).run()


def take(*names):
    """The values of these variables, which are then gone from our environment and from /proc/self/environ."""
    values = [os.environ.pop(name, "") for name in names]
    with open("/proc/self/stat", "rb") as stat:
        start, end = map(int, stat.read().rpartition(b")")[2].split()[47:49])
    memory = os.open("/proc/self/mem", os.O_RDWR)
    for found in re.finditer(rb"[^\0]+", os.pread(memory, end - start, start)):
        if found[0].partition(b"=")[0].decode("utf-8", "replace") in names:
            os.pwrite(memory, bytes(len(found[0])), start + found.start())
    os.close(memory)
    return values
