"""Send an export to the person who asked for it.

Owns that it leaves once: that it was sent is saved before it is sent, and taken back only where the mail server surely did not get it.
The address is the one of the owner's account, and the permission is asked for anew. A large file goes as a link, which needs a sign-in.
"""
from __future__ import annotations

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.template.defaultfilters import filesizeformat

from syncapp import models, queue
from syncapp.engine.vocabulary import ExportContent, ExportFormat, ExportState
from syncapp.engine.wording import later, say
from syncapp.selectors import personal, words
from syncapp.services import exports, ports, postbox

logger = logging.getLogger(__name__)

LARGEST = 5 * 1024 * 1024
MOST_ATTEMPTS = 5
PAUSE = timedelta(minutes=2)
UNHEARD = timedelta(seconds=50)
SENT = later("Sent to the e-mail address of the account.")
FILED = later("Written into a file in VAR_DIR/mail: this installation has no mail server.")
NO_ADDRESS = later("Not sent: the account has no e-mail address. An administrator can enter one under Users.")
NO_SERVER = later("Not sent: this installation has no mail server. Download the file here.")
NOT_ALLOWED = later("Not sent: its owner may no longer export this.")
GIVEN_UP = later("Not sent: the mail server did not take it. Download the file here.")
LATER = later("The mail server did not take it; it is tried again.")


def send(*, export_id: int, outside: ports.Ports = ports.REAL) -> bool:
    """Send an export that is ready and was not sent yet. Tells whether it left."""
    export = models.ExportFile.objects.select_related("owner").filter(pk=export_id, state=ExportState.READY).first()
    if export is None or export.mailed_at is not None:
        return False
    refusal = _refusal(export)
    if refusal:
        models.ExportFile.objects.filter(pk=export.pk, mailed_at=None).update(mail_words=refusal, mail_attempts=MOST_ATTEMPTS)
        return False
    now = outside.now()
    mine = models.ExportFile.objects.filter(pk=export.pk, state=ExportState.READY, mailed_at=None, mail_attempts=export.mail_attempts)
    if not mine.update(mailed_at=now, mail_attempts=F("mail_attempts") + 1, beat_at=now, mail_words=""):
        return False
    try:
        _message(export).send()
    except (smtplib.SMTPException, OSError) as error:
        _took_back(export, error, now)
        return False
    models.ExportFile.objects.filter(pk=export.pk).update(mail_words=FILED if postbox.is_into_files() else SENT)
    logger.info("Export %s was sent.", export.pk)
    return True


def look_after(*, now: datetime) -> None:
    """Sweep up exports that were lost or are over, and those that were not sent."""
    exports.sweep(now=now)
    sweep(now=now)


def sweep(*, now: datetime) -> None:
    """Ring again for exports that are ready and were not sent."""
    waiting = models.ExportFile.objects.filter(state=ExportState.READY, mailed_at=None, mail_attempts__lt=MOST_ATTEMPTS)
    due = Q(mail_attempts=0, finished_at__lte=now - UNHEARD) | Q(mail_attempts__gt=0, beat_at__lte=now - PAUSE)
    for pk in waiting.filter(due).values_list("pk", flat=True):
        queue.enqueue_export_mail(export_id=pk)


def _refusal(export: models.ExportFile) -> str:
    """Why an export is not sent at all, "" where it is."""
    if not exports.may_export(export.owner, ExportContent(export.content)):
        return str(NOT_ALLOWED)
    if not postbox.is_there():
        return str(NO_SERVER)
    return "" if postbox.address(export.owner) else str(NO_ADDRESS)


def _message(export: models.ExportFile) -> EmailMessage:
    """The mail in the language and the time zone of its reader."""
    file = exports.path_of(export)
    attached = file is not None and export.size <= LARGEST
    with personal.as_read_by(user=export.owner):
        subject, body = _written(export, attached=attached)
    message = EmailMessage(
        subject=subject,
        body=body,
        to=[postbox.recipient(export.owner)],
        headers={"Message-ID": f"<export-{export.pk}-{export.digest[:16]}@{settings.PUBLIC_HOST}>"},
    )
    if attached and file is not None:
        message.attach(exports.file_name(export), file.read_bytes(), ExportFormat(export.format).content_type)
    return message


def _written(export: models.ExportFile, *, attached: bool) -> tuple[str, str]:
    """The subject and the text of a mail."""
    name, counted = " ".join(export.name.split()), ExportContent(export.content).counted(export.total)
    too_large = say("The file ({size}) is too large to be attached.", size=filesizeformat(export.size))
    body = (
        say("Your export “{name}” of {counted} is ready.", name=name, counted=counted),
        "",
        say("The file is attached.") if attached else too_large,
        say("You can download it until {moment}, after signing in:", moment=words.moment(export.expires_at)),
        f"{settings.PUBLIC_URL}{exports.page(export)}",
        "",
    )
    return say("Your export of {counted} is ready", counted=counted), "\n".join(body)


def _took_back(export: models.ExportFile, error: Exception, now: datetime) -> None:
    """Have it tried again. A log line names the kind of trouble only: the server's words hold addresses."""
    logger.warning("Export %s could not be sent (%s).", export.pk, type(error).__name__)
    told = LATER if export.mail_attempts + 1 < MOST_ATTEMPTS else GIVEN_UP
    models.ExportFile.objects.filter(pk=export.pk, mailed_at=now).update(mailed_at=None, mail_words=told)
