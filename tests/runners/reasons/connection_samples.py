"""One of each reason at least of what concerns connections, with its sentence."""

from runners.reasons import connections, deliveries
from tfci.forges import findings, problems

URL, PAGE, SCOPES = "https://git.example.org", "https://git.example.org/tokens", ("a:read", "b:write")
MAKE = "Create a new one at https://git.example.org/tokens with a:read, b:write"
DELIVERIES = [
    (deliveries.PollingOnly(), "none, as chosen: jobs are found by polling only"),
    (deliveries.NoWebhooks(), "not supported by the forge: jobs are found by polling only"),
    (deliveries.WebhookNotCreated(), "not created"),
    (deliveries.WebhookReceived(1), "1 delivery in 7 days, most recent"),
    (deliveries.WebhookReceived(0), "0 deliveries in 7 days, most recent"),
    (deliveries.WebhookReceived(1000, more=True), "more than 1,000 deliveries in 7 days, most recent"),
    (deliveries.WebhookNeverReceived(), "created, but no delivery has arrived yet"),
    (deliveries.NoWebhookMissed(), "none in 7 days"),
    (deliveries.WebhooksMissed(1), "1 job was found by polling without a webhook in 7 days, most recent"),
    (
        deliveries.WebhooksMissedEarlier(2),
        "2 jobs were found by polling without a webhook in 7 days, most recent",
    ),
    (deliveries.WebhooksStopped(2), "2 jobs were found by polling without a webhook in 7 days, most recent"),
    (deliveries.DeliveriesDoubled(3), "3 in 7 days, each counted once, most recent"),
    (
        deliveries.SignaturesWrong(2, "No."),
        "signature missing or wrong: 2 in 7 days. Last response: “No”",
    ),
    (deliveries.DeliveriesTooLarge(2), "too large: 2 in 7 days"),
    (deliveries.DeliveriesUnreadable(2), "unreadable: 2 in 7 days"),
    (
        deliveries.DeliveriesRefusedEarlier(1, "No.", "too large"),
        "too large: 1 in 7 days. Last response: “No”",
    ),
    (deliveries.NoScaleSets(), "none: no pool serves a named size for all its repositories"),
    (deliveries.ScaleSetFailed("small", "It is gone.", True), "of “small”: It is gone; last answer"),
    (deliveries.ScaleSetsUnheard(("small", "large")), "no process listens to all of small, large"),
    (deliveries.ScaleSetsHeard(("small",), True), "listening for small; last message"),
    (deliveries.ScaleSetsHeard(("small",), False), "listening for small; no message yet"),
]
CONNECTIONS = [
    (connections.PollingLimited(), "rate-limited by the forge; next poll"),
    (connections.ForgeDown(7200), "no answer for 2 h; next attempt"),
    (connections.NeverPolled(), "not polled yet"),
    (connections.PollingLate(), "last successful poll"),
    (connections.Polled(0.2, 30, True), "polled up to every 0.2 s because jobs are active; last answer"),
    (
        connections.Polled(0.2, 30, False),
        "polled every 30 s, up to every 0.2 s while jobs are active; last answer",
    ),
    (connections.NoSignpostYet(), "created with the first job"),
    (connections.SignpostLate(1), "shows 1 label, offline since"),
    (connections.SignpostOnline(2), "shows 2 labels, last contact"),
    (connections.OrphansRemoved(1), "1 without a VM removed in 7 days, most recent"),
    (
        connections.OrphansRemovedEarlier(2),
        "2 without a VM removed in 7 days, most recent",
    ),
    (connections.RunnersNotCompared(), "not compared with our VMs yet; Farmhand compares them every 30 s"),
    (connections.RunnersMatch(), "every runner has a VM, checked"),
    (connections.RightsComplete(), "all required permissions granted, checked"),
    (connections.TokenPermanent("never: tokens have no end"), "expires never: tokens have no end"),
    (connections.TokenExpires(), "expires"),
    (connections.TokenExpiresSoon(), "expires"),
    (connections.AppTokenMissing("farm"), "the App farm is requesting a token"),
    (
        connections.AppTokenRenewed("farm", 1800),
        "of the App farm, renewed automatically, next in 30 min; last renewal",
    ),
    (connections.AuthorityExpires("Corp Root"), "“Corp Root” expires"),
    (connections.AuthorityExpiresSoon("Corp Root"), "“Corp Root” expires"),
    (connections.CallsLeft(4000, 5000), "4,000 of 5,000 left this hour"),
    (connections.CallsLow(100, 5000), "100 of 5,000 left this hour"),
]
FINDINGS = [
    (findings.VersionRead("Gitea", "1.25.4"), "Gitea 1.25.4"),
    (findings.AppUsed("farm"), "farm"),
    (findings.TokenOwner("ann"), "of ann"),
    (findings.Visible("organization", "acme"), "organization acme"),
    (findings.Readable(), "can be read"),
    (findings.Writable(), "can be read and written"),
    (findings.Listed(), "can be listed"),
    (findings.QueuePaused(), "can be listed; the queue is paused"),
    (findings.NothingToTry(), "can’t be tested because there is no repository"),
    (findings.Managed(), "can be created and removed"),
    (findings.RunnerGroupFound("open"), "open found"),
    (
        findings.PublicNotServed("Default"),
        "not served: GitHub does not give their jobs to runners of the group Default",
    ),
    (findings.WebhookOfApp(), "the App’s own, for all of its installations"),
    (findings.WebhookNotChosen(), "none, as chosen"),
    (findings.WebhookNotSent(), "not supported by the forge"),
    (findings.WebhookCreated("7"), "created, ID 7"),
]
PROBLEMS = [
    (
        problems.VersionTooOld("gitea", "1.24.7", "1.25"),
        "This is Gitea 1.24.7. Update it to 1.25 or newer. Older versions can't list queued jobs, so "
        "Farmhand would miss some.",
    ),
    (problems.VersionTooOld("hutch", "1", "2"), "This is hutch 1. Update it to 2 or newer."),
    (problems.TokenUnknown(URL, PAGE, SCOPES), f"{URL} rejected the token. {MAKE}."),
    (problems.TokenUnknown(URL), f"{URL} rejected the token. Copy the token that is shown there now."),
    (
        problems.TokenOfOther("ann", "ben"),
        "The token belongs to ann, but only ben's own token can create runners for ben. Sign in as ben "
        "at the forge and create a token there.",
    ),
    (problems.TokenLacksScope("a:read", PAGE, SCOPES), f"The token lacks the scope a:read. {MAKE}."),
    (
        problems.TokenLacksScope("c:write", PAGE, SCOPES, optional=True),
        f"The token lacks the scope c:write, which is optional for a connection. {MAKE} and c:write.",
    ),
    (problems.TokenLacksPermission("", PAGE, SCOPES), f"The token lacks a permission. {MAKE}."),
    (
        problems.TokenLacksPermission("a:read", PAGE, SCOPES),
        f"The token lacks the permission a:read. {MAKE}.",
    ),
    (
        problems.TokenPublicOnly(PAGE, SCOPES),
        "The token can only access public repositories, but needs access to public and private ones. "
        f"{MAKE}.",
    ),
    (
        problems.AppLacksPermission("farm", "actions:read"),
        "The App farm lacks the permission actions:read. Its owner can request it at GitHub; then you accept "
        "the request.",
    ),
    (
        problems.AppSuspended(URL),
        f"{URL} has suspended the App’s installation. Its owner there can unsuspend it.",
    ),
    (
        problems.NotOrganizationOwner(),
        "The token's user does not own this organization. Add the user to its Owners team, or use a "
        "token of an owner.",
    ),
    (
        problems.NotSiteAdmin(),
        "The token's user is not an administrator of this instance. Use a token of a site administrator, "
        "or connect a single organization.",
    ),
    (
        problems.NotRepositoryOwner(),
        "The token's user does not own this repository. Use a token of its owner, or of a member of a "
        "team with administrator access in its organization. Collaborators can't create runners.",
    ),
    (
        problems.AppUninstalled("acme", "farmhand"),
        "acme has uninstalled the App farmhand, so this connection has ended.",
    ),
    (
        problems.NotOwner("acme", "Must be an owner"),
        "The token's user does not own acme or can't manage its runners. Use a token of an owner. "
        "GitHub's answer: “Must be an owner”.",
    ),
    (
        problems.NotForgeAdmin(),
        "The token's user is not an administrator of this Woodpecker, and only administrators see its queue.",
    ),
    (
        problems.NotForgeAdmin("ann"),
        "The token's user ann is not an administrator of this Woodpecker, and only administrators see "
        "its queue. Add ann to WOODPECKER_ADMIN, or use a token of an administrator.",
    ),
    (
        problems.NotVisible("organization", "acme", URL),
        f"The token's user can't find the organization acme at {URL}. Check the spelling.",
    ),
    (problems.ActionsOff(URL), f"Actions are disabled at {URL}. Its administrator can enable them."),
    (
        problems.ActionsOffHere("acme/app"),
        "Actions are disabled in acme/app. Enable them there under Settings, Repository, Units, Actions.",
    ),
    (
        problems.AgentsOff(),
        "This Woodpecker does not allow agents of organizations "
        "(WOODPECKER_DISABLE_USER_AGENT_REGISTRATION). Connect the whole instance, or ask its "
        "administrator to allow them.",
    ),
    (
        problems.RunnerGroupMissing("acme", "own", URL),
        f"acme has no runner group “own” at {URL}. Create it there, or choose another.",
    ),
    (problems.ForgeRefusal("No."), "No."),
    (problems.ForgeLimited("Later."), "Later."),
    (problems.NoForgeAnswer("It did not answer in time."), "It did not answer in time."),
    (problems.GoneAtForge("No such job."), "No such job."),
    (problems.ScaleSetTaken("Another listener has it."), "Another listener has it."),
    (
        problems.WebhookFailed("No."),
        "Farmhand could not create the webhook, so jobs are found by polling: No.",
    ),
    (
        problems.LeftAtForge("No."),
        "Disconnected, but its webhook or signpost may still exist at the forge: No.",
    ),
    (
        problems.ScaleSetLeft("fh-1-small", "No."),
        "The scale set fh-1-small may still exist at the forge: No.",
    ),
]
