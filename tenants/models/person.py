from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from tenants.models.history import keep_history
from tenants.quiet_hours import check


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


@keep_history(without=("password", "last_login"))
class Person(AbstractBaseUser):
    """Somebody of the vendor, who logs in by e-mail address. What they may do, their memberships say.

    `quiet_hours`: as tenants/quiet_hours.py has them; empty: those of the tenant that an e-mail is about.
    """

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    wants_email = models.BooleanField("wants e-mail", default=True)
    quiet_hours = models.CharField(max_length=80, blank=True, default="", db_default="", validators=[check])
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name_plural = "people"
        ordering = ["email"]

    def get_full_name(self) -> str:
        """Return the name as Django's admin shows it."""
        return self.name

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def audit_name(self) -> str:
        """The audit trail names a person by their address."""
        return self.email

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this. Everybody who can log in may open the console; roles decide what is in it."""
        return self.is_active

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Django's own permissions are not used: tenants.permissions answers who may do what."""
        return False
