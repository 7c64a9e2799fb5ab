"""Apps of a GitHub that the operator has made, and where they are installed."""

from django.db import models
from django.utils.translation import gettext_lazy

from tfci.core.reasons import Reason
from tfci.core.vault import SealedField
from tfci.forges import problems
from tfci.forges.models.connection import unguessable


class GitHubApp(models.Model):
    """One at most for each GitHub and reach, for all teams."""

    class Reach(models.TextChoices):
        ORG = "org", gettext_lazy("whole organizations")
        REPO = "repo", gettext_lazy("single repositories")

    url = models.URLField(max_length=300)
    authority = models.TextField(blank=True, db_default="")  # of its server, as Connection has one
    reach = models.CharField(max_length=10, choices=Reach)
    app_id = models.BigIntegerField()
    slug = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    client_id = models.CharField(max_length=200)
    client_secret = SealedField()
    webhook_secret = SealedField()
    pem = SealedField()  # its private key
    address = models.CharField(max_length=40, unique=True, default=unguessable)  # of its one webhook
    made_at = models.DateTimeField()
    deliveries_read_at = models.DateTimeField(null=True)  # when failed ones were last looked for
    problem = models.CharField(
        max_length=40, blank=True, db_default=""
    )  # of its last call; "" while all is well
    problem_params = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["url", "reach"], name="one_app_a_github_and_reach")]

    def __str__(self) -> str:
        return self.name

    @property
    def typed_problem(self) -> Reason | None:
        return problems.read(self.problem, self.problem_params) if self.problem else None


class Installation(models.Model):
    """Written by installations.py and tokens.py alone, from what GitHub answers."""

    app = models.ForeignKey(GitHubApp, on_delete=models.PROTECT, related_name="installations")
    installation_id = models.BigIntegerField()
    account = models.CharField(max_length=200, blank=True)  # "" until GitHub was asked
    account_type = models.CharField(max_length=20, blank=True)  # Organization, User
    permissions = models.JSONField(default=dict)
    suspended_at = models.DateTimeField(null=True)  # ours: when we heard of it
    gone_at = models.DateTimeField(null=True)  # likewise
    read_at = models.DateTimeField(null=True)
    token = SealedField(null=True)
    token_ends_at = models.DateTimeField(null=True)
    minted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(db_index=True)  # when to read it and renew its token next

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["app", "installation_id"], name="one_row_an_installation")
        ]

    def __str__(self) -> str:
        return f"{self.app} at {self.account}"
