"""One of each reason at least, with its sentence."""

from runners.reasons import ends, jobs, labels, logs, pools, reruns, waits
from runners.reasons.nodes import NodeCode
from tests.runners.reasons.connection_samples import CONNECTIONS, DELIVERIES, FINDINGS, PROBLEMS
from tests.runners.reasons.grid_samples import GRID
from tests.runners.reasons.money_samples import MONEY_PROBLEMS, WITHDRAWALS
from tests.runners.reasons.own_twin_samples import OWN_TWINS
from tests.runners.reasons.vm_samples import REFUSALS, SERVERS, VMS

JOBS = [
    (jobs.JustQueued(), "just queued: its pool decides in a moment"),
    (jobs.HeldByForge(), "the forge holds the job until its dependencies are met"),
    (jobs.NotOurs(), "none of its labels matches a pool of this team, so it is left to other runners"),
    (jobs.NoPool(), "no pool of the team accepts jobs with these labels from this repository"),
    (jobs.ConnectionEnding("repository"), "its repository is being disconnected"),
    (
        jobs.UnsafeGrid(),
        "the simulated grid has no isolation, so it does not run jobs of a real forge; the operator can "
        "allow them with FARMHAND_UNSAFE_LOCAL_JOBS=1",
    ),
    (
        jobs.RunnerUnused(),
        "the forge did not start the job although a runner was online; Farmhand retries later",
    ),
    (jobs.RunnerRefused("acme", "404"), "acme rejected the runner: 404"),
    (jobs.ForgeRetried(), "Farmhand is retrying the forge"),
    (jobs.VmWaits(), "its VM is waiting for a node"),
    (jobs.ChainTurn("node 7"), "its VM is waiting for its turn on the chain, to be deployed on node 7"),
    (jobs.NodeDeploys("node 7"), "node 7 is deploying the VM"),
    (jobs.VmBoots("node 7"), "the VM on node 7 is starting"),
    (jobs.VmRestarts("node 7"), "the VM on node 7 is restarting after another job"),
    (jobs.VmReady(), "a standby VM is being assigned to it"),
    (jobs.VmReplaced(), "the VM for this job is gone; Farmhand is finding another"),
    (jobs.RunnerRegisters(), "its runner is being registered"),
    (jobs.HandedOver("acme"), "waiting for acme to hand over the job"),
    (jobs.EndUnknown(), "its engine has ended, but the forge has not reported a result"),
    (jobs.ForeignRunner("theirs"), "the runner theirs took it, which is not a Farmhand runner"),
    (jobs.RerunBeforeEnd(), "it was retried at the forge before its end was reported"),
    (jobs.Canceled(), "it was canceled at the forge"),
]
LABELS = [
    (
        labels.LabelArm64("arm64"),
        "the label “arm64” can't be served: VMs are x86-64, and only a pool that emulates arm64 (5 to 13 "
        "times slower) accepts it",
    ),
    (labels.LabelSizeImpossible("0x"), "the label “0x” asks for a size that no VM can have"),
    (
        labels.LabelKeysUnknown("tfgrid=1/zone=be", "zone"),
        "the label “tfgrid=1/zone=be” sets zone, which is a setting of the pool and not of a label",
    ),
    (
        labels.LabelKeyTwice("tfgrid=1/cpu=1/cpu=2"),
        "the label “tfgrid=1/cpu=1/cpu=2” sets the same value twice: keep one",
    ),
    (
        labels.LabelImageUnknown("tfgrid=1/image=alpine", "ubuntu-22.04 or ubuntu-24.04"),
        "the label “tfgrid=1/image=alpine” asks for an image that does not exist: remove it, or use ubuntu-22.04 or "
        "ubuntu-24.04",
    ),
    (
        labels.LabelNotNumbers("tfgrid=1/cpu=two"),
        "the label “tfgrid=1/cpu=two” needs whole numbers for cpu, ram and disk",
    ),
    (
        labels.LabelPartOfSize("4cpu", "processors", "no memory", "4cpu16gb"),
        "the label “4cpu” sets processors but no memory: use a complete size like 4cpu16gb",
    ),
    (
        labels.LabelUnknown("gpu"),
        "the label “gpu” is unknown: remove it, or add it to the pool as an anchor",
    ),
    (
        labels.LabelsSizesDiffer("large and small"),
        "the labels large and small ask for different sizes: keep one",
    ),
    (
        labels.SizeTooLarge(32, 16, "processors"),
        "it asks for 32 processors, but the pool's largest size has 16",
    ),
]
ENDS = [
    (ends.OutOfMemory(), "The VM ran out of memory"),
    (ends.OutOfMemory("the kernel killed g++"), "the kernel killed g++"),
    (ends.DiskFull(), "The VM's disk was full"),
    (ends.TooManyProcesses(), "The job reached the VM's limit of processes"),
    (ends.AgentKilled(), "The job killed Farmhand’s agent"),
    (ends.NetworkLost(), "The VM lost its connection to the forge"),
    (ends.TimeLimit(), "The job timed out"),
    (ends.Killed(), "The VM was shut down during the job"),
    (ends.EngineMissing(), "The VM has no engine for this forge"),
    (ends.EngineFailed(), "The engine failed before the job ended"),
    (ends.Stopped(), "Farmhand stopped the engine"),
    (ends.VmLost("node 7 lost the VM"), "node 7 lost the VM"),
    (ends.VmLeft(), "The VM ended during the job"),
    (ends.BalanceSpent(), "The team’s balance was used up"),
    (ends.OwnTwinSpentJob(), "The TFT of the team’s own twin were used up"),
    (ends.LimitEndedJob(), "A spending limit of the team was reached"),
    (ends.StepFailed(), "A step of the job failed"),
]
LOGS = [
    (logs.LogNotStarted(), "The log begins when the job starts."),
    (
        logs.LogAfterEnd("GitHub"),
        "GitHub provides the log after the job has ended. Until then, follow it at GitHub.",
    ),
    (logs.LogEmpty("acme"), "acme has no line of this job’s log yet."),
    (
        logs.LogMissing("acme"),
        "acme has no log of this job: the job never started, or the log was deleted.",
    ),
    (
        logs.LogOldAttempt("Gitea"),
        "The job was retried, and Gitea provides only the log of its last attempt.",
    ),
    (logs.LogUnread("acme", "It did not answer."), "The log could not be read from acme: It did not answer."),
    (logs.LogRefused("acme", "No scope."), "acme refuses to provide the log: No scope."),
    (logs.LogDisconnected("acme"), "acme is no longer connected, so its logs can be read only there."),
    (logs.LogReading(), "Farmhand is reading another log for your team. This one is next."),
    (
        logs.LogTeamLimit(60),
        "Your team has read logs 60 times in this minute, which is the limit. This page continues soon.",
    ),
]
RERUNS = [
    (reruns.RerunComing(), "Farmhand retries the job as soon as its VM is gone."),
    (
        reruns.RerunAsked(),
        "Farmhand retried the job because its VM failed, not its code.",
    ),
    (reruns.RerunAlready(), "The job was already retried."),
    (
        reruns.RerunEnough(),
        "Farmhand retried the job twice, and its VM failed each time. Check the job yourself.",
    ),
    (
        reruns.RerunSwitchedOff("default"),
        "The job was not retried: automatic retries are off in the pool default.",
    ),
    (
        reruns.RerunWholeRun("acme"),
        "The job was not retried: acme would retry all jobs of the run.",
    ),
    (reruns.RerunRefused("422"), "The job was not retried: 422"),
    (reruns.RerunGivenUp("502"), "Farmhand could not retry the job for an hour: 502"),
]
POOLS = [
    (
        pools.Planned(0, 2, 0, 1, 0, 3, 1, 0, 0, 2, (("pool_maximum", {"max_vms": 2}),)),
        "Wanted 2, held back 1: the pool has reached its maximum of 2 VMs; 3 queued, 1 refused, 0 on "
        "standby, 0 of 2 VMs",
    ),
    (
        pools.MoreReady("2x", 1, 80, 2, 1, 900, 40),
        "Keeps 1 more 2x VM ready, 1 above the minimum: CPU use was at the target of 80 % for 2 minutes; "
        "it is now 90 % in use and 4 % steal on 1 VM",
    ),
    (
        pools.FewerReady("2x", 0, 80, 2, 3, 100, 0),
        "Keeps 1 fewer 2x VM ready, 0 above the minimum: CPU use was below the target of 80 % for 2 minutes; it is now "
        "10 % in use and 0 % steal on 3 VMs",
    ),
    (
        pools.FewerReadyIdle("2x", 0, 80),
        "Keeps 1 fewer 2x VM ready, 0 above the minimum: no VM of this size had a job; the target is 80 %",
    ),
]
OUT = ((NodeCode.DOWN, 0, 2), (NodeCode.MEMORY_IN_USE, 8, 1))
WAITS = [
    (waits.PoolMaximum(1), "the pool has reached its maximum of 1 VM"),
    (waits.PoolMaximum(3, 1), "the pool has reached its maximum of 3 VMs, 1 of them reserved for older jobs"),
    (
        waits.Balance(20_000_000, 5_000_000, 10_000_000),
        "the balance must cover one hour of all VMs: another VM at 2.0000000 TFT/h needs 0.5000000 TFT "
        "more; 1.0000000 TFT is reserved for older jobs",
    ),
    (
        waits.OwnTwinShort(20_000_000, 5_000_000),
        "the team’s own twin must cover one hour of all VMs: another VM at 2.0000000 TFT/h needs 0.5000000 TFT more",
    ),
    (
        waits.TeamVms(2, 1),
        "another VM of the team must end first: the operator’s limit for the team is 2 VMs, 1 of them "
        "reserved for older jobs",
    ),
    (
        waits.TeamPrice(110_000_000, 0, 100_000_000),
        "its VM costs 11.0000000 TFT/h, and the operator’s limit for the team is 10.0000000 TFT/h",
    ),
    (
        waits.TeamPrice(20_000_000, 90_000_000, 100_000_000),
        "another VM of the team must end first: its VMs cost 9.0000000 TFT/h, this one 2.0000000 TFT/h more, and the "
        "operator’s limit for the team is 10.0000000 TFT/h",
    ),
    (
        waits.StoppedByLimit(
            3, "pool", "day", "linux", 100_000_000, 104_000_000, "2026-06-02T00:00:00+02:00"
        ),
        "the spending limit of 10 TFT a day for the pool linux is reached: 10.4 TFT spent; it renews at 2026-06-02 "
        "00:00 UTC+0200",
    ),
    (
        waits.StoppedByLimit(4, "team", "month", "", 100_000_000, 90_000_000, "2026-07-01T00:00:00+00:00"),
        "the team’s spending limit of 10 TFT a month leaves nothing for another VM: 9 TFT spent, the rest reserved for "
        "running VMs; it renews at 2026-07-01 00:00 UTC",
    ),
    (
        waits.NoNodeNow(3, OUT, "2026-11-30T12:02:00+00:00"),
        "0 of 3 selected nodes can take it now: 2 down; 1 less than 8 GB of memory free; the next retry is at "
        "12:02 UTC",
    ),
    (
        waits.GridRefused("no funds", "2026-11-30T12:02:00+00:00"),
        "the grid rejected its VM, and Farmhand retries at 12:02 UTC: no funds",
    ),
    (
        waits.NextDecision(100),
        "Farmhand starts up to 100 VMs of a team at a time; this one is in the next group",
    ),
    (waits.JobsFirst(), "jobs of the team need the capacity, and they come before VMs kept ready"),
    (
        waits.ReadyBalance(20_000_000, 5_000_000),
        "a VM is kept ready only if the balance covers two hours of it: one at 2.0000000 TFT/h needs "
        "0.5000000 TFT more",
    ),
    (waits.NoPrices(), "Farmhand has not read the grid's prices yet"),
    (waits.NoNodesRead(), "Farmhand has not read the grid's nodes yet"),
    (waits.NoAccount(), "the operator has not added an account on the grid yet"),
    (
        waits.TooDear(39_000_000, 30_000_000),
        "the cheapest node that fits costs 3.9 TFT/h; the pool's limit is 3",
    ),
    (
        waits.NoNodeFits(2, ((NodeCode.TOO_FEW_CPUS, 64, 2),)),
        "0 of 2 selected nodes can ever take it: 2 fewer than 64 CPUs",
    ),
    (waits.NoNodeChosen(), "the pool selects no node of this grid"),
]
ALL = {
    "jobs": JOBS,
    "waits": WAITS,
    "labels": LABELS,
    "ends": ENDS,
    "reruns": RERUNS,
    "logs": LOGS,
    "pools": POOLS,
    "vms": VMS,
    "servers": SERVERS,
    "connections": CONNECTIONS,
    "deliveries": DELIVERIES,
    "findings": FINDINGS,
    "problems": PROBLEMS,
    "grid": GRID,
    "refusals": REFUSALS,
    "withdrawals": WITHDRAWALS,
    "money": MONEY_PROBLEMS,
    "own_twins": OWN_TWINS,
}
