"""One of each reason with its sentence; waits and nodes have theirs in test_waits.py."""

from runners.reasons import ends, jobs, labels, pools, reruns

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
