"""Forges, the grid and agents, in their own words or in those of their clients."""

from tests.upgrade.sentences.names import OTHER

GITEA = "https://git.kestrel.example"
GITHUB = "https://github.com"
FORGE_ERRORS = [
    f"{GITEA} did not answer in time.",
    f"{GITEA} did not do this now: 502.",
    f"{GITEA} does not know this token. Make a new one at {GITEA}/user/settings/applications with read:user.",
    f"{GITEA} does not have this: user redirect does not exist.",
    f"{GITEA} refuses this: 422.",
    f"{GITEA} leads on to https://code.kestrel.example: link the address where that ends.",
    f"{GITEA} did not make a one-job runner: update Gitea to 1.25 or newer.",
    f"There is no Gitea at {GITEA}: give the address of its start page.",
    f"The certificate of {GITEA} is not trusted: self-signed certificate.",
    "The name git.kestrel.example has no address; check its spelling.",
    "The token's user does not own this organisation: put that user into its team Owners.",
    "The token lacks the scope write:organization. Make a new one.",
    "GitHub wants fewer calls: API rate limit exceeded",
    f"{GITHUB} has suspended the App’s installation: whoever owns it there can lift that.",
    "The App farmhand lacks Self-hosted runners. Whoever owns it there can ask for that, and you accept it.",
    "GitHub has removed the scale set of these jobs; it is made anew.",
    "The token's user is no administrator of this Woodpecker, and only one sees its queue.",
    "https://ci.kestrel.example does not know this token. Copy the one that stands there now.",
]
OLD_IMAGE = "the engine github 2.320.0 is 45 days old: build the image anew"
BELOW_FLOOR = "its runner is 2.300.0, and 2.329.0 is the oldest taken"
CONNECTION = [
    *FORGE_ERRORS,
    "The token sees only what is public. Make a new one, for public and private alike.\n"
    "Actions are switched off in kestrel: switch them on there under Settings, Repository, Units, Actions.",
    f"Unlinked, but its webhook or signpost may be left at the forge: {FORGE_ERRORS[2]}",
    f"Jobs are found by polling, since the webhook could not be made: {FORGE_ERRORS[4]}",
    f"The scale set fh-abcdef-small may be left at the forge: {FORGE_ERRORS[13]}",
    BELOW_FLOOR,
    OLD_IMAGE,
    OTHER,
]
SCALE_SET = [
    FORGE_ERRORS[12],
    FORGE_ERRORS[15],
    "This GitHub gave a scale set other labels than it was asked for. An Enterprise Server takes labels from 3.18 on.",
    "Another listener has this scale set’s only session.",
    OTHER,
]
GITHUB_APP = ["GitHub wants fewer calls: API rate limit exceeded", OTHER]
TALLY = {
    "doubled": "",
    "signature": "The signature is wrong: the secret of the webhook was changed at the forge.",
    "size": "A delivery may have 1 MiB.",
    "unreadable": "This delivery does not say which event it is.",
}
NODE_REFUSALS = [  # of one machine
    "Its farmer has taken the node off this grid.",
    "The node reckons a deployment’s hash otherwise than the program that deploys: one of the two is too old.",
    "The node is asleep, or rented by somebody else.",
    "The program ended with 1 and said nothing.",
    "not enough capacity left",
    "…deployment 4711 failed: workload vm error",
    OTHER,
]
TWIN = [
    "The account holds less than the 2 TFT that the chain wants for fees.",
    "The account can’t pay the chain’s fee.",
    "The account can’t pay for what was asked.",
    "ThreeFold’s program does not take these words for an account’s.",
    "The account has no twin on this network yet.",
    "The account’s owner is not verified (KYC), so nodes take nothing from it. ThreeFold’s dashboard does that.",
    "ThreeFold’s program did not reach the chain.",
    "The chain did not tell of the account.",
    "ThreeFold’s program did not reach the relay to the nodes.",
    "ThreeFold’s program did not reach the grid’s proxy.",
    "Another program signs with this account at the same time.",
    OTHER,
]

ENGINE_ENDS = {  # cause -> sentences
    "exited": ["The engine ended by itself.", "exited"],
    "out_of_memory": [
        "Memory ran out and the kernel ended a process.",
        "the kernel killed g++ (7.6 of 8.0 GB in use)",
    ],
    "disk_full": ["The disk was full."],
    "too_many_processes": ["The limit of 8192 processes was reached."],
    "killed": ["Signal 9 ended the engine.", "The machine was told to shut down."],
    "network_lost": ["The engine lost its forge: dial tcp: lookup git.kestrel.example: no such host"],
    "engine_failed": [
        "The engine gave up with exit code 1.",
        "The engine can't be started: Permission denied.",
        "GitHub takes no runner of this version any more: the machine's image must be renewed.",
        "Port 3000 is taken by another program.",
    ],
    "engine_missing": ["This machine has no engine gitea."],
    "time_limit": ["The time limit of 21600 s was over."],
    "stopped": ["The manager said stop.", "The manager does not want this machine any more."],
    "agent_killed": ["Signal 9 ended Farmhand’s agent in the machine."],
    "unheard_of": [OTHER],
}
DEBUG_REFUSED = [
    "This machine’s image has no SSH server.",
    "The SSH server did not come up.",
    "Its SSH server answered with a key that can’t be read.",
    OTHER,
]
