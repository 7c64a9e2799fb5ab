"""The statuses of a job, in Gitea's API words; one that has ended has its conclusion for a status."""

FINAL = ("success", "failure", "cancelled", "skipped")
OPEN = ("queued", "waiting", "in_progress")
QUERIES = {  # what ?status= may ask for
    "queued": ("queued",),
    "in_progress": ("in_progress",),
    "completed": FINAL,
    "success": ("success",),
    "failure": ("failure",),
    **dict.fromkeys(("pending", "waiting", "requested", "action_required"), ("waiting",)),
    **dict.fromkeys(("skipped", "neutral"), ("skipped",)),
    **dict.fromkeys(("cancelled", "timed_out"), ("cancelled",)),
}
