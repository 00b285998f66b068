"""What somebody signs in with beside the password.

Owns these two tables. Opens and checks nothing: `services.second_factor` does.
"""
from __future__ import annotations

from django.conf import settings
from django.db import models

from syncapp.engine.wording import later, say


class SecondFactor(models.Model):
    """The authenticator app of one person. On no page and in no export."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor", help_text=later("Whose app it is.")
    )
    secret = models.TextField(help_text=later("What the app and this program share. Sealed."))
    key_id = models.CharField(max_length=32, help_text=later("Which encryption key sealed it."))
    last_step = models.BigIntegerField(
        default=-1, help_text=later("The half minute of the latest code that was taken; none is taken twice.")
    )
    failures = models.PositiveIntegerField(default=0, help_text=later("Wrong codes since the last right one."))
    tried_at = models.DateTimeField(null=True, blank=True, help_text=later("When a code was last tried."))
    set_up_at = models.DateTimeField(help_text=later("When it was set up."))

    class Meta:
        default_permissions = ()
        verbose_name = later("second factor")
        verbose_name_plural = later("second factors")

    def __str__(self) -> str:
        return say("Second factor of user {number}", number=self.user_id)


class RecoveryCode(models.Model):
    """A code that stands in for the app once. Only a digest of it is kept."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, help_text=later("What the code is known again by."))
    used_at = models.DateTimeField(null=True, blank=True, help_text=later("Empty: still good."))

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="one_recovery_code_per_digest")]
        verbose_name = later("recovery code")
        verbose_name_plural = later("recovery codes")

    def __str__(self) -> str:
        return say("Recovery code {number}", number=self.pk)
