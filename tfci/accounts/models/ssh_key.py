"""A public key of a person, for SSH."""

from django.conf import settings
from django.db import models


class SSHKey(models.Model):
    """`text` is its kind and its data, as OpenSSH writes them, without a comment; `name` is that comment."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ssh_keys")
    name = models.CharField(max_length=100)
    text = models.TextField()
    fingerprint = models.CharField(max_length=60)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "fingerprint"], name="a_persons_key_stands_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.fingerprint})"
