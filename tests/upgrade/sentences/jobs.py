"""Jobs that no VM stands for, by state, and reruns."""

from tests.upgrade.sentences.names import ORG, OTHER
from tests.upgrade.sentences.outside import BELOW_FLOOR, FORGE_ERRORS

ARM = "can't be served: machines are x86-64, and only a pool that emulates arm64, 5 to 13 times slower, takes it"
JOB_WHY = {
    "waiting": ["its forge holds it back", "its forge holds it back until what it needs is there", OTHER],
    "queued": [
        "just heard of",
        "its forge holds it back though a runner was online for it; trying again later",
        f"{ORG} takes no runner: {FORGE_ERRORS[4]}",
        f"{ORG} takes no runner: {BELOW_FLOOR}",
        "its forge is tried again",
        OTHER,
    ],
    "refused": [
        "no pool of the team asks for jobs with these labels in this repository",
        *(f"its {noun} is being unlinked" for noun in ("organisation", "user", "repository", "instance")),
        "the label “gpu” is not understood: remove it, or give it to the pool as an anchor",
        "the labels large and small ask for different sizes: keep one",
        "it asks for 32 processors and the pool's largest size has 16",
        "it asks for 128 GB of memory and the pool's largest size has 64",
        "it asks for 900 GB of disk and the pool's largest size has 300",
        f"the label “arm64” {ARM}",
        "the label “4cpu” names processors but no memory: write a whole size like 4cpu16gb",
        "the label “16gb” names memory but no processors: write a whole size like 4cpu16gb",
        "the label “1tb” names a disk but neither processors nor memory: write a whole size like 2cpu8gb1000gbssd",
        "the label “0cpu8gb” asks for a size that no machine has",
        "the label “tfgrid=1/zone=be” says zone, which is chosen in the pool and not by a label",
        "the label “tfgrid=1/cpu=2/cpu=4” says the same thing twice: keep one",
        "the label “tfgrid=1/image=alpine” asks for an image that no machine has: leave it out, or ask for "
        "ubuntu-22.04 or ubuntu-24.04",
        "the label “tfgrid=1/cpu=two” needs whole numbers for cpu, ram and disk",
        "the simulated grid isolates nothing, so jobs of a real forge do not run on it; the operator can allow it with "
        "FARMHAND_UNSAFE_LOCAL_JOBS=1",
        "32 processors are more than the 16 that the pool releases serves",
        OTHER,
    ],
    "not_ours": ["none of its labels addresses a pool of this team, so it is left to other runners", OTHER],
}
CONCLUSIONS = ["success", "failure", "cancelled", "skipped", "timed_out", "neutral", "deleted", "rerun", ""]
RERUN = [
    "It runs again by itself, because its machine failed and not its code.",
    "It was run again already.",
    "It has run again by itself twice, and its machine failed once more. Somebody should look.",
    "It did not run again by itself: the pool default does so no more.",
    "It did not run again by itself: kestrel would start all of its run anew.",
    f"It did not run again by itself: {FORGE_ERRORS[3]}",
    f"It did not run again by itself, for an hour long: {FORGE_ERRORS[0]}",
    OTHER,
]
