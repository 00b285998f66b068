"""What a person wants to be told and how, and the mails about it.

Owns these three tables. Sends nothing: `services.notice_mail` does.
"""
from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncapp.engine import telling, vocabulary
from syncapp.engine.wording import later, say
from syncapp.models import notices


def usually_at_once() -> list[str]:
    """The kinds that are mailed at once to who chose nothing."""
    return [kind.value for kind in telling.USUALLY_AT_ONCE]


class PersonalSettings(models.Model):
    """How one person reads times and is told by e-mail. Without a row everything is as the defaults say."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal", help_text=later("Whose settings these are.")
    )
    time_zone = models.CharField(
        max_length=64, blank=True,
        help_text=later("All times on pages and in e-mails are shown in it. Empty: the time zone of this installation."),
    )
    language = models.CharField(
        max_length=10, blank=True, help_text=later("The language of pages and e-mails. Empty: the language of this installation.")
    )
    at_once = models.JSONField(
        later("notices by e-mail at once"), default=usually_at_once, blank=True,
        help_text=later("The kinds of which a mail comes within a minute."),
    )
    digest = models.CharField(
        later("summary by e-mail"), max_length=10, choices=vocabulary.Digest.choices(), default=vocabulary.Digest.DAILY,
        help_text=later("New notices, stopped syncs, failures and decisions that wait. Nothing is sent where there is nothing to tell."),
    )
    not_in_summary = models.JSONField(
        later("left out of the summary"), default=list, blank=True, help_text=later("The kinds that the summary does not tell of."),
    )
    digest_hour = models.PositiveSmallIntegerField(
        later("hour of the summary"), default=8,
        help_text=later("In your time zone. If it has passed when you choose it, today's comes at once."),
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(digest_hour__lte=23), name="an_hour_of_the_day")]
        default_permissions = ()
        verbose_name = later("personal settings")
        verbose_name_plural = later("my settings")

    def __str__(self) -> str:
        return say("Settings of {who}", who=self.user)


class NoticeMail(models.Model):
    """One mail to one person: about a notice at once, or the summary of a day. It leaves once at most."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text=later("Who gets it."))
    notice = models.ForeignKey(
        notices.Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        help_text=later("The notice that it tells of at once."),
    )
    day = models.DateField(null=True, blank=True, help_text=later("The day whose summary it is, in the time zone of the person."))
    state = models.CharField(
        max_length=10, choices=vocabulary.MailState.choices(), default=vocabulary.MailState.WAITING, help_text=later("What became of it.")
    )
    attempts = models.PositiveSmallIntegerField(default=0, help_text=later("How often sending it was tried."))
    words = models.CharField(max_length=300, blank=True, help_text=later("Why it was not sent."))
    created_at = models.DateTimeField(help_text=later("When it became due."))
    tried_at = models.DateTimeField(null=True, blank=True, help_text=later("When sending it was last begun."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "notice"], name="one_mail_per_notice"),
            models.UniqueConstraint(fields=["user", "day"], name="one_summary_per_day"),
            models.CheckConstraint(
                condition=Q(notice__isnull=True, day__isnull=False) | Q(notice__isnull=False, day__isnull=True),
                name="a_mail_is_about_a_notice_or_a_day",
            ),
        ]
        default_permissions = ()
        ordering = ["-created_at", "-pk"]
        verbose_name = later("mail about notices")
        verbose_name_plural = later("mails about notices")

    def __str__(self) -> str:
        return say("Summary of {day}", day=self.day) if self.notice is None else say("At once: {notice}", notice=self.notice)
