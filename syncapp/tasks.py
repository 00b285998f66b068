"""The worker's doors: each takes ids by name and makes one service call."""

from __future__ import annotations

from syncapp.services import export_mail, export_schedules, exports, imports, lane, notice_mail, runs, webhooks
from syncapp.services import ports as ports_module


def work(*, run_id: int, **_ignored: object) -> str:
    """Work on a run for one slice; then it is another's turn, or its own again when it is not finished."""
    outcome = lane.work(run_id=run_id)
    if not outcome.busy:
        runs.next_turn(run_id=run_id, again=outcome.again, now=ports_module.REAL.now())
    return outcome.state


def dispatch(**_ignored: object) -> int:
    """Start what is due. Called every minute."""
    return runs.dispatch(now=ports_module.REAL.now())


def start_asked(**_ignored: object) -> int:
    """Start the runs that events ask for, which had to wait."""
    return runs.start_asked(now=ports_module.REAL.now())


def write_export(*, export_id: int, **_ignored: object) -> str:
    """Write the file of an export."""
    return exports.write(export_id=export_id)


def send_export(*, export_id: int, **_ignored: object) -> bool:
    """Send an export to the person who asked for it."""
    return export_mail.send(export_id=export_id)


def sweep_exports(**_ignored: object) -> None:
    """Look after exports that were lost, remove old ones, begin the scheduled ones that are due. Called every minute."""
    export_schedules.look_after(now=ports_module.REAL.now())


def mail_notices(**_ignored: object) -> None:
    """Look for notices and summaries that are to be mailed. Called every minute."""
    notice_mail.look_after(now=ports_module.REAL.now())


def send_notice_mail(*, mail_id: int, **_ignored: object) -> bool:
    """Send one mail about notices."""
    return notice_mail.send(mail_id=mail_id)


def sweep_imports(**_ignored: object) -> int:
    """Remove uploaded files that nobody carried out. Called every minute."""
    return imports.sweep(now=ports_module.REAL.now())


def take_webhooks(**_ignored: object) -> int:
    """Take in the webhooks that wait."""
    return webhooks.work(now=ports_module.REAL.now())


def sweep_webhooks(**_ignored: object) -> None:
    """Take in what was left lying, remove what is old, and tell of accounts that went silent. Called every minute."""
    webhooks.look_after(now=ports_module.REAL.now())
