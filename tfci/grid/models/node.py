"""A node: the grid's own facts about it, and our track record of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Node(models.Model):
    """Memory in MiB, disk in GiB, durations in milliseconds."""

    network = models.CharField(max_length=20)
    node_id = models.PositiveBigIntegerField()
    farm = models.ForeignKey("grid.Farm", on_delete=models.PROTECT, related_name="nodes")
    country = models.CharField(max_length=80)
    region = models.CharField(max_length=80)
    city = models.CharField(max_length=120, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)

    up = models.BooleanField()
    healthy = models.BooleanField()
    certified = models.BooleanField()
    dedicated = models.BooleanField()
    total_cru = models.PositiveIntegerField()
    total_mru = models.PositiveIntegerField()
    total_sru = models.PositiveIntegerField()
    used_cru = models.PositiveIntegerField()
    used_mru = models.PositiveIntegerField()
    used_sru = models.PositiveIntegerField()
    free_cru = models.PositiveIntegerField()
    free_mru = models.PositiveIntegerField()
    free_sru = models.PositiveIntegerField()
    total_hru = models.PositiveIntegerField(default=0, db_default=0)
    used_hru = models.PositiveIntegerField(default=0, db_default=0)
    uptime = models.PositiveBigIntegerField(default=0)
    features = models.JSONField(default=list)
    standby = models.BooleanField(default=False, db_default=False)
    num_gpu = models.PositiveIntegerField(default=0, db_default=0)
    rented = models.BooleanField(default=False, db_default=False)
    rentable = models.BooleanField(default=False, db_default=False)
    gateway = models.BooleanField(default=False, db_default=False)
    ipv6 = models.BooleanField(default=False, db_default=False)
    free_ips = models.PositiveIntegerField(default=0, db_default=0)  # of its farm
    upload = models.PositiveBigIntegerField(default=0, db_default=0)  # bits a second
    download = models.PositiveBigIntegerField(default=0, db_default=0)
    price_usd = models.FloatField(null=True)  # the whole node a month, as the grid lists it
    seen_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)  # the grid no longer lists it
    opted_out_at = models.DateTimeField(null=True)  # it takes no VM of this chain any more

    deploys = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    last_failure_at = models.DateTimeField(null=True)
    last_failure = models.CharField(
        max_length=40, blank=True, db_default=""
    )  # a reason's code, and its parameters
    last_failure_params = models.JSONField(null=True)
    blocked_until = models.DateTimeField(null=True)
    steal = models.PositiveSmallIntegerField(null=True)  # thousandths that others took of our VMs
    steal_at = models.DateTimeField(null=True)
    deploy_ms = ArrayField(models.PositiveIntegerField(), default=list)  # the last 20, newest last
    boot_ms = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "node_id"], name="one_row_a_node")]
        indexes = [models.Index(fields=["network", "up", "healthy", "country"], name="node_finder")]

    def __str__(self) -> str:
        return f"node {self.node_id}"
