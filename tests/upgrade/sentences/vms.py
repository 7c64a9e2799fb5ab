"""VMs, servers and pools: what each state waits for, why VMs go, what pools decide."""

from tests.upgrade.sentences.jobs import CONCLUSIONS
from tests.upgrade.sentences.names import JOB, NODE, ORG, OTHER, PERSON
from tests.upgrade.sentences.outside import BELOW_FLOOR, ENGINE_ENDS, FORGE_ERRORS, NODE_REFUSALS, OLD_IMAGE
from tests.upgrade.sentences.waits import KEPT_READY, WAITS

SPENT = "the team’s balance is used up"
RETIRED = [  # wishes, which become the reason of the move
    f"{PERSON} retired it",
    f"{NODE} is being drained",
    "to make way for a job",
    "the balance lacks 1.5000000 TFT for an hour of what runs",
    "no node takes it, or nothing needs it any more",
    "no job came for 5 minutes",
    *(
        f"the pool wants what jobs write {where} now"
        for where in ("on an encrypted disk", "in memory only", "on a plain disk")
    ),
    "the pool lets no jobs follow one another on it any more",
    "its organisation is being unlinked",
    "its pool was deleted",
    "its server was deleted",
    SPENT,
    OTHER,
]
NO_OTHER_FOLLOWS = [
    *RETIRED[:1],
    "its pool is being closed",
    f"{NODE} is being drained",
    "somebody was in it by debug access",
    "the pool wants another protection now",
    "a reboot would not make unreadable what the job left",
    "its forge may hand it to jobs of another repository",
    "its forge may hand it to jobs of another organisation",
    "its run came from pull_request, which a stranger may cause",
    "its run came from what its forge has not said, which a stranger may cause",
    "its engine did not end by itself",
    "it has run 20 jobs",
    "it is older than 24 hours",
]
LOST = [
    f"{NODE} lost the machine",
    f"node lost: the grid calls {NODE} down, and the machine’s agent has said nothing for 2 minutes",
    f"node lost: the grid calls {NODE} not healthy, and the machine’s agent has said nothing for 1 minute",
    f"node lost: none of our machines on {NODE} has said anything for 5 minutes",
]
FAILED = [
    *LOST,
    "its agent has been silent for 5 minutes",
    f"{NODE} did not answer for 10 minutes",
    "it died while it started",
    "it did not come up within 3 minutes",
    "its app did not start: The engine gave up with exit code 1.",
    "its app did not answer within 5 minutes",
    "its runner is gone from the forge",
    f"{ORG} would take no runner of this image: {BELOW_FLOOR}",
    f"{ORG} would take no runner of this image: {OLD_IMAGE}",
    f"{ORG} refused a runner: {FORGE_ERRORS[4]}",
    f"{ORG} could not be reached for 5 minutes: {FORGE_ERRORS[0]}",
    "its engine ended without a job",
    "its forge gave it no job for 5 minutes",
    f"{JOB} ended before this machine got it",
    f"{JOB} was taken before this machine got it",
    "its engine ended and its forge never said how",
    "the job ran longer than its time limit of 360 minutes",
    "debug access has ended",
    "it did not come back within 3 minutes",
    *(sentence for sentences in ENGINE_ENDS.values() for sentence in sentences),
    "its machine stopped answering",
]
DONE = [
    *(f"its job ended: {conclusion}" for conclusion in CONCLUSIONS),
    *(f"its job ended: success; no other follows: {why}" for why in NO_OTHER_FOLLOWS),
]
GONE = [*RETIRED, *FAILED, *DONE]
VM_WHY = {
    "wanted": [
        "for a node",
        f"{NODE} refused it: {NODE_REFUSALS[4]}",
        *(sentence for _, _, sentence in WAITS),
        OTHER,
    ],
    "deploying": [f"ordered on {NODE}", "for its turn on the chain", f"for {NODE} to take it", OTHER],
    "booting": [f"{NODE} has it", f"for the machine on {NODE} to start", OTHER],
    "standby": ["its agent claimed it", "it came back with a new key after 21.4 s", "for a job", OTHER],
    "assigned": [
        f"bound to {JOB}",
        f"for {ORG} to hand over the job",
        f"{ORG} wants no calls for a while: {FORGE_ERRORS[12]}",
        f"{ORG} can't be reached: {FORGE_ERRORS[0]}",
        "for its job to be noted",
        f"for {ORG} to say which job it has",
        f"for {ORG} to say which job it ran",
        OTHER,
    ],
    "busy": [f"runs {JOB}", "for its engine's last lines", OTHER],
    "kept": [
        f"its job ended: failure; debug access is open for {PERSON}",
        f"for {ORG} to forget its runner",
        f"for {PERSON}, who is in it by debug access",
        OTHER,
    ],
    "refreshing": [
        "its job ended: success; another may follow",
        f"for {ORG} to forget its runner",
        "for the machine to start anew",
        OTHER,
    ],
    "removing": [
        "for the grid to cancel its contract",
        f"for {ORG} to forget its runner",
        *RETIRED,
        *DONE[:3],
    ],
    "gone": GONE,
}
SERVING_WHY = {
    "booting": ["for its app to answer"],
    "serving": [
        "its app answers",
        "for its app to answer again",
        "for its program to be started again: The engine gave up with exit code 1.",
        OTHER,
    ],
}
SERVER_WHY = [
    "",
    "Its app is in the catalogue no more.",
    "The last machine never served. The next is tried after a pause of 1 minute.",
    "The last 3 machines never served. The next is tried after a pause of 4 minutes.",
    "Of this grid Farmhand shows the nodes alone, until whoever runs it sets an image (FARMHAND_FLIST).",
    "Nobody can call machines of this grid, not even from the computer they are on.",
    "No image of a machine with Gitea has been published for this grid.",
    "Machines of this grid are programs on one computer, and it has no “gitea”. Whoever runs it can put it into the "
    "folder of engines (FARMHAND_ENGINES).",
    OTHER,
]

VM_TOLD = [
    "a second claim with another key was refused",
    "Signal 9 ended Farmhand’s agent in the machine.",
    f"debug access was opened for {PERSON}, for 30 minutes",
    f"debug access for {PERSON} was closed",
    "the team’s balance runs out: this VM ends in about 12 min unless TFT are added",
    OTHER,
]
SEEN = "3 queued, 1 standing by, 4 of 20 machines"
DECISIONS = [
    f"Bound 1: {SEEN}",
    f"Wanted 3: {SEEN}",
    *(f"Retired 1: {why}; {SEEN}" for why in RETIRED[2:10]),
    *(f"Held back 2: {why}; {SEEN}" for _, _, why in WAITS),
    *(f"Not kept ready 1: {why}; {SEEN}" for _, _, why in KEPT_READY),
    "Bound 1, wanted 2, retired 1, held back 3: no job came for 5 minutes; the pool has its maximum of 4 VMs; "
    "3 queued, 1 refused, 1 standing by, 4 of 20 machines",
    "Holds 1 2cpu8gbram50gbssd more ready, 1 beyond the minimum: processors were at the target of 80 % for 10 minutes, "
    "now 91 % in use and 3 % taken by others on 2 machines",
    "Holds 1 2cpu8gbram50gbssd fewer ready, 0 beyond the minimum: processors were below the target of 80 % for 10 "
    "minutes, now 12 % in use and 0 % taken by others on 1 machine",
    "Holds 1 2cpu8gbram50gbssd fewer ready, 0 beyond the minimum: no machine of it had a job, and the target is 80 %",
    OTHER,
]
