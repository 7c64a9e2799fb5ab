"""A person who signs in, by email."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now

from tfci.core.optional import present


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A person with that address in lower case; without a password they can sign in by code only."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=present(email).lower())


class User(AbstractBaseUser):
    """Rights come from memberships alone (tfci/accounts/access.py), so Django's own permissions are left out.
    `is_staff` is the operator of this installation."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=50, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(db_default=Now())
    sign_in_changed_at = models.DateTimeField(
        null=True
    )  # address, password, second factor or forge's sign-in

    objects = UserManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def called(self) -> str:
        """What to call them: the name they gave, or what stands before the @."""
        return self.name or self.email.partition("@")[0].partition("+")[0].capitalize()
