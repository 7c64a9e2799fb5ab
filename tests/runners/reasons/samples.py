"""One of each reason at least, with its sentence."""

from runners.reasons import ends, jobs, labels, pools, reruns, waits
from runners.reasons.nodes import NodeCode
from tests.runners.reasons.connection_samples import CONNECTIONS, DELIVERIES, FINDINGS, PROBLEMS
from tests.runners.reasons.vm_samples import SERVERS, VMS

JOBS = [
    (jobs.JustQueued(), "just queued: its pool decides next"),
    (jobs.HeldByForge(), "its forge holds it back until what it needs is there"),
    (jobs.NotOurs(), "none of its labels addresses a pool of this team, so it is left to other runners"),
    (jobs.NoPool(), "no pool of the team asks for jobs with these labels in this repository"),
    (jobs.ConnectionEnding("repository"), "its repository is being unlinked"),
    (
        jobs.UnsafeGrid(),
        "the simulated grid isolates nothing, so jobs of a real forge do not run on it; the operator can allow it with "
        "FARMHAND_UNSAFE_LOCAL_JOBS=1",
    ),
    (
        jobs.RunnerUnused(),
        "its forge holds it back though a runner was online for it; trying again later",
    ),
    (jobs.RunnerRefused("acme", "404"), "acme takes no runner: 404"),
    (jobs.ForgeRetried(), "its forge is tried again"),
    (jobs.VmWaits(), "it waits for a node"),
    (jobs.ChainTurn("node 7"), "its VM waits for our turn on the chain, to go to node 7"),
    (jobs.NodeDeploys("node 7"), "node 7 is taking the VM"),
    (jobs.VmBoots("node 7"), "the VM on node 7 is starting"),
    (jobs.VmRestarts("node 7"), "the VM on node 7 starts anew after another job"),
    (jobs.VmReady(), "a VM stands by and is given to it"),
    (jobs.VmReplaced(), "the VM that was meant for it has gone; another is being found"),
    (jobs.RunnerRegisters(), "its runner is being registered"),
    (jobs.HandedOver("acme"), "it waits for acme to hand over the job"),
    (jobs.EndUnknown(), "its engine has ended, and its forge has not said how"),
    (jobs.ForeignRunner("theirs"), "the runner theirs took it, which is not one of ours"),
    (jobs.RerunBeforeEnd(), "it was run again there before its end was reported"),
    (jobs.Canceled(), "it was canceled there"),
]
LABELS = [
    (
        labels.LabelArm64("arm64"),
        "the label “arm64” can't be served: VMs are x86-64, and only a pool that emulates arm64, 5 to 13 times slower, "
        "takes it",
    ),
    (labels.LabelSizeImpossible("0x"), "the label “0x” asks for a size that no VM has"),
    (
        labels.LabelKeysUnknown("tfgrid=1/zone=be", "zone"),
        "the label “tfgrid=1/zone=be” says zone, which is chosen in the pool and not by a label",
    ),
    (
        labels.LabelKeyTwice("tfgrid=1/cpu=1/cpu=2"),
        "the label “tfgrid=1/cpu=1/cpu=2” says the same thing twice: keep one",
    ),
    (
        labels.LabelImageUnknown("tfgrid=1/image=alpine", "ubuntu-22.04 or ubuntu-24.04"),
        "the label “tfgrid=1/image=alpine” asks for an image that no VM has: leave it out, or ask for ubuntu-22.04 or "
        "ubuntu-24.04",
    ),
    (
        labels.LabelNotNumbers("tfgrid=1/cpu=two"),
        "the label “tfgrid=1/cpu=two” needs whole numbers for cpu, ram and disk",
    ),
    (
        labels.LabelPartOfSize("4cpu", "processors", "no memory", "4cpu16gb"),
        "the label “4cpu” names processors but no memory: write a whole size like 4cpu16gb",
    ),
    (
        labels.LabelUnknown("gpu"),
        "the label “gpu” is not understood: remove it, or give it to the pool as an anchor",
    ),
    (
        labels.LabelsSizesDiffer("large and small"),
        "the labels large and small ask for different sizes: keep one",
    ),
    (
        labels.SizeTooLarge(32, 16, "processors"),
        "it asks for 32 processors and the pool's largest size has 16",
    ),
]
ENDS = [
    (ends.OutOfMemory(), "The VM ran out of memory"),
    (ends.OutOfMemory("the kernel killed g++"), "the kernel killed g++"),
    (ends.DiskFull(), "The disk was full"),
    (ends.TooManyProcesses(), "The job started more processes than its VM may have"),
    (ends.AgentKilled(), "The job ended Farmhand’s agent"),
    (ends.NetworkLost(), "The VM lost its connection to the forge"),
    (ends.TimeLimit(), "The time limit was over"),
    (ends.Killed(), "The VM was shut down during the job"),
    (ends.EngineMissing(), "The VM lacks the engine for this forge"),
    (ends.EngineFailed(), "The engine failed before the job could end"),
    (ends.Stopped(), "Farmhand stopped the engine"),
    (ends.VmLost("node 7 lost the VM"), "node 7 lost the VM"),
    (ends.VmLeft(), "The VM ended during the job"),
    (ends.BalanceSpent(), "The team’s balance was used up"),
    (ends.StepFailed(), "A step of the job failed"),
]
RERUNS = [
    (reruns.RerunComing(), "Farmhand runs it again automatically as soon as its VM is gone."),
    (
        reruns.RerunAsked(),
        "Farmhand ran it again automatically, because its VM failed and not its code.",
    ),
    (reruns.RerunAlready(), "It was run again already."),
    (
        reruns.RerunEnough(),
        "Farmhand ran it again automatically twice, and its VM failed once more. Somebody should look.",
    ),
    (
        reruns.RerunSwitchedOff("default"),
        "It did not run again automatically: the pool default no longer does that.",
    ),
    (
        reruns.RerunWholeRun("acme"),
        "It did not run again automatically: acme would run all jobs of its run again.",
    ),
    (reruns.RerunRefused("422"), "It did not run again automatically: 422"),
    (reruns.RerunGivenUp("502"), "It did not run again automatically, for an hour: 502"),
]
POOLS = [
    (
        pools.Planned(0, 2, 0, 1, 0, 3, 1, 0, 0, 2, (("pool_maximum", {"max_vms": 2}),)),
        "Wanted 2, held back 1: the pool has its maximum of 2 VMs; 3 queued, 1 refused, 0 standing by, 0 of 2 VMs",
    ),
    (
        pools.MoreReady("2x", 1, 80, 2, 1, 900, 40),
        "Holds 1 2x more ready, 1 beyond the minimum: processors were at the target of 80 % for 2 minutes, now 90 % in "
        "use and 4 % taken by others on 1 VM",
    ),
    (
        pools.FewerReady("2x", 0, 80, 2, 3, 100, 0),
        "Holds 1 2x fewer ready, 0 beyond the minimum: processors were below the target of 80 % for 2 minutes, now "
        "10 % in use and 0 % taken by others on 3 VMs",
    ),
    (
        pools.FewerReadyIdle("2x", 0, 80),
        "Holds 1 2x fewer ready, 0 beyond the minimum: no VM of it had a job, and the target is 80 %",
    ),
]
OUT = ((NodeCode.DOWN, 0, 2), (NodeCode.MEMORY_IN_USE, 8, 1))
WAITS = [
    (waits.PoolMaximum(1), "the pool has its maximum of 1 VM"),
    (waits.PoolMaximum(3, 1), "the pool has its maximum of 3 VMs, 1 of them promised to older jobs"),
    (
        waits.Balance(20_000_000, 5_000_000, 10_000_000),
        "the balance must cover an hour of everything that runs: 0.5000000 TFT are missing for another VM at "
        "2.0000000 TFT/h; 1.0000000 TFT are promised to older jobs",
    ),
    (
        waits.TeamVms(2, 1),
        "another VM of the team must end first: the operator’s limit for the team is 2 VMs, 1 of them promised to "
        "older jobs",
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
        waits.NoNodeNow(3, OUT, "2026-11-30T12:02:00+00:00"),
        "no node of the 3 chosen can take it: 2 down; 1 less than 8 GB of memory free; the next is tried at 12:02 UTC",
    ),
    (
        waits.GridRefused("no funds", "2026-11-30T12:02:00+00:00"),
        "the grid refused its VM, and is asked again at 12:02 UTC: no funds",
    ),
    (waits.NextDecision(100), "Farmhand starts at most 100 VMs of a team at once; it is among the next"),
    (waits.JobsFirst(), "jobs of the team wait for what it would take, and come before what is kept ready"),
    (
        waits.ReadyBalance(20_000_000, 5_000_000),
        "a VM is kept ready only where the balance covers two hours of it: 0.5000000 TFT are missing for one at "
        "2.0000000 TFT/h",
    ),
    (waits.NoPrices(), "the grid's prices have not been read yet"),
    (waits.NoNodesRead(), "the grid's nodes have not been read yet"),
    (waits.NoAccount(), "the operator has not opened an account on the grid yet"),
    (
        waits.TooDear(39_000_000, 30_000_000),
        "the cheapest node that fits costs 3.9 TFT/h; the pool's limit is 3",
    ),
    (
        waits.NoNodeFits(2, ((NodeCode.TOO_FEW_CPUS, 64, 2),)),
        "no node of the 2 chosen can ever take it: 2 fewer than 64 processors",
    ),
    (waits.NoNodeChosen(), "the pool's choice names no node of this grid"),
]
ALL = {
    "jobs": JOBS,
    "waits": WAITS,
    "labels": LABELS,
    "ends": ENDS,
    "reruns": RERUNS,
    "pools": POOLS,
    "vms": VMS,
    "servers": SERVERS,
    "connections": CONNECTIONS,
    "deliveries": DELIVERIES,
    "findings": FINDINGS,
    "problems": PROBLEMS,
}
