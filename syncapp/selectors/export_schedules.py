"""Scheduled exports as their list tells of them: when each is made, and what came of it last."""
from __future__ import annotations

from syncapp import models
from syncapp.engine.vocabulary import ExportContent, ExportRhythm, ExportState, Weekday
from syncapp.engine.wording import say
from syncapp.selectors import words


def timing(schedule: models.ExportSchedule) -> str:
    """Say when it is made."""
    rhythm, hour = ExportRhythm(schedule.rhythm), f"{schedule.hour:02}:00"
    if rhythm is ExportRhythm.WEEKLY:
        return say("Every week on {day} at {hour} UTC", day=Weekday(schedule.weekday).label, hour=hour)
    if rhythm is ExportRhythm.MONTHLY:
        return say("Every month on day {day} at {hour} UTC", day=schedule.day, hour=hour)
    return say("Every day at {hour} UTC", hour=hour)


def result(schedule: models.ExportSchedule) -> str:
    """Say what came of it last."""
    last = schedule.last_export
    if schedule.last_words or last is None:
        return schedule.last_words or say("Not made yet")
    state = ExportState(last.state)
    if state in (ExportState.READY, ExportState.EXPIRED):
        return f"{ExportContent(last.content).counted(last.total)}, {words.moment(last.finished_at)}"
    return last.error if state is ExportState.FAILED else state.label
