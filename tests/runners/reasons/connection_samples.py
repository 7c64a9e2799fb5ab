"""One of each reason at least of what concerns connections, with its sentence."""

from runners.reasons import connections, deliveries
from tfci.forges import findings, problems

URL, PAGE, SCOPES = "https://git.example.org", "https://git.example.org/tokens", ("a:read", "b:write")
MAKE = "Make a new one at https://git.example.org/tokens with a:read, b:write"
DELIVERIES = [
    (deliveries.PollingOnly(), "none, by choice: jobs are found by polling alone"),
    (deliveries.NoWebhooks(), "none, for its forge sends none: jobs are found by polling alone"),
    (deliveries.WebhookNotCreated(), "not made"),
    (deliveries.WebhookReceived(1), "1 delivery in 7 days, the last came"),
    (deliveries.WebhookReceived(0), "0 deliveries in 7 days, the last came"),
    (deliveries.WebhookReceived(1000, more=True), "more than 1,000 deliveries in 7 days, the last came"),
    (deliveries.WebhookNeverReceived(), "made, and none has come yet"),
    (deliveries.NoWebhookMissed(), "none in 7 days"),
    (deliveries.WebhooksMissed(1), "1 job was found by polling and never told of in 7 days, the last"),
    (
        deliveries.WebhooksMissedEarlier(2),
        "2 jobs were found by polling and never told of in 7 days, the last",
    ),
    (deliveries.WebhooksStopped(2), "2 jobs were found by polling and never told of in 7 days, the last"),
    (deliveries.DeliveriesDoubled(3), "3 in 7 days, each counted once, the last"),
    (
        deliveries.SignaturesWrong(2, "No."),
        "signature missing or wrong: 2 in 7 days. The last was answered “No”",
    ),
    (deliveries.DeliveriesTooLarge(2), "too large: 2 in 7 days"),
    (deliveries.DeliveriesUnreadable(2), "not readable: 2 in 7 days"),
    (
        deliveries.DeliveriesRefusedEarlier(1, "No.", "too large"),
        "too large: 1 in 7 days. The last was answered “No”",
    ),
    (deliveries.NoScaleSets(), "none: no pool serves a named size for all its repositories"),
    (deliveries.ScaleSetFailed("small", "It is gone.", True), "of “small”: It is gone; it answered"),
    (deliveries.ScaleSetsUnheard(("small", "large")), "nobody listens to all of small, large"),
    (deliveries.ScaleSetsHeard(("small",), True), "listens for small; the last message came"),
    (deliveries.ScaleSetsHeard(("small",), False), "listens for small; none has come yet"),
]
CONNECTIONS = [
    (connections.PollingLimited(), "its forge wants fewer calls, so we ask again"),
    (connections.ForgeDown(7200), "no answer for 2 h; next try"),
    (connections.NeverPolled(), "not asked yet"),
    (connections.PollingLate(), "no good answer since"),
    (connections.Polled(0.2, 30, True), "asked up to every 0.2 s, for something goes on; answered"),
    (connections.Polled(0.2, 30, False), "asked every 30 s, up to every 0.2 s while jobs go on; answered"),
    (connections.NoSignpostYet(), "made with the first job"),
    (connections.SignpostLate(1), "shows 1 label, and has not spoken since"),
    (connections.SignpostOnline(2), "shows 2 labels, spoke"),
    (connections.OrphansRemoved(1), "1 without a VM found there in 7 days and taken away, the last"),
    (
        connections.OrphansRemovedEarlier(2),
        "2 without a VM found there in 7 days and taken away, the last",
    ),
    (connections.RunnersNotCompared(), "not compared with our VMs yet, which is done every 30 s"),
    (connections.RunnersMatch(), "none there without a VM, looked"),
    (connections.RightsComplete(), "all that we need, looked"),
    (connections.TokenPermanent("never: tokens have no end"), "ends never: tokens have no end"),
    (connections.TokenExpires(), "ends"),
    (connections.TokenExpiresSoon(), "ends"),
    (connections.AppTokenMissing("farm"), "the App farm fetches one"),
    (connections.AppTokenRenewed("farm", 1800), "of the App farm, renewed by itself, next in 30 min; last"),
    (connections.AuthorityExpires("Corp Root"), "“Corp Root” ends"),
    (connections.AuthorityExpiresSoon("Corp Root"), "“Corp Root” ends"),
    (connections.CallsLeft(4000, 5000), "4,000 of 5,000 left this hour"),
    (connections.CallsLow(100, 5000), "100 of 5,000 left this hour"),
]
FINDINGS = [
    (findings.VersionRead("Gitea", "1.25.4"), "Gitea 1.25.4"),
    (findings.AppUsed("farm"), "farm"),
    (findings.TokenOwner("ann"), "of ann"),
    (findings.Visible("organisation", "acme"), "organisation acme"),
    (findings.Readable(), "may be read"),
    (findings.Writable(), "may be read and written to"),
    (findings.Listed(), "may be listed"),
    (findings.QueuePaused(), "may be listed; the queue is paused now"),
    (findings.NothingToTry(), "can’t be tried, for no repository is there"),
    (findings.Managed(), "may be created and removed"),
    (findings.RunnerGroupFound("open"), "open is there"),
    (
        findings.PublicNotServed("Default"),
        "not served: GitHub keeps their jobs from runners of the group Default",
    ),
    (findings.WebhookOfApp(), "the App’s own, for all that it is installed in"),
    (findings.WebhookNotChosen(), "none, by choice"),
    (findings.WebhookNotSent(), "none, its forge sends none"),
    (findings.WebhookCreated("7"), "created, its number there is 7"),
]
PROBLEMS = [
    (
        problems.VersionTooOld("gitea", "1.24.7", "1.25"),
        "This is Gitea 1.24.7: update it to 1.25 or newer. Older ones can't list the jobs that wait, so some would "
        "never be seen.",
    ),
    (problems.VersionTooOld("hutch", "1", "2"), "This is hutch 1: update it to 2 or newer."),
    (problems.TokenUnknown(URL, PAGE, SCOPES), f"{URL} does not know this token. {MAKE}."),
    (problems.TokenUnknown(URL), f"{URL} does not know this token. Copy the one that stands there now."),
    (
        problems.TokenOfOther("ann", "ben"),
        "The token belongs to ann, and only ben's own token can make runners for ben: sign in there as ben to make "
        "one.",
    ),
    (problems.TokenLacksScope("a:read", PAGE, SCOPES), f"The token lacks the scope a:read. {MAKE}."),
    (
        problems.TokenLacksScope("c:write", PAGE, SCOPES, optional=True),
        f"The token lacks the scope c:write, which a link does without. {MAKE} and c:write.",
    ),
    (problems.TokenLacksPermission("", PAGE, SCOPES), f"The token lacks a permission. {MAKE}."),
    (
        problems.TokenLacksPermission("a:read", PAGE, SCOPES),
        f"The token lacks the permission a:read. {MAKE}.",
    ),
    (
        problems.TokenPublicOnly(PAGE, SCOPES),
        f"The token sees only what is public. {MAKE}, for public and private alike.",
    ),
    (
        problems.AppLacksPermission("farm", "actions:read"),
        "The App farm lacks the permission actions:read. Whoever owns it there can ask for that, and you accept it.",
    ),
    (
        problems.AppSuspended(URL),
        f"{URL} has suspended the App’s installation: whoever owns it there can lift that.",
    ),
    (
        problems.NotOrganizationOwner(),
        "The token's user does not own this organisation: put that user into its team Owners, or use a token that an "
        "owner has made.",
    ),
    (
        problems.NotSiteAdmin(),
        "The token's user does not administer this instance: use a token of its site administrator, or link a single "
        "organisation.",
    ),
    (
        problems.NotRepositoryOwner(),
        "The token's user does not own this repository: use a token of its owner, or of one in a team of its "
        "organisation with administrator access. A collaborator may not make runners.",
    ),
    (
        problems.NotOwner("acme", "Must be an owner"),
        "The token's user does not own acme, or may not manage its runners: use a token of an owner. GitHub says "
        "“Must be an owner”.",
    ),
    (
        problems.NotForgeAdmin(),
        "The token's user is no administrator of this Woodpecker, and only one sees its queue.",
    ),
    (
        problems.NotForgeAdmin("ann"),
        "The token's user ann is no administrator of this Woodpecker, and only one sees its queue: whoever runs it "
        "can add ann to WOODPECKER_ADMIN, or give a token of an administrator.",
    ),
    (
        problems.NotVisible("organisation", "acme", URL),
        f"The token's user sees no organisation acme at {URL}: check its spelling.",
    ),
    (problems.ActionsOff(URL), f"Actions are switched off at {URL}: its administrator can switch them on."),
    (
        problems.ActionsOffHere("acme/app"),
        "Actions are switched off in acme/app: switch them on there under Settings, Repository, Units, Actions.",
    ),
    (
        problems.AgentsOff(),
        "This Woodpecker lets organisations have no agents of their own "
        "(WOODPECKER_DISABLE_USER_AGENT_REGISTRATION): link the whole instance, or have that lifted.",
    ),
    (
        problems.RunnerGroupMissing("acme", "own", URL),
        f"acme has no runner group “own” at {URL}: make it there, or name another.",
    ),
    (problems.ForgeRefusal("No."), "No."),
    (
        problems.WebhookFailed("No."),
        "Jobs are found by polling, since the webhook could not be made: No.",
    ),
    (
        problems.LeftAtForge("No."),
        "Unlinked, but its webhook or signpost may be left at the forge: No.",
    ),
    (problems.ScaleSetLeft("fh-1-small", "No."), "The scale set fh-1-small may be left at the forge: No."),
]
