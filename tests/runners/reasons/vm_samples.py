"""One of each reason of VMs and servers with its sentence."""

from runners.reasons import refusals, retirements, reuse, servers, vm_ends, vm_notes, vms

VMS = [
    (vms.NeedsNode(), "waiting for a node"),
    (vms.Ordered("node 7"), "deployment ordered on node 7"),
    (vms.NodeRefused("node 7", "no room"), "node 7 rejected it: no room"),
    (vms.VmChainTurn(), "waiting for its turn on the chain"),
    (vms.NodeTakes("node 7"), "waiting for node 7 to deploy it"),
    (vms.Deployed("node 7"), "deployed on node 7"),
    (vms.Starting("node 7"), "waiting for the VM on node 7 to start"),
    (vms.Claimed(), "its agent claimed it"),
    (vms.CameBack(21.4), "it restarted with a new key after 21.4 s"),
    (vms.NeedsJob(), "waiting for a job"),
    (vms.Bound("acme/app: test"), "assigned to acme/app: test"),
    (vms.Handover("acme"), "waiting for acme to hand over the job"),
    (vms.CallsPaused("acme", "429"), "acme asked for a pause in calls: 429"),
    (vms.ForgeAway("acme", "no answer"), "acme can't be reached: no answer"),
    (vms.JobBeingNoted(), "waiting for its job to be recorded"),
    (vms.WhichJob("acme"), "waiting for acme to report which job it has"),
    (vms.WhichJobRan("acme"), "waiting for acme to report which job it ran"),
    (vms.RunsJob("acme/app: test"), "running acme/app: test"),
    (vms.LastLines(), "waiting for its engine's last log lines"),
    (vms.JobFollows("success"), "its job ended: success; another may follow"),
    (vms.Rebooting(), "waiting for the VM to reboot"),
    (
        vms.KeptOpen("ann", vms.part(vm_ends.JobEnded("failure"))),
        "its job ended: failure; debug access is open for ann",
    ),
    (vms.Debugged("ann"), "kept while ann has debug access"),
    (vms.Deregistering("acme"), "waiting for acme to remove its runner"),
    (vms.CancelingContract(), "waiting for the grid to cancel its contract"),
    (vms.AppStarting(), "waiting for its app to answer"),
    (vms.AppAnswers(), "its app answers"),
    (vms.AppSilent(), "waiting for its app to answer again"),
    (vms.ProgramRests("It gave up."), "waiting for its program to restart: It gave up."),
    (vm_notes.SecondClaim(), "a second claim with another key was rejected"),
    (vm_notes.AgentSignaled(9), "Signal 9 killed Farmhand’s agent in the VM."),
    (
        vm_notes.RunnerLeft("acme", "403"),
        "acme did not let Farmhand remove the runner, so it may still be listed there: 403",
    ),
    (vm_notes.DebugOpened("ann", 30), "debug access was opened for ann for 30 minutes"),
    (vm_notes.DebugClosed("ann"), "debug access for ann was closed"),
    (
        vm_notes.BalanceRunsOut(14),
        "the team’s balance is running out: this VM ends in about 14 min unless TFT is added",
    ),
    (
        vm_notes.JobOverLimit(6, "team", "job", "", 20_000_000, 21_000_000),
        "the job has cost 2.1 TFT so far: the team’s spending limit of 2 TFT a job is reached",
    ),
    (vm_ends.JobEnded("success"), "its job ended: success"),
    (
        vm_ends.JobEndedLast("success", vms.part(reuse.ManyJobs(20))),
        "its job ended: success; it is not reused: it has run 20 jobs",
    ),
    (vm_ends.EngineEnded("killed", "Signal 9 ended the engine."), "Signal 9 ended the engine."),
    (vm_ends.EngineEnded(), "its engine ended without a job"),
    (vm_ends.EndUnreported(), "its engine ended, but the forge never reported a result"),
    (vm_ends.DebugOver(), "debug access has ended"),
    (vm_ends.NoAnswer("node 7", 10), "node 7 did not answer for 10 minutes"),
    (vm_ends.DiedStarting(), "it stopped while starting"),
    (vm_ends.NeverStarted(3), "it did not start within 3 minutes"),
    (vm_ends.RunnerGone(), "its runner is gone from the forge"),
    (vm_ends.ImageRefused("acme", "too old"), "acme rejects runners from this image: too old"),
    (vm_ends.RegistrationRefused("acme", "403"), "acme rejected the runner: 403"),
    (
        vm_ends.ForgeUnreachable("acme", "no answer", 5),
        "acme could not be reached for 5 minutes: no answer",
    ),
    (vm_ends.NoJobGiven(5), "the forge assigned it no job for 5 minutes"),
    (vm_ends.JobOver("acme/app: test"), "acme/app: test ended before this VM got it"),
    (vm_ends.JobTaken("acme/app: test"), "another runner took acme/app: test before this VM got it"),
    (vm_ends.JobTooLong(360), "the job exceeded its timeout of 360 minutes"),
    (vm_ends.NeverCameBack(3), "it did not restart within 3 minutes"),
    (vm_ends.NodeLostVm("node 7"), "node 7 lost the VM"),
    (
        vm_ends.NodeMissing("node 7", 1, down=True),
        "node lost: the grid reports node 7 as down, and the VM’s agent has been silent for 1 minute",
    ),
    (
        vm_ends.NodeMissing("node 7", 2, down=False),
        "node lost: the grid reports node 7 as unhealthy, and the VM’s agent has been silent for 2 minutes",
    ),
    (
        vm_ends.NodeSilent("node 7", 5),
        "node lost: all our VMs on node 7 have been silent for 5 minutes",
    ),
    (vm_ends.AgentSilent(5), "its agent has been silent for 5 minutes"),
    (vm_ends.AppFailed("It gave up."), "its app did not start: It gave up."),
    (vm_ends.AppNeverAnswered(5), "its app did not answer within 5 minutes"),
    (retirements.RetiredBy("ann"), "ann retired it"),
    (retirements.NodeDrained("node 7"), "node 7 is being drained"),
    (retirements.MakesWay(), "removed to make room for a job"),
    (
        retirements.HourUncovered(15_000_000),
        "the balance is 1.5000000 TFT short of one hour of all running VMs",
    ),
    (retirements.Unplaced(), "no node can take it, or it is no longer needed"),
    (retirements.Idle(5), "idle for 5 minutes"),
    (
        retirements.ProtectionChanged("encrypted"),
        "the pool now keeps job data on an encrypted disk",
    ),
    (retirements.ProtectionChanged("ram"), "the pool now keeps job data in memory only"),
    (retirements.ProtectionChanged("none"), "the pool now keeps job data on an unencrypted disk"),
    (retirements.ReuseEnded(), "the pool no longer reuses VMs"),
    (retirements.ConnectionEnded("repository"), "its repository is being disconnected"),
    (retirements.PoolDeleted(), "its pool was deleted"),
    (retirements.ServerDeleted(), "its server was deleted"),
    (retirements.PrepaidBalanceSpent(), "the team’s balance is used up"),
    (retirements.OwnTwinSpent(), "the TFT of the team’s own twin are used up"),
    (
        retirements.LimitReached(
            5, "repository", "month", "acme/app", 100_000_000, 104_000_000, "2026-07-01T00:00:00+00:00"
        ),
        "the spending limit of 10 TFT a month for acme/app is reached: 10.4 TFT spent",
    ),
    (reuse.PoolClosing(), "its pool is being deleted"),
    (reuse.WasDebugged(), "it was used for debug access"),
    (reuse.ProtectionDiffers(), "the pool's data protection has changed"),
    (reuse.NewVmEachJob(), "each job of the pool gets a new VM"),
    (reuse.NotErased(), "a reboot would not erase the job's data"),
    (reuse.ReachTooWide("repository"), "the forge could give it jobs of another repository"),
    (
        reuse.UntrustedEvent("pull_request"),
        "its run was triggered by pull_request, which people outside the team can cause",
    ),
    (
        reuse.UntrustedEvent(""),
        "its run was triggered by an unknown event, which people outside the team can cause",
    ),
    (reuse.EngineKilled(), "its engine had to be stopped"),
    (reuse.ManyJobs(20), "it has run 20 jobs"),
    (reuse.OldVm(24), "it is older than 24 hours"),
]
SERVERS = [
    (servers.AppWithdrawn(), "Its app is no longer in the catalog."),
    (servers.AppNeeds("It needs a cluster."), "It needs a cluster."),
    (
        servers.GridReadOnly(),
        "Farmhand can only list the nodes of this grid until the operator sets an image (FARMHAND_FLIST).",
    ),
    (
        servers.VmsUnreachable(),
        "VMs of this grid can't be reached, not even from their own host.",
    ),
    (servers.NoAppImage("Gitea"), "No VM image with Gitea has been published for this grid."),
    (
        servers.NoAppProgram("gitea"),
        "VMs of this grid are programs on one host, which has no “gitea”. The operator can add it to the "
        "folder of engines (FARMHAND_ENGINES).",
    ),
    (
        servers.NeverServed(1, 1),
        "The last VM never answered. Farmhand retries after 1 minute.",
    ),
    (
        servers.NeverServed(3, 4),
        "The last 3 VMs never answered. Farmhand retries after 4 minutes.",
    ),
]
REFUSALS = [
    (
        refusals.NothingToEnter(),
        "VMs of the simulated grid are programs on Farmhand’s own host, so there is nothing to sign in "
        "to. The local grid has real VMs.",
    ),
    (refusals.NoJobRuns(), "Debug access can only be opened while a job runs on the VM."),
    (refusals.NoAddress(), "The grid has not reported an address for this VM."),
    (refusals.TimeNearlyOver(), "The VM’s job is about to time out."),
    (
        refusals.OpenAlready("ann"),
        "Debug access is already open for ann. Only one person at a time can have it.",
    ),
    (refusals.NoSshKey("ann"), "ann has no SSH key. Add one under “Your account → SSH keys”."),
    (refusals.SshServerFailed("This image has no SSH server."), "This image has no SSH server."),
    (refusals.HostKeyUnreadable(), "Its SSH server answered with a key that can’t be read."),
    (
        refusals.VmOfServer("fh_7", "docs"),
        "fh_7 is the VM of the server docs. Delete the server to remove both.",
    ),
    (
        refusals.VmRunsJob("fh_7"),
        "fh_7 is running a job and ends with it. To end it now, cancel the job at its forge.",
    ),
]
